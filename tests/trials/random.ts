/**
 * Numbers in [0, 1) that look random and are the same in every run, so that a failure can be reproduced.
 * @see https://en.wikipedia.org/wiki/Xorshift
 */
export function random(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
