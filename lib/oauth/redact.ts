import type { Parameters } from "@/lib/oauth/parameters";
import { providerText } from "@/lib/oauth/provider-text";
import type { ShownValue } from "@/lib/oauth/recorded-exchange";
import { isKnownName } from "@/lib/oauth/shown-values";

/** The text to show of a value; null: redacted. */
type ValueRule = (name: string, value: unknown) => string | null;

/** What may be kept, and how much more there was. */
export function shown(
  parameters: Parameters,
  rule: ValueRule,
  hidden: readonly string[],
): { known: ShownValue[]; others: number } {
  const entries = Object.entries(parameters);
  const known = entries
    .filter(([name]) => isKnownName(name))
    .map(([name, value]) => ({ name, value: shownText(name, rule(name, value), hidden) }));
  return { known, others: entries.length - known.length };
}

/** A client ID may look like a token and is none. */
function shownText(name: string, value: string | null, hidden: readonly string[]): string | null {
  if (name !== "client_id") return providerText(value, hidden);
  return value === null || hidden.some((each) => each.length >= 4 && value.includes(each))
    ? null
    : value;
}

/** The header's value without its scheme, and what is in it where it is Basic. */
export function credentialsIn(authorization: string | null): string[] {
  if (authorization === null) return [];
  const credentials = authorization.replace(/^\S+\s+/, "");
  const [, ...password] = Buffer.from(credentials, "base64").toString("utf8").split(":");
  return [credentials, password.join(":")];
}

/** Every text that is not shown, however deep it is: none of it may come back in another place. */
export function hiddenValues(parameters: Parameters, rule: ValueRule): string[] {
  return Object.entries(parameters).flatMap(([name, value]) =>
    isText(name) || (isKnownName(name) && rule(name, value) !== null) ? [] : textsIn(value),
  );
}

/** Free text of an answer; it is cleaned, and nothing is cleaned of it. */
function isText(name: string): boolean {
  return ["error", "error_description", "message"].includes(name);
}

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value === "number") return [String(value)];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
