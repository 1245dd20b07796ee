const dayMs = 24 * 60 * 60_000;

/** Without a request a session ends after this long. */
export const sessionIdleMs = 14 * dayMs;
/**
 * However often it is used, a session ends after this long.
 * @see https://pages.nist.gov/800-63-3/sp800-63b.html#sec4 §4.1.3: at most 30 days
 */
export const sessionLongestMs = 30 * dayMs;
/** How precisely the database knows when a session was last used: it is written this often at most. */
export const sessionSeenEveryMs = 5 * 60_000;

interface SessionTimes {
  lastSeenAt: Date;
  expiresAt: Date;
}

export function sessionHasEnded({ lastSeenAt, expiresAt }: SessionTimes, now: Date): boolean {
  return expiresAt <= now || now.getTime() - lastSeenAt.getTime() >= sessionIdleMs;
}
