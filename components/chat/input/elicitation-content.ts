import type { ElicitationField } from "@/lib/contracts/elicitation/elicitation-answer";
import { ownValue } from "@/lib/contracts/own-value";
import { readTypedNumber } from "@/lib/contracts/typed-number";

/** What is entered so far, by the names of the fields. */
export type Entered = Readonly<Record<string, unknown>>;

/** What a form begins with. */
export function defaultsOf(fields: readonly ElicitationField[]): Entered {
  return Object.fromEntries(
    fields.flatMap((field) => (field.default === undefined ? [] : [[field.name, field.default]])),
  );
}

/**
 * As it is sent: a number is typed as text.
 * @returns `problems` by the fields' names, of numbers that cannot be told
 */
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

/** A server may ask for these all the same; what is typed there is kept nowhere. */
const secret =
  /pass|secret|token|api.?key|private.?key|credential|\bpin\b|\botp\b|one.?time|\bcv[vc]\b|card.?n|iban|kennwort/i;

/** What is kept of a form in this tab until it is answered, as JSON; empty where there is nothing. */
export function keptEntries(fields: readonly ElicitationField[], entered: Entered): string {
  const kept = fields.flatMap(({ name, title, description }): [string, unknown][] => {
    const value = ownValue(entered, name);
    const isSecret = secret.test(`${name.replaceAll("_", " ")} ${title} ${description}`);
    return value === undefined || isSecret ? [] : [[name, value]];
  });
  return kept.length === 0 ? "" : JSON.stringify(kept);
}

/** What was kept, as far as it fits the form; null where nothing was. */
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
