/** `npm run trials` asks for the whole of each; a run among the other tests for a part. */
export const isFull = process.env.USHER_TRIALS === "full";

/** How often, or how many. */
export function sized(part: number, whole: number): number {
  return isFull ? whole : part;
}
