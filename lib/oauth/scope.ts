import { longestScope } from "@/lib/contracts/servers/oauth-client";

/** More than any provider has; a longer list is truncated. */
const MOST = 200;
const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]{1,500}$/;

/**
 * A text's scope tokens, each once. Anything else is left out: no provider accepts it,
 * and it may come from a server that is not trusted yet.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-3.3
 */
export function parseScope(text: string | null): string[] {
  return scopeTokens([text]);
}

/** The same for a list, each entry of which may name several. */
export function scopeTokens(candidates: readonly unknown[]): string[] {
  const tokens = candidates
    .filter((one) => typeof one === "string")
    .flatMap((one) => separated(one))
    .filter((one) => SCOPE_TOKEN.test(one));
  return [...new Set(tokens)].slice(0, MOST);
}

/** Some put commas beside the spaces, or print a list with its brackets and quotes. A comma inside a token is its own. */
function separated(text: string): string[] {
  const listed = /^\s*\[(.*)\]\s*$/s.exec(text)?.[1]?.replace(/["']/g, " ") ?? text;
  return listed.split(/\s+/).map((one) => one.replace(/^,+|,+$/g, ""));
}

const NAMED =
  /\b(?:required|missing|insufficient|needed)\s+(?:oauth2?\s+)?scopes?(?:\(s\))?\s*:\s*(.{1,1000})/is;
/** A sentence continues there. */
const ENDS =
  /^(required|needed|missing|is|are|was|were|for|to|in|of|the|this|but|not|you|your|token)$/i;

/** `Requires the files:write scope`, `scope 'files:write'`: in quotes or with a sign that no usual word has. */
const NAME_OF_SCOPE = "(?:['\"`“]([^\\s'\"`“”]{1,200})['\"`”]|\\b([\\w-]+(?:[:./][\\w-]+)+))";
const BESIDE = new RegExp(
  `${NAME_OF_SCOPE}\\s+(?:oauth2?\\s+)?scopes?\\b|\\bscopes?\\s+${NAME_OF_SCOPE}`,
  "i",
);
/** It may also say which scopes are there. */
const NAMES_OTHERS = /\b(has|have|had|with|only|granted|provided|given|current\w*)\b/i;

/** The scopes in a sentence such as `Required scope: files:read, files:write`; null if it names none. */
export function scopeInWords(sentence: string | null): string | null {
  const named = NAMED.exec(sentence ?? "")?.[1]?.split(/[\s,;"'`[\]()]+/);
  if (!named) return scopeBeside(sentence?.slice(0, 1000) ?? "");
  const end = named.findIndex((word) => ENDS.test(word));
  const listed = (end === -1 ? named : named.slice(0, end)).map((word) => word.replace(/\.$/, ""));
  // `Missing scope: Ask your admin` names none.
  if (listed.some((word) => /^[A-Z][a-z]+$/.test(word))) return null;
  return formatScope(scopeTokens(listed.filter((word) => word !== "and" && word !== "or")));
}

function scopeBeside(sentence: string): string | null {
  if (NAMES_OTHERS.test(sentence)) return null;
  const [, ...names] = BESIDE.exec(sentence) ?? [];
  return formatScope(scopeTokens(names.map((name) => name?.replace(/\.$/, ""))));
}

/** Null: none, so the parameter is omitted. */
export function formatScope(tokens: readonly string[]): string | null {
  return tokens.length === 0 ? null : tokens.join(" ");
}

/** All of them, in order, each once. */
export function scopeUnion(...scopes: readonly (string | null)[]): string | null {
  return formatScope(parseScope(scopes.filter((scope) => scope !== null).join(" ")));
}

/** The tokens in `scope` that are not in `other`; an empty string for none. */
export function scopeDifference(scope: string | null, other: string | null): string {
  const known = new Set(parseScope(other));
  return parseScope(scope)
    .filter((token) => !known.has(token))
    .join(" ");
}

/** Whether `scope` names everything that `wanted` does. */
export function scopeIncludes(scope: string | null, wanted: string | null): boolean {
  const tokens = new Set(parseScope(scope));
  return parseScope(wanted).every((token) => tokens.has(token));
}

/** The scope that yields a refresh token at OpenID providers. */
const OFFLINE_ACCESS = "offline_access";

export interface ScopeSelection {
  /** Null: the request names no scope, and the provider decides. */
  scope: string | null;
  /** The source of the scopes. */
  from: "challenge" | "resource_metadata" | "nobody";
  /** Added, because the authorization server lists it. */
  offlineAccess: boolean;
  /** It lists offline_access, which could not be added: perhaps no refresh token comes. */
  offlineLeftOut: boolean;
  /** More are named than fit into a request, so none is chosen. */
  tooMany: boolean;
}

/**
 * The scopes that a first authorization requests: those that the server's challenge names, otherwise those
 * in its metadata, otherwise none.
 *
 * `offline_access` is up to the authorization server: it is requested if the server lists it, and
 * omitted otherwise, whoever else names it. If no scope is named at all it is not added
 * either: it would replace the provider's default.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization#scope-selection-strategy
 */
export function selectScope(known: {
  /** From the 401's challenge. */
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
  const none = { from: "nobody", offlineAccess: false } as const;
  const scope = formatScope(listed && scopes.length > 0 ? [...scopes, OFFLINE_ACCESS] : scopes);
  const tooMany = (scope?.length ?? 0) > longestScope;
  if (scope === null || tooMany) return { scope: null, ...none, offlineLeftOut: listed, tooMany };
  return { scope, from, offlineAccess: listed, offlineLeftOut: false, tooMany };
}

export type StepUpDecision =
  | { should: true /** What the new authorization asks for. */; scope: string }
  | {
      should: false;
      /** `asked_already`: these were requested for the current token, so asking again changes nothing. */
      reason: "asked_already" | "no_scope_named" | "tried_already";
    };

/**
 * Whether a 403 `insufficient_scope` justifies another consent, and to what: everything that was
 * requested or granted before, and what the challenge names. One consent per call is enough: a server
 * that then still wants more is refused.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization#step-up-authorization-flow
 */
export function decideStepUp(known: {
  /** From the authorization that yielded the current token; null: none was named. */
  requested: string | null;
  /** According to the provider; null: not given. */
  granted: string | null;
  challenged: string | null;
  /** This very call has already led to a consent. */
  steppedUp: boolean;
}): StepUpDecision {
  const { requested, granted, challenged } = known;
  if (known.steppedUp) return { should: false, reason: "tried_already" };
  if (challenged === null) return { should: false, reason: "no_scope_named" };
  if (scopeIncludes(requested ?? granted, challenged)) {
    return { should: false, reason: "asked_already" };
  }
  return { should: true, scope: scopeUnion(requested, granted, challenged) ?? challenged };
}

/** Each separated by spaces; null: none is known. */
interface StoredScopes {
  /** As granted. */
  scope: string | null;
  requestedScope: string | null;
  /** The missing scopes of refused calls, as servers named them. */
  challengedScope: string | null;
}

/**
 * What a consent requests: what is set for the server, and the scopes that its calls lacked.
 * If nothing is set, what the provider granted by default is then requested by name, as naming one
 * scope excludes the others.
 */
export function scopeToAsk(set: string | null, tokens: StoredScopes | null): string | null {
  if (!tokens?.challengedScope) return set;
  return scopeUnion(set ?? tokens.scope, tokens.challengedScope);
}

/** A call was refused because of missing scopes that were not requested yet. */
export function isStepUpPending(tokens: StoredScopes): boolean {
  return !scopeIncludes(tokens.requestedScope ?? tokens.scope, tokens.challengedScope);
}
