import type { McpServerRow } from "@/lib/db/mcp-server";
import { SealedBoxError } from "@/lib/errors";
import { clientSecretPlace } from "@/lib/servers/oauth-client";
import { valuesPlace } from "@/lib/servers/secret-values";
import type { Keyring } from "@/lib/vault/keyring";
import { open, type SealedPlace } from "@/lib/vault/sealed-box";
import type { FieldChange } from "./compare";
import type { ServerEntry } from "./document";
import { namesVariable, resolve, type Variables } from "./variables";

/** One server's secrets, in its form's fields; "" keeps what is stored. */
export type SecretsGiven = {
  lines: { clientSecret: string; headers: string; environment: string };
  /** By field, neither the old value nor the new one. */
  changes: FieldChange[];
  /** By field, the variables that are not set here. */
  missing: Record<string, string[]>;
  notes: string[];
  problems: [field: string, message: string][];
};

/**
 * Compares the secrets of an entry with the stored ones. A variable that is not set here keeps the
 * stored value, so that a file can be planned where no secrets are available.
 */
export function secretsGiven(
  keyring: Keyring,
  entry: ServerEntry,
  row: McpServerRow | null,
  variables: Variables,
): SecretsGiven {
  const given: SecretsGiven = {
    ...{ lines: { clientSecret: "", headers: "", environment: "" } },
    ...{ changes: [], missing: {}, notes: [], problems: [] },
  };
  const client = row?.oauthClient ?? null;
  const secret = entry.oauth?.clientSecret ?? "";
  if (secret !== "") {
    const { text, missing } = resolve(secret, variables);
    const box = client?.clientSecretSealed ?? null;
    const before = box && client && opened(keyring, box, clientSecretPlace(client.id));
    note(given, "oauth.clientSecret", {
      missing,
      changed: text !== null && text.trim() !== before,
    });
    // Sent whenever it is known, so that it may go to a new URL.
    given.lines.clientSecret = text ?? "";
  }
  for (const field of ["headers", "environment"] as const) {
    const texts = entry[field];
    if (Object.keys(texts).length === 0) continue;
    const box = row?.[`${field}Sealed`] ?? null;
    const before = box && row && opened(keyring, box, valuesPlace(row.id, `${field}Sealed`));
    const resolved = Object.entries(texts).map(([name, text]) => ({
      ...{ name, ...resolve(text, variables) },
    }));
    const missing = resolved.flatMap((each) => each.missing);
    const values = resolved.map(({ name, text }): [string, string] => [name, (text ?? "").trim()]);
    const same = before !== null && sameValues(JSON.parse(before), Object.fromEntries(values));
    note(given, field, { missing, changed: missing.length === 0 && !same });
    if (missing.length === 0) given.lines[field] = writeLines[field](values);
    else if (row && !sameNames(row[namesOf[field]], Object.keys(texts))) {
      given.problems.push([field, `Set ${missing.join(", ")} in the environment.`]);
    }
  }
  return given;
}

function note(
  given: SecretsGiven,
  field: string,
  { missing, changed }: { missing: readonly string[]; changed: boolean },
): void {
  if (changed) given.changes.push({ field, from: "…", to: "another value" });
  if (missing.length === 0) return;
  given.missing[field] = [...missing];
  given.notes.push(`${field} stays as it is: ${missing.join(", ")} is not set here.`);
}

/** Null: no configured key opens it, so any value counts as different. */
function opened(keyring: Keyring, box: string, place: SealedPlace): string | null {
  try {
    return open(keyring, box, place);
  } catch (error) {
    if (error instanceof SealedBoxError) return null;
    throw error;
  }
}

function sameValues(one: Record<string, string>, other: Record<string, string>): boolean {
  const sorted = (values: Record<string, string>) => JSON.stringify(Object.entries(values).sort());
  return sorted(one) === sorted(other);
}

const namesOf = { headers: "headerNames", environment: "environmentNames" } as const;

function sameNames(one: readonly string[], other: readonly string[]): boolean {
  return [...one].sort().join("\n") === [...other].sort().join("\n");
}

/** In the form that `parseHeaders` and `parseEnvironment` read. */
const writeLines = {
  headers: (values: [string, string][]) =>
    values.map(([name, value]) => `${name}: ${value}`).join("\n"),
  environment: (values: [string, string][]) =>
    values.map(([name, value]) => `${name}="${quoted(value)}"`).join("\n"),
} as const;

function quoted(value: string): string {
  return value.replace(/["\\]/g, "\\$&").replaceAll("\r", "\\r");
}

/** A client secret is never written into a file. */
export function plainSecret(entry: ServerEntry): boolean {
  const secret = entry.oauth?.clientSecret ?? "";
  return secret !== "" && !namesVariable(secret);
}
