import * as z from "zod";
import { parseUrl } from "@/lib/parse-url";

export type ElicitationOption = { value: string; title: string };

export type DescribedField = {
  name: string;
  title: string;
  description: string;
  required: boolean;
};

export type ElicitationField = DescribedField &
  (
    | {
        kind: "text";
        format: "email" | "uri" | "date" | "date-time" | null;
        minLength: number;
        maxLength: number;
        default?: string;
      }
    | { kind: "number"; integer: boolean; minimum: number; maximum: number; default?: number }
    | { kind: "boolean"; default?: boolean }
    /** `numeric`: the server gets the choice as a number. */
    | { kind: "choice"; options: ElicitationOption[]; numeric?: true; default?: string }
    | {
        kind: "choices";
        options: ElicitationOption[];
        numeric?: true;
        minItems: number;
        maxItems: number;
        default?: string[];
      }
  );

export type ElicitationContent = Record<string, string | number | boolean | string[] | number[]>;

export type ElicitationAnswer =
  | { ok: true; content: ElicitationContent }
  /** By field name; under `""` what concerns no field of the form. */
  | { ok: false; problems: Map<string, string> };

const formatSchemas = {
  email: z.email(),
  uri: z.string().refine((value) => parseUrl(value) !== null),
  date: z.iso.date(),
  "date-time": z.iso.datetime({ offset: true }),
};

const formatWords = {
  email: "Enter an email address, such as ann@example.com.",
  uri: "Enter a full address, such as https://example.com/page.",
  date: "Enter a date, such as 2026-07-28.",
  "date-time": "Enter a date and time with its zone, such as 2026-07-28T09:30:00Z.",
};

/**
 * What is sent to the asking server: checked in the browser before it leaves, and again in Usher,
 * as anyone can write a request. A problem never repeats the value: it may end up in a log.
 */
export function checkElicitationAnswer(
  fields: readonly ElicitationField[],
  entered: Readonly<Record<string, unknown>>,
): ElicitationAnswer {
  const problems = new Map<string, string>();
  const known = new Set(fields.map((field) => field.name));
  if (Object.keys(entered).some((name) => !known.has(name))) {
    problems.set("", "The answer has a field that was not asked for.");
  }
  const content: [string, ElicitationContent[string]][] = [];
  for (const field of fields) {
    const value = Object.hasOwn(entered, field.name) ? entered[field.name] : undefined;
    if (isLeftOut(field, value)) {
      if (field.required) problems.set(field.name, "The server needs this.");
      continue;
    }
    const problem = fieldProblem(field, value);
    if (problem === null) content.push([field.name, asSent(field, value)]);
    else problems.set(field.name, problem);
  }
  if (problems.size > 0) return { ok: false, problems };
  return { ok: true, content: Object.fromEntries(content) };
}

function asSent(field: ElicitationField, value: unknown): ElicitationContent[string] {
  const isNumber = (field.kind === "choice" || field.kind === "choices") && field.numeric;
  if (isNumber) return Array.isArray(value) ? value.map(Number) : Number(value);
  return value as ElicitationContent[string];
}

/** An empty text counts as no answer, unless it is one of the choices. */
function isLeftOut(field: ElicitationField, value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (field.kind === "choices") return !field.required && isEmptyList(value);
  return value === "" && field.kind !== "choice";
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** What is wrong with a value, with what to do; null: it is valid. */
export function fieldProblem(field: ElicitationField, value: unknown): string | null {
  switch (field.kind) {
    case "text":
      return textProblem(field, value);
    case "number":
      return numberProblem(field, value);
    case "boolean":
      return typeof value === "boolean" ? null : "Choose yes or no.";
    case "choice":
      return field.options.some((option) => option.value === value)
        ? null
        : "Choose one from the list.";
    case "choices":
      return choicesProblem(field, value);
  }
}

type Of<K extends ElicitationField["kind"]> = Extract<ElicitationField, { kind: K }>;

function textProblem(field: Of<"text">, value: unknown): string | null {
  if (typeof value !== "string") return "Enter some text.";
  // JSON Schema counts code points, JavaScript counts UTF-16 code units.
  const { length } = [...value];
  if (length < field.minLength) return `Enter at least ${field.minLength} characters.`;
  if (length > field.maxLength) return `Enter at most ${field.maxLength} characters.`;
  if (field.format === null || formatSchemas[field.format].safeParse(value).success) return null;
  return formatWords[field.format];
}

function numberProblem(field: Of<"number">, value: unknown): string | null {
  if (typeof value !== "number" || !Number.isFinite(value)) return "Enter a number.";
  if (field.integer && !Number.isSafeInteger(value)) return "Enter a whole number.";
  if (value < field.minimum) return `Enter ${field.minimum} or more.`;
  if (value > field.maximum) return `Enter ${field.maximum} or less.`;
  return null;
}

function choicesProblem(field: Of<"choices">, value: unknown): string | null {
  const known = new Set<unknown>(field.options.map((option) => option.value));
  if (!Array.isArray(value) || !value.every((one) => known.has(one)))
    return "Choose from the list.";
  if (new Set(value).size < value.length) return "Choose each option once.";
  if (value.length < field.minItems) return `Choose at least ${field.minItems}.`;
  if (value.length > field.maxItems) return `Choose at most ${field.maxItems}.`;
  return null;
}
