/** More than any provider has; a longer list is cut. */
const MOST = 200;
const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]{1,500}$/;

/**
 * The scope tokens of a text, each once. What is no scope token is left out: no provider takes it,
 * and it may come from a server that nobody trusts yet.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-3.3
 */
export function parseScope(text: string | null): string[] {
  return scopeTokens(text?.split(/\s+/) ?? []);
}

export function scopeTokens(candidates: readonly unknown[]): string[] {
  const tokens = candidates.filter(
    (one): one is string => typeof one === "string" && SCOPE_TOKEN.test(one),
  );
  return [...new Set(tokens)].slice(0, MOST);
}

/** Null for none, which is how a request leaves the parameter out. */
export function formatScope(tokens: readonly string[]): string | null {
  return tokens.length === 0 ? null : tokens.join(" ");
}

/** All of them, in order, each once. */
export function scopeUnion(...scopes: readonly (string | null)[]): string | null {
  return formatScope(parseScope(scopes.filter((scope) => scope !== null).join(" ")));
}

/** What `scope` names and `other` does not; the empty text for nothing. */
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
