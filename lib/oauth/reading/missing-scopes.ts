import { nestedIn, type Parameters, parseParameters } from "@/lib/oauth/parameters";
import { formatScope, scopeInWords, scopeTokens } from "@/lib/oauth/scope";
import { toldError } from "@/lib/oauth/told-error";

/** What the parameter of a challenge that names scopes is called. */
export const scopeNames = ["scope", "scopes", "required_scope", "required_scopes"];

/** Whether this code of a refusal means that the token lacks scopes. */
export function asksForScopes(error: string | null): boolean {
  return /^((insufficient|missing)[_-]?scopes?|scopes?[_-]?(insufficient|missing|required))$/i.test(
    error ?? "",
  );
}

/** Of an account's rights, unless scopes are named. */
export function asksForRights(error: string): boolean {
  return /^(insufficient|missing)[_-]?(permissions?|privileges?|rights)$/i.test(error);
}

/**
 * The challenge that a 403 should have had, from its body: `{"error": "insufficient_scope", "scope": "files:write"}`.
 * Null: the body is about something else.
 */
export function bodyAsksForScopes(body: string): string | null {
  const parameters = parseParameters(body);
  const told = parameters && toldError({ status: 403, body }, parameters);
  if (!told) return null;
  const isSaid = /\b(insufficient|missing)[ _-]?scopes?\b/i.test(told.description ?? "");
  const inWords = scopeInWords(told.description);
  if (!isSaid && inWords === null && !asksForScopes(told.code)) return null;
  const scope = scopesIn(parameters) ?? inWords;
  return `Bearer error="insufficient_scope"${scope === null ? "" : `, scope="${scope}"`}`;
}

/** Where a body about missing scopes names them, as text or as a list; JSON-RPC has `data` inside `error`. */
const FIELDS = [...scopeNames, "missing_scope", "missing_scopes", "required", "missing"];

function scopesIn(told: Parameters): string | null {
  const named = FIELDS.map((name) => formatScope(scopeTokens([told[name]].flat())));
  const inside = ["error", "data", "details", "detail"].map((name) => nestedIn(told, name));
  const found = [...named, ...inside.map((each) => each && scopesIn(each))];
  return found.find((each) => each !== null) ?? null;
}
