import type { ElicitationField } from "@/lib/contracts/elicitation/elicitation-answer";
import { ownValue } from "@/lib/contracts/own-value";
import { readTypedNumber } from "@/lib/contracts/typed-number";

/** Entered values by field name. */
export type Entered = Readonly<Record<string, unknown>>;

export function defaultsOf(fields: readonly ElicitationField[]): Entered {
  return Object.fromEntries(
    fields.flatMap((field) => (field.default === undefined ? [] : [[field.name, field.default]])),
  );
}

/** The answer to send; numbers are typed as text. @returns `problems` by field name */
export function contentOf(
  fields: readonly ElicitationField[],
  entered: Entered,
): { content: Record<string, unknown>; problems: Map<string, string> } {
  const problems = new Map<string, string>();
  const content: [string, unknown][] = [];
  for (const { name, kind } of fields) {
    const value = ownValue(entered, name);
    if (value === undefined || value === "") continue;
    if (kind === "number" && typeof value === "string") {
      const typed = readTypedNumber(value);
      if (typed.ok) content.push([name, typed.value]);
      else problems.set(name, typed.problem);
    } else content.push([name, value]);
  }
  return { content: Object.fromEntries(content), problems };
}

/** A server may ask for secrets anyway; these are not kept. */
const secret =
  /pass|secret|token|api.?key|private.?key|credential|\bpin\b|\botp\b|one.?time|\bcv[vc]\b|card.?n|iban|kennwort/i;

/** The entries kept in this tab until the form is answered, as JSON; empty: nothing. */
export function keptEntries(fields: readonly ElicitationField[], entered: Entered): string {
  const kept = fields.flatMap(({ name, title, description }): [string, unknown][] => {
    const value = ownValue(entered, name);
    const isSecret = secret.test(`${name.replaceAll("_", " ")} ${title} ${description}`);
    return value === undefined || isSecret ? [] : [[name, value]];
  });
  return kept.length === 0 ? "" : JSON.stringify(kept);
}

/** The kept entries that fit the form; null: none. */
export function restoredEntries(fields: readonly ElicitationField[], kept: string): Entered | null {
  let entries: unknown;
  try {
    entries = JSON.parse(kept);
  } catch {
    return null;
  }
  if (!Array.isArray(entries)) return null;
  const names = new Set(fields.map(({ name }) => name));
  const known = entries.filter(
    (entry): entry is [string, unknown] => Array.isArray(entry) && names.has(entry[0]),
  );
  return { ...defaultsOf(fields), ...Object.fromEntries(known) };
}
