/** Longer ago, a person no longer expects it. */
const mostMs = 30_000;

/** Presses a button once it is hydrated, unless the person presses something else before. */
export function pressLate(button: HTMLElement): void {
  const from = performance.now();
  let isOver = false;
  const giveUp = () => {
    isOver = true;
  };
  addEventListener("click", giveUp, { capture: true, once: true });
  const look = () => {
    if (isOver || performance.now() - from > mostMs) return;
    const now = currentOf(button);
    if (now && isHydrated(now)) now.click();
    else requestAnimationFrame(look);
  };
  look();
}

/** The same button or, if the page was rendered again, the only one with its name. */
function currentOf(button: HTMLElement): HTMLElement | undefined {
  if (button.isConnected) return button;
  const all = [...document.querySelectorAll<HTMLElement>("button[type=button]")];
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
