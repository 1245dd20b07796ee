import type { core } from "zod";
import { similarName } from "./similar-name";

/** A mistake in a file that people write by hand: where it is, and what to write instead. */
export interface FileMistake {
  path: readonly PropertyKey[];
  message: string;
}

const wanted: Readonly<Record<string, string>> = {
  array: "Write a list.",
  object: "Write fields with values, not one value.",
  boolean: "Write true or false.",
  number: "Write a number.",
  string: "Write text. Put it in quotation marks if it looks like a number or a list.",
};

/**
 * What a schema says about a file, in words for somebody who does not know the schema.
 * @param fields every name that a file may contain
 */
export function fileMistakes(
  issues: readonly core.$ZodIssue[],
  fields: readonly string[],
): FileMistake[] {
  return issues.flatMap((issue): FileMistake[] => {
    if (issue.code !== "unrecognized_keys") {
      return [{ path: issue.path, message: inWords(issue.message) }];
    }
    return issue.keys.map((key) => {
      const meant = similarName(key, fields);
      const question = meant === null ? "" : ` Did you mean ${meant}?`;
      return { path: [...issue.path, key], message: `There is no field ${key} here.${question}` };
    });
  });
}

/** Told by the message, since the issues inside a record arrive as text. Our own messages are kept. */
function inWords(message: string): string {
  const [, values] = /^Invalid option: expected one of (.+)$/.exec(message) ?? [];
  if (values) return `Write one of ${values.replaceAll('"', "").replaceAll("|", ", ")}.`;
  if (/received undefined$/.test(message)) return "This is missing.";
  const [, kind = ""] = /^Invalid input: expected (\w+)/.exec(message) ?? [];
  if (message === "This must be an object.") return wanted.object ?? message;
  return wanted[kind] ?? (message === "Invalid input" ? (wanted.string ?? message) : message);
}
