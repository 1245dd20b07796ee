import type { WebhookAttempt } from "@/lib/contracts/webhooks";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/**
 * The pauses between attempts, in ms: ten attempts within 76 hours.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export const retryPausesMs: readonly number[] = [
  ...[5 * second, 5 * minute, 30 * minute],
  ...[2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour],
];
/** How long a receiver can postpone the next attempt with `Retry-After`, in ms. */
export const longestRetryAfterMs = hour;
/** Longer than all attempts of one event take. */
const disabledAfterDays = 5;
const dayMs = 24 * hour;

export type DeliveryDecision =
  | { state: "DELIVERED" | "FAILED"; nextAttemptAt: null }
  | { state: "PENDING"; nextAttemptAt: Date };

/**
 * The state of a delivery after an attempt.
 * @param sent `retryAfterMs`: what the receiver requested; it makes the pause longer, never shorter
 * @param tried `attempts` including this one; a test is sent once, since a person is watching it
 */
export function decideDelivery(
  sent: { error: string | null; retryAfterMs: number | null },
  tried: { attempts: number; isTest: boolean },
  now: Date,
): DeliveryDecision {
  if (sent.error === null) return { state: "DELIVERED", nextAttemptAt: null };
  const pauseMs = tried.isTest ? undefined : retryPausesMs[tried.attempts - 1];
  if (pauseMs === undefined) return { state: "FAILED", nextAttemptAt: null };
  const askedMs = Math.min(sent.retryAfterMs ?? 0, longestRetryAfterMs);
  return { state: "PENDING", nextAttemptAt: new Date(now.getTime() + Math.max(pauseMs, askedMs)) };
}

/** What an attempt says about its webhook. `disable` is the reason, in plain words. */
export function decideStanding(
  { status, error }: Pick<WebhookAttempt, "status" | "error">,
  failingSince: Date | null,
  now: Date,
): { failingSince: Date | null; disable: string | null } {
  if (error === null) return { failingSince: null, disable: null };
  const since = failingSince ?? now;
  if (status === 410) {
    return {
      failingSince: since,
      disable: "The receiver answered 410 Gone, which means that it wants no more events.",
    };
  }
  if (now.getTime() - since.getTime() < disabledAfterDays * dayMs) {
    return { failingSince: since, disable: null };
  }
  return {
    failingSince: since,
    disable: `No delivery succeeded for ${disabledAfterDays} days. The last error: ${error}`,
  };
}
