const minute = 60_000;
const hour = 60 * minute;

/** The pauses between attempts, in ms: ten attempts within 25 hours. */
const pausesMs: readonly number[] = [
  ...[minute, 5 * minute, 15 * minute, 30 * minute],
  ...[hour, 3 * hour, 6 * hour, 6 * hour, 8 * hour],
];

/** How an attempt failed. `final`: this mail will never be accepted. */
export interface MailFailure {
  final: boolean;
  /** In plain words, without an address and without the server's text. */
  problem: string;
}

/** @param attempts including the failed one. Null: give up */
export function decideRetry(
  { final }: Pick<MailFailure, "final">,
  attempts: number,
  now: Date,
): Date | null {
  const pauseMs = final ? undefined : pausesMs[attempts - 1];
  return pauseMs === undefined ? null : new Date(now.getTime() + pauseMs);
}
