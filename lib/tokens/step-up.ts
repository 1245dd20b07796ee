import type { StoredTokenSetRow } from "@/lib/db/stored-token-set";
import { scopeIncludes, scopeUnion } from "@/lib/oauth/scope";

type Scopes = Pick<StoredTokenSetRow, "scope" | "requestedScope" | "challengedScope">;

/**
 * What a consent asks for: what is set for the server, and what its calls were refused for want of.
 * Where nothing is set, what the provider granted by itself is then asked for by name, as naming one
 * scope leaves out the others.
 */
export function scopeToAsk(set: string | null, tokens: Scopes | null): string | null {
  if (!tokens?.challengedScope) return set;
  return scopeUnion(set ?? tokens.scope, tokens.challengedScope);
}

/** A call was refused for want of scopes that nobody was asked for yet. */
export function isStepUpPending(tokens: Scopes): boolean {
  return !scopeIncludes(tokens.requestedScope ?? tokens.scope, tokens.challengedScope);
}
