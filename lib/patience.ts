/**
 * `work`, or what `instead` makes where it takes longer. The work goes on: whoever waits leaves, and no
 * request that was sent is lost.
 */
export async function patiently<T, U>(
  work: Promise<T>,
  forMs: number,
  instead: () => U,
): Promise<T | U> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<U>((resolve) => {
    timer = setTimeout(() => resolve(instead()), forMs);
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}
