import { ProviderError, UsherError } from "@/lib/errors";
import { isGrantEnded } from "@/lib/oauth/error-response";

/** What a failed refresh means for the tokens that are stored. */
export interface RefreshFailure {
  /**
   * `needs_authorization`: the provider says that this grant is over. `try_later`: everything else,
   * an outage or a wrong client secret among it; the tokens are as good as before.
   */
  outcome: "needs_authorization" | "try_later";
  /** In plain words, with what to do; never holds a secret. */
  reason: string;
  /** What the provider asked for; null: it did not. */
  retryAfterMs: number | null;
}

/**
 * Tells the one failure that ends a grant from the many that do not. An outage that is taken for a
 * revocation costs every person a consent, so the list is short and closed, and an overloaded or
 * broken server is not believed even then.
 */
export function classifyRefreshFailure(error: unknown): RefreshFailure {
  if (error instanceof ProviderError) {
    const believed = error.status < 500 && error.status !== 429;
    return {
      outcome: believed && isGrantEnded(error.error) ? "needs_authorization" : "try_later",
      reason: error.userMessage,
      retryAfterMs: error.retryAfterMs,
    };
  }
  return {
    outcome: "try_later",
    reason:
      error instanceof UsherError
        ? error.userMessage
        : "The refresh failed within Usher. It tries again later.",
    retryAfterMs: null,
  };
}
