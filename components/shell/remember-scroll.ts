/** Positions in px: of the page under "page", of a box under its `data-keep-scroll`. */
type Positions = Record<string, number>;

/** In the browser's history entry, beside what the router keeps there. */
const stateKey = "usherScroll";
/** How long a page may take to become tall enough, in ms. */
const patience = 5_000;
/** Safari accepts 100 history changes in ten seconds. */
const savesApart = 250;

/**
 * Keeps the scroll position of pages and boxes in the history, and restores it; see workspace-shell.tsx.
 *
 * @returns a function that stops it
 */
export function rememberScroll(): () => void {
  let wanted: Positions = {};
  let until = 0;
  let frame = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function save() {
    clearTimeout(timer);
    timer = undefined;
    const { state } = window.history;
    // Positions still being restored must not be overwritten.
    const positions = { ...positionsNow(), ...wanted };
    if (!state || JSON.stringify(state[stateKey]) === JSON.stringify(positions)) return;
    try {
      window.history.replaceState({ ...state, [stateKey]: positions }, "");
    } catch {
      // Safari, as above: the next save includes it.
    }
  }

  function onScroll() {
    timer ??= setTimeout(save, savesApart);
  }

  function restore(state: unknown) {
    const kept = (state as { [stateKey]?: Positions } | null)?.[stateKey];
    clearTimeout(timer);
    timer = undefined;
    wanted = { ...kept };
    until = performance.now() + patience;
    cancelAnimationFrame(frame);
    goOn();
  }

  function goOn() {
    for (const [name, top] of Object.entries(wanted)) {
      const box = boxOf(name);
      if (!box || box.scrollHeight - box.clientHeight < top - 1) continue;
      box.scrollTop = top;
      delete wanted[name];
    }
    if (Object.keys(wanted).length === 0 || performance.now() > until) return giveUp();
    frame = requestAnimationFrame(goOn);
  }

  /** A person who scrolls, types or presses has moved on from where they were. */
  function giveUp() {
    wanted = {};
    cancelAnimationFrame(frame);
  }

  const onPopState = (event: PopStateEvent) => restore(event.state);
  const onClick = () => save();
  const byHand = ["wheel", "touchmove", "keydown", "pointerdown"] as const;
  document.addEventListener("scroll", onScroll, { capture: true, passive: true });
  document.addEventListener("click", onClick, { capture: true });
  window.addEventListener("popstate", onPopState);
  window.addEventListener("pagehide", save);
  for (const kind of byHand) window.addEventListener(kind, giveUp, { passive: true });
  restore(window.history.state);
  return () => {
    giveUp();
    clearTimeout(timer);
    document.removeEventListener("scroll", onScroll, { capture: true });
    document.removeEventListener("click", onClick, { capture: true });
    window.removeEventListener("popstate", onPopState);
    window.removeEventListener("pagehide", save);
    for (const kind of byHand) window.removeEventListener(kind, giveUp);
  };
}

function positionsNow(): Positions {
  const positions: Positions = { page: Math.round(window.scrollY) };
  for (const box of document.querySelectorAll<HTMLElement>("[data-keep-scroll]")) {
    positions[box.dataset.keepScroll ?? ""] = Math.round(box.scrollTop);
  }
  return positions;
}

function boxOf(name: string): Element | null {
  if (name === "page") return document.scrollingElement;
  return document.querySelector(`[data-keep-scroll="${CSS.escape(name)}"]`);
}
