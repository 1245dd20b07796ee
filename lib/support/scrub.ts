import { withoutTokens } from "@/lib/oauth/provider-text";

const ADDRESS = /[\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]+@([\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+)/gu;
const IDENTIFIER = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;

/**
 * The same value with every text in it cleaned: e-mail addresses keep their domain alone, the
 * secrets that are stored for the server are taken out, and so is what looks like a token. It is the
 * last of several layers: what is put into a bundle holds none of these to begin with.
 */
export function scrub<Value>(value: Value, secrets: readonly string[]): Value {
  return walk(
    value,
    secrets.filter((secret) => secret.length >= 4),
  ) as Value;
}

function walk(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === "string") return cleanText(value, secrets);
  if (Array.isArray(value)) return value.map((each) => walk(each, secrets));
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [cleanText(name, secrets), walk(each, secrets)]),
  );
}

function cleanText(text: string, secrets: readonly string[]): string {
  let shown = text;
  for (const secret of secrets) shown = shown.replaceAll(secret, "…");
  shown = shown.replace(ADDRESS, "…@$1");
  // Ids of this installation and of the flow are told apart from tokens by their form.
  const parts = shown.split(IDENTIFIER);
  const ids = shown.match(IDENTIFIER) ?? [];
  return parts.map((part, index) => withoutTokens(part) + (ids[index] ?? "")).join("");
}
