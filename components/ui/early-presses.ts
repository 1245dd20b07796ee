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

/**
 * Presses what was pressed too early. Call it when the root is hydrated: parts of the page follow later, when their
 * code has arrived. React drops a press on such a part unless it can hydrate it at once, and may render it again, with
 * other elements.
 *
 * @returns stops it
 */
export function pressAgain(): () => void {
  const early = window.endEarlyPresses?.();
  let awaited: HTMLElement | null = null;
  const wait = (button: HTMLElement) => {
    awaited = button;
    const from = performance.now();
    const look = () => {
      if (awaited !== button || performance.now() - from > mostMs) return;
      const now = currentOf(button);
      if (now && isHydrated(now)) now.click();
      else requestAnimationFrame(look);
    };
    look();
  };
  const watch = ({ target }: Event) => {
    awaited = null;
    const button = target instanceof Element ? target.closest<HTMLElement>(pressable) : null;
    if (!button || isHydrated(button)) return;
    // After the event, in which React may have hydrated it.
    setTimeout(() => isHydrated(button) || wait(button));
  };
  addEventListener("click", watch, true);
  // After React's commit: within it, React cannot hydrate the rest of the page for a press.
  queueMicrotask(() => {
    if (early?.isConnected) early.click();
    else if (early) wait(early);
  });
  return () => removeEventListener("click", watch, true);
}

const pressable = "button[type=button]";
/** Longer ago, a person no longer expects it. */
const mostMs = 30_000;

/** The same button, or the only one of its name where the page was rendered again; undefined: there is none. */
function currentOf(button: HTMLElement): HTMLElement | undefined {
  if (button.isConnected) return button;
  const all = [...document.querySelectorAll<HTMLElement>(pressable)];
  const [only, ...others] = all.filter((each) => nameOf(each) === nameOf(button));
  return others.length === 0 ? only : undefined;
}

function nameOf(button: HTMLElement): string | null {
  return button.ariaLabel ?? button.textContent;
}

/** React keeps the properties of an element on it, under a name that begins like this. */
function isHydrated(element: Element): boolean {
  return Object.keys(element).some((name) => name.startsWith("__reactProps$"));
}
