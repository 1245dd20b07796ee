const tickMs = 25;

/**
 * Counts the ms in which this process could run: a tick that comes late counts as one and a half at most. On a busy machine a
 * limit of time is noticed late, which is slow and not wrong.
 * @returns the ms until now, and ends the count
 */
export function startStopwatch(): () => number {
  let ms = 0;
  let last = performance.now();
  const count = () => {
    const now = performance.now();
    ms += Math.min(now - last, 1.5 * tickMs);
    last = now;
  };
  const timer = setInterval(count, tickMs);
  return () => {
    clearInterval(timer);
    count();
    return ms;
  };
}
