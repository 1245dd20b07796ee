declare global {
  interface Window {
    /** Set by `keepEarlyPresses`. */
    endEarlyPresses?: () => HTMLElement | null;
  }
}

/**
 * A script for the start of the page, which keeps what is pressed or submitted before the page is hydrated.
 *
 * A form would reload the page with empty fields. Once hydrated, it has prevented that by the time its event reaches the
 * window. Of buttons, the last one pressed counts: a press elsewhere means that the person has gone on.
 */
export const keepEarlyPresses = `addEventListener("submit",e=>{if(!e.defaultPrevented){e.preventDefault();e.target.submittedEarly=true}});(()=>{let pressed=null;const keep=e=>{pressed=e.target.closest("button[type=button]")};addEventListener("click",keep,true);endEarlyPresses=()=>{removeEventListener("click",keep,true);const last=pressed;pressed=null;return last}})()`;

/** Presses what was pressed too early. Call it when the root is hydrated. */
export function pressAgain(): void {
  const pressed = window.endEarlyPresses?.();
  // After React's commit: within it, React cannot hydrate the rest of the page for a press.
  queueMicrotask(() => pressed?.click());
}
