/**
 * A signal for one step or one call of a turn: what listens to it goes with it, however many steps
 * the turn takes.
 */
export function followSignal(outer: AbortSignal): { signal: AbortSignal; letGo(): void } {
  const inner = new AbortController();
  const abort = () => inner.abort(outer.reason);
  if (outer.aborted) abort();
  outer.addEventListener("abort", abort, { once: true });
  return { signal: inner.signal, letGo: () => outer.removeEventListener("abort", abort) };
}
