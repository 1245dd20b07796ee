declare global {
  interface Window {
    /**
     * Set by `keepEarlyPresses`: presses what was pressed too early, and ends keeping.
     * @param late called with a button that is not hydrated even now
     */
    endEarlyPresses?: (late: (button: HTMLElement) => void) => void;
  }
}

/**
 * A script for the start of the page, which keeps what is pressed or submitted before the page is hydrated.
 *
 * A form would reload the page with empty fields. Once hydrated, it has prevented that by the time its event reaches the
 * window. Of buttons, the last one pressed counts: a press elsewhere means that the person has gone on. It is pressed
 * again after React's commit: within it, React cannot hydrate the rest of the page for a press.
 */
export const keepEarlyPresses = `addEventListener("submit",e=>{if(!e.defaultPrevented){e.preventDefault();e.target.submittedEarly=true}});(()=>{let pressed=null;const keep=e=>{pressed=e.target.closest("button[type=button]")};addEventListener("click",keep,true);endEarlyPresses=late=>{removeEventListener("click",keep,true);const last=pressed;pressed=null;if(last)queueMicrotask(()=>{if(last.isConnected)last.click();if(!Object.keys(last).some(name=>name.startsWith("__reactProps$")))late(last)})}})()`;

/**
 * Call it when the root is hydrated: parts of the page follow later, when their code has arrived, and React may render
 * them again, with other elements.
 */
export function pressAgain(): void {
  window.endEarlyPresses?.(
    (button) => void import("./late-press").then((m) => m.pressLate(button)),
  );
}
