import { oneLine } from "@/lib/untrusted-text";
import {
  type DescribedField,
  type ElicitationField,
  type ElicitationOption,
  fieldProblem,
} from "./elicitation-answer";

export type ElicitationForm =
  | { ok: true; fields: ElicitationField[] }
  | { ok: false; reason: string };

const MAX_FIELDS = 30;
const MAX_OPTIONS = 200;
const MAX_NAME = 100;
const MAX_TEXT = 500;
/** For one answer, whatever the server allows. */
const MAX_LENGTH = 10_000;

const formats = ["email", "uri", "date", "date-time"] as const;
/** By other names. Any further format is a hint to its server: it checks the answer itself. */
const sameFormats: ReadonlyMap<unknown, (typeof formats)[number]> = new Map([
  ["url", "uri"],
  ["datetime", "date-time"],
  ["idn-email", "email"],
]);
/** A server may not ask for these in a form. */
const FOR_SECRETS = /pass|secret|token|credential|key/i;
/** Names through which an answer could reach what every object inherits. */
const inherited: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

type Json = Record<string, unknown>;

/** The form is not shown; the message is for the person and for the server. */
class Unusable extends Error {}

/**
 * The fields of a form that an MCP server asks for. Its schema is untrusted: only the specification's flat subset
 * is read, nothing in it is compiled (a `pattern` could hang the process), and what
 * is not understood is rejected with a message, as a form with a missing part would be answered wrongly.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/client/elicitation#requested-schema
 */
export function readElicitationForm(schema: unknown): ElicitationForm {
  try {
    return { ok: true, fields: readFields(schema) };
  } catch (error) {
    if (error instanceof Unusable) return { ok: false, reason: error.message };
    throw error;
  }
}

function readFields(given: unknown): ElicitationField[] {
  const definitions = isObject(given)
    ? { ...asObject(given.definitions), ...asObject(given.$defs) }
    : {};
  const schema = withoutReference(given, definitions);
  const isForm = isObject(schema) && (schema.type === undefined || schema.type === "object");
  if (!isForm || !isObject(schema.properties)) {
    throw new Unusable("The server asks for a form without saying which fields it has.");
  }
  const names = Object.keys(schema.properties);
  if (names.length > MAX_FIELDS) {
    throw new Unusable(`The server asks for more than ${MAX_FIELDS} fields at once.`);
  }
  const required = schema.required ?? [];
  if (!Array.isArray(required) || !required.every((name) => names.includes(name))) {
    throw new Unusable("The server requires a field that its form does not have.");
  }
  const { properties } = schema;
  return names.map((name) =>
    readField(name, withoutReference(properties[name], definitions), required.includes(name)),
  );
}

/**
 * Generators put the choices of a field where others can refer to them, and wrap the reference. It is followed once:
 * what it leads to may not lead further.
 */
function withoutReference(given: unknown, definitions: Json): unknown {
  if (!isObject(given)) return given;
  const [only, ...others] = Array.isArray(given.allOf) ? given.allOf : [];
  const schema = isObject(only) && others.length === 0 ? { ...only, ...given } : given;
  const name = /^#\/(?:\$defs|definitions)\/([^/]+)$/.exec(textOf(schema.$ref))?.[1];
  const target = name !== undefined && Object.hasOwn(definitions, name) ? definitions[name] : {};
  const followed: Json = { ...asObject(target), ...schema };
  const { anyOf, items } = followed;
  return {
    ...followed,
    ...(Array.isArray(anyOf) && { anyOf: anyOf.map((each) => referenced(each, definitions)) }),
    ...(isObject(items) && { items: referenced(items, definitions) }),
  };
}

function referenced(given: unknown, definitions: Json): unknown {
  return isObject(given) && typeof given.$ref === "string"
    ? withoutReference(given, definitions)
    : given;
}

const asObject = (value: unknown): Json => (isObject(value) ? value : {});
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

function readField(name: string, given: unknown, required: boolean): ElicitationField {
  if (name === "" || name.length > MAX_NAME || inherited.has(name)) {
    throw new Unusable("The server asks for a field whose name cannot be used.");
  }
  if (!isObject(given)) throw notSimple(name);
  const property = withoutNull(given);
  const described = {
    name,
    title: inertText(property.title) || inertText(name) || "Unnamed field",
    description: inertText(property.description),
    required,
  };
  return withDefault({ ...described, ...readKind(name, property) }, property.default);
}

type Kind = ElicitationField extends infer F
  ? F extends unknown
    ? Omit<F, keyof DescribedField>
    : 0
  : 0;

/** An optional field may say that it can be null, as generators do; no one enters null. */
function withoutNull(property: Json): Json {
  const { anyOf, type } = property;
  if (Array.isArray(type)) {
    const [only, ...others] = type.filter((each) => each !== "null");
    return others.length === 0 ? { ...property, type: only } : property;
  }
  if (!Array.isArray(anyOf)) return property;
  const [only, ...others] = anyOf.filter((each) => !isObject(each) || each.type !== "null");
  const isOptional = isObject(only) && others.length === 0 && anyOf.length > 1;
  return isOptional ? { ...property, ...only } : property;
}

function readKind(name: string, given: Json): Kind {
  const property = given.const === undefined ? given : { enum: [given.const], ...given };
  const { anyOf } = property;
  const isTitled = Array.isArray(anyOf) && anyOf.every((each) => isObject(each) && "const" in each);
  const titled = property.oneOf ?? (isTitled ? anyOf : undefined);
  const isChoice = property.enum !== undefined || titled !== undefined;
  switch (property.type ?? (isChoice ? "string" : undefined)) {
    case "string":
      return isChoice
        ? { kind: "choice", options: readOptions(name, property, titled) }
        : readText(name, property);
    case "number":
    case "integer":
      if (isChoice) {
        return { kind: "choice", numeric: true, options: readOptions(name, property, titled) };
      }
      return {
        kind: "number",
        integer: property.type === "integer",
        minimum: limit(property.minimum, -Number.MAX_VALUE),
        maximum: limit(property.maximum, Number.MAX_VALUE),
      };
    case "boolean":
      return { kind: "boolean" };
    case "array":
      return readChoices(name, property);
    default:
      throw notSimple(name);
  }
}

function readText(name: string, property: Json): Kind {
  const known = formats.find((each) => each === property.format);
  const format = known ?? sameFormats.get(property.format) ?? null;
  if (format === null && FOR_SECRETS.test(textOf(property.format))) {
    throw new Unusable(`The field “${inertText(name)}” is for a secret, and a form is not.`);
  }
  return {
    kind: "text",
    format,
    minLength: limit(property.minLength, 0),
    maxLength: Math.min(limit(property.maxLength, MAX_LENGTH), MAX_LENGTH),
  };
}

function readChoices(name: string, property: Json): Kind {
  if (!isObject(property.items)) throw notSimple(name);
  const { anyOf, oneOf } = property.items;
  const options = readOptions(name, property.items, anyOf ?? oneOf);
  return {
    kind: "choices",
    options,
    minItems: limit(property.minItems, 0),
    maxItems: Math.min(limit(property.maxItems, options.length), options.length),
  };
}

/** `enum`, with `enumNames` from older servers, or a list of `const` and `title`. */
function readOptions(name: string, from: Json, titled: unknown): ElicitationOption[] {
  const names = Array.isArray(from.enumNames) ? from.enumNames : [];
  const given: unknown = titled ?? from.enum;
  // An optional choice may be null, which no one chooses.
  const listed = Array.isArray(given) ? given.filter((each) => each !== null) : given;
  if (!Array.isArray(listed) || listed.length === 0 || listed.length > MAX_OPTIONS) {
    throw new Unusable(
      `The field “${inertText(name)}” has no choices, or more than ${MAX_OPTIONS}.`,
    );
  }
  const options = listed.map((entry: unknown, index) => {
    const [own, title] = isObject(entry) ? [entry.const, entry.title] : [entry, names[index]];
    const isNumber = typeof own === "number" && /^(number|integer)$/.test(textOf(from.type));
    const value = isNumber ? String(own) : own;
    if (typeof value !== "string" || value.length > MAX_TEXT) throw notSimple(name);
    return { value, title: inertText(title) || inertText(value) || "(empty)" };
  });
  if (new Set(options.map((option) => option.value)).size < options.length) {
    throw new Unusable(`The field “${inertText(name)}” has the same choice twice.`);
  }
  return options;
}

/** An invalid default is dropped: otherwise the person would see it as their own mistake. */
function withDefault(field: ElicitationField, given: unknown): ElicitationField {
  const isNumber = field.kind === "choice" && field.numeric && typeof given === "number";
  const value = isNumber ? String(given) : given;
  if (value === undefined || fieldProblem(field, value) !== null) return field;
  return { ...field, default: value } as ElicitationField;
}

function limit(value: unknown, otherwise: number): number {
  return typeof value === "number" && Number.isFinite(value) ? value : otherwise;
}

function notSimple(name: string): Unusable {
  return new Unusable(
    `The field “${inertText(name)}” is not a simple one: text, a number, yes or no, or a choice.`,
  );
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Truncated without a mark: a field's names and values are also compared. */
function inertText(value: unknown): string {
  if (typeof value !== "string") return "";
  return oneLine(value.slice(0, MAX_TEXT * 4)).slice(0, MAX_TEXT);
}
