import { oneLine } from "@/lib/untrusted-text";
import type { ElicitationOption } from "./elicitation-answer";

const MAX_OPTIONS = 200;
const MAX_TEXT = 500;

export type Json = Record<string, unknown>;

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The form is not shown; the message is for the person and for the server. */
export class Unusable extends Error {}

/** One field cannot be shown; without it, the form can be if the field is optional. */
export class UnusableField extends Unusable {}

/** A list of choices with a title each; undefined if there is none. Generators write one choice as an `enum` of one. */
export function titledIn({ oneOf, anyOf }: Json): unknown[] | undefined {
  return [oneOf, anyOf].find(
    (given): given is unknown[] =>
      Array.isArray(given) && given.length > 0 && given.every(isChoice),
  );
}

function isChoice(given: unknown): boolean {
  if (!isObject(given)) return false;
  return "const" in given || (Array.isArray(given.enum) && given.enum.length === 1);
}

/**
 * `enum`, with `enumNames` from older servers, or a list of `const` and `title`. `numeric`: the server gets a number.
 *
 * @throws Unusable
 */
export function readOptions(
  name: string,
  from: Json,
  titled: unknown[] | undefined,
): { options: ElicitationOption[]; numeric?: true } {
  const names = Array.isArray(from.enumNames) ? from.enumNames : [];
  const given: unknown = titled ?? from.enum;
  const entries = (Array.isArray(given) ? given : []).map(
    (entry: unknown, index): [unknown, unknown] =>
      isObject(entry) ? [valueIn(entry), entry.title] : [entry, names[index]],
  );
  // An optional choice may be null, which no one chooses.
  const listed = entries.filter(([own]) => own !== null);
  if (listed.length === 0 || listed.length > MAX_OPTIONS) {
    throw new UnusableField(
      `The field “${inertText(name)}” has no choices, or more than ${MAX_OPTIONS}.`,
    );
  }
  const numeric = listed.every(([own]) => typeof own === "number");
  const options = new Map<string, ElicitationOption>();
  for (const [own, title] of listed) {
    const value = numeric ? String(own) : own;
    if (typeof value !== "string" || value.length > MAX_TEXT) throw notSimple(name);
    if (options.has(value)) continue;
    options.set(value, { value, title: inertText(title) || inertText(value) || "(empty)" });
  }
  return { options: [...options.values()], ...(numeric && { numeric }) };
}

function valueIn(entry: Json): unknown {
  const [only] = Array.isArray(entry.enum) ? entry.enum : [];
  return "const" in entry ? entry.const : only;
}

export function notSimple(name: string): UnusableField {
  return new UnusableField(
    `The field “${inertText(name)}” is not text, a number, yes or no, or a choice.`,
  );
}

/** Truncated without a mark: a field's names and values are also compared. */
export function inertText(value: unknown): string {
  if (typeof value !== "string") return "";
  return oneLine(value.slice(0, MAX_TEXT * 4)).slice(0, MAX_TEXT);
}

/** A number that a schema names, which may be a text; `otherwise` if it names none. */
export function limit(value: unknown, otherwise: number): number {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : otherwise;
}
