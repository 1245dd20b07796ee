import { formatScope, parseScope, scopeIncludes, scopeUnion } from "@/lib/oauth/scope";

/** What gives a refresh token at OpenID providers. */
const OFFLINE_ACCESS = "offline_access";

export interface ScopeSelection {
  /** Null: the request names no scope, and the provider decides. */
  scope: string | null;
  /** Whose word it is. */
  from: "challenge" | "resource_metadata" | "nobody";
  /** Added, as the authorization server lists it. */
  offlineAccess: boolean;
}

/**
 * Which scopes a first authorization asks for: those that the server's challenge names, else those
 * of its metadata, else none.
 *
 * `offline_access` is the authorization server's matter: it is asked for where that lists it, and
 * left out where it does not, whoever else names it. Where no scope is named at all it is not added
 * either: it would take the place of the provider's default.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization#scope-selection-strategy
 */
export function selectScope(known: {
  /** Of the 401. */
  challenge: string | null;
  /** `scopes_supported` of the protected resource; null: it has none. */
  resource: readonly string[] | null;
  /** `scopes_supported` of the authorization server; null: it has none. */
  authorizationServer: readonly string[] | null;
}): ScopeSelection {
  const listed = known.authorizationServer?.includes(OFFLINE_ACCESS) ?? false;
  const challenged = parseScope(known.challenge);
  const [chosen, from] =
    challenged.length > 0
      ? ([challenged, "challenge"] as const)
      : known.resource && known.resource.length > 0
        ? ([known.resource, "resource_metadata"] as const)
        : ([[], "nobody"] as const);
  const scopes = chosen.filter((scope) => scope !== OFFLINE_ACCESS);
  if (scopes.length === 0) return { scope: null, from: "nobody", offlineAccess: false };
  return {
    scope: formatScope(listed ? [...scopes, OFFLINE_ACCESS] : scopes),
    from,
    offlineAccess: listed,
  };
}

export type StepUp =
  | { should: true /** What the new authorization asks for. */; scope: string }
  | {
      should: false;
      /** `asked_already`: the token at hand was asked for with these, so asking again changes nothing. */
      reason: "asked_already" | "no_scope_named" | "tried_already";
    };

/**
 * Whether a 403 `insufficient_scope` is worth another consent, and to what: everything that was
 * asked for or granted before, and what the challenge names. One consent a call is enough: a server
 * that then wants still more is refused.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization#step-up-authorization-flow
 */
export function decideStepUp(known: {
  /** Of the authorization that gave the token at hand; null: none was named. */
  requested: string | null;
  /** As the provider told; null: not told. */
  granted: string | null;
  challenged: string | null;
  /** This very call has led to a consent before. */
  steppedUp: boolean;
}): StepUp {
  const { requested, granted, challenged } = known;
  if (known.steppedUp) return { should: false, reason: "tried_already" };
  if (challenged === null) return { should: false, reason: "no_scope_named" };
  if (scopeIncludes(requested ?? granted, challenged)) {
    return { should: false, reason: "asked_already" };
  }
  return { should: true, scope: scopeUnion(requested, granted, challenged) ?? challenged };
}
