import type { RevocationOutcome } from "@/lib/db/revocations/token-revocation";
import type { TokenRevocation } from "@/lib/oauth/revocation";

const minuteMs = 60_000;
/** On the first day every sweep tries again, on later days once an hour. */
const longestDelayMs = { firstDay: 4 * minuteMs, later: 60 * minuteMs };
const dayMs = 24 * 60 * minuteMs;

interface Tried {
  /** Including this one. */
  attempts: number;
  createdAt: Date;
  giveUpAt: Date;
}

export type RevocationDecision =
  | { ended: true; outcome: Exclude<RevocationOutcome, "PENDING">; answer: string }
  | { ended: false; nextAttemptAt: Date; answer: string };

/**
 * The outcome of a grant whose provider was notified, or could not be.
 * @param outcomes of its tokens; null: there is no revocation URL
 */
export function decideRevocation(
  outcomes: readonly TokenRevocation[] | null,
  tried: Tried,
  now: Date,
): RevocationDecision {
  if (outcomes === null) return { ended: true, outcome: "NO_ENDPOINT", answer: noEndpoint };
  const failures = outcomes.flatMap((each) => (each.outcome === "failed" ? [each] : []));
  const [first] = failures;
  // One that is not supported, such as a JWT, ends with its grant; if nothing else was there, nothing has ended.
  const [unsupported] = outcomes.flatMap((each) => (each.outcome === "unsupported" ? [each] : []));
  if (!first && unsupported && outcomes.every((each) => each.outcome === "unsupported")) {
    return { ended: true, outcome: "REFUSED", answer: unsupported.reason };
  }
  if (!first) return { ended: true, outcome: "REVOKED", answer: revoked };
  // The refresh token is the grant; it is revoked first, and its response says the most.
  if (!failures.some(({ mayPass }) => mayPass)) {
    return { ended: true, outcome: "REFUSED", answer: first.reason };
  }
  const asked = Math.max(...failures.map(({ retryAfterMs }) => retryAfterMs ?? 0));
  return tryAgain(first.reason, tried, now, asked);
}

/** @param askedMs the wait that the provider requested */
export function tryAgain(
  reason: string,
  { attempts, createdAt, giveUpAt }: Tried,
  now: Date,
  askedMs = 0,
): RevocationDecision {
  const isFirstDay = now.getTime() - createdAt.getTime() < dayMs;
  const longest = isFirstDay ? longestDelayMs.firstDay : longestDelayMs.later;
  const ownMs = isFirstDay ? Math.min(minuteMs * 2 ** (attempts - 1), longest) : longest;
  const delayMs = Math.max(ownMs, Math.min(askedMs, longestDelayMs.later));
  const nextAttemptAt = new Date(now.getTime() + delayMs);
  if (nextAttemptAt > giveUpAt) {
    return { ended: true, outcome: "GAVE_UP", answer: `${reason} Usher tried for 7 days.` };
  }
  return { ended: false, nextAttemptAt, answer: reason };
}

/** Many providers keep one grant per person and client, which revoking an older token ends. */
export const authorizedAgain = {
  outcome: "AUTHORIZED_AGAIN",
  answer: "Not revoked: the account was authorized again, and revoking could end that.",
} as const;

const revoked = "The provider revoked the access.";
const noEndpoint =
  "No revocation URL is set for this provider. Remove Usher in the provider's settings to end the access there.";
