/** `npm run trials` runs each in full; a run among the other tests runs a part. */
export const isFull = process.env.USHER_TRIALS === "full";

/** How often, or how many. */
export function sized(part: number, whole: number): number {
  return isFull ? whole : part;
}
