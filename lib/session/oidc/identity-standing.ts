import type { IdentityTokensRow } from "@/lib/db/people/identity-tokens";

/** What can be decided without opening a box. */
export type IdentityFacts = Pick<
  IdentityTokensRow,
  | "idTokenExpiresAt"
  | "idTokenObtainedAt"
  | "accessTokenSealed"
  | "accessTokenExpiresAt"
  | "refreshTokenSealed"
  | "obtainedAt"
  | "nextTryAt"
>;

/** The token that a caller passes on. */
export type WantedToken = "id_token" | "access_token";

export type IdentityStanding =
  | { is: "good"; reason: "valid" | "waiting_to_retry" }
  /** `usable`: what remains of it still works if the refresh fails. */
  | { is: "due"; usable: boolean }
  | { is: "waiting"; retryAt: Date }
  | { is: "over" };

const leewayMs = 60_000;

/** May the tokens of a sign-in be handed out now? */
export function identityStanding(
  facts: IdentityFacts,
  now: Date,
  wanted: WantedToken = "id_token",
): IdentityStanding {
  const idToken = isFresh(facts.idTokenExpiresAt, facts.idTokenObtainedAt, now);
  const accessToken = hasFreshAccessToken(facts, now);
  // OpenID Connect Core §12.2: a refresh may return no ID token. Another one would return none either.
  const idTokenStays =
    accessToken &&
    facts.obtainedAt > facts.idTokenObtainedAt &&
    !isFresh(facts.idTokenExpiresAt, facts.idTokenObtainedAt, facts.obtainedAt);
  const usable = wanted === "access_token" ? accessToken : idToken || idTokenStays;
  const isDue =
    (!idToken && !idTokenStays) || (facts.accessTokenSealed !== null && !accessToken) || !usable;
  if (!isDue || facts.refreshTokenSealed === null) {
    return usable ? { is: "good", reason: "valid" } : { is: "over" };
  }
  const { nextTryAt } = facts;
  if (nextTryAt !== null && nextTryAt > now) {
    return usable
      ? { is: "good", reason: "waiting_to_retry" }
      : { is: "waiting", retryAt: nextTryAt };
  }
  return { is: "due", usable };
}

export function hasFreshAccessToken(
  facts: Pick<IdentityFacts, "accessTokenSealed" | "accessTokenExpiresAt" | "obtainedAt">,
  now: Date,
): boolean {
  if (facts.accessTokenSealed === null) return false;
  return (
    facts.accessTokenExpiresAt === null ||
    isFresh(facts.accessTokenExpiresAt, facts.obtainedAt, now)
  );
}

/** Half of a short lifetime: with a fixed minute a token that lives 60 seconds would be refreshed at every call. */
function isFresh(expiresAt: Date, obtainedAt: Date, now: Date): boolean {
  const lifetimeMs = Math.max(expiresAt.getTime() - obtainedAt.getTime(), 0);
  return expiresAt.getTime() - now.getTime() > Math.min(leewayMs, lifetimeMs / 2);
}
