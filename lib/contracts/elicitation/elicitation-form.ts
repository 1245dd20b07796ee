import { type DescribedField, type ElicitationField, fieldProblem } from "./elicitation-answer";
import {
  inertText,
  isObject,
  type Json,
  limit,
  notSimple,
  readOptions,
  titledIn,
  Unusable,
  UnusableField,
} from "./elicitation-options";
import { asObject, textOf, typeIn, withoutNull, withoutReference } from "./elicitation-property";

export type ElicitationForm =
  | { ok: true; fields: ElicitationField[]; leftOut?: string[] }
  | { ok: false; reason: string };

const MAX_FIELDS = 30;
const MAX_NAME = 100;
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

/**
 * The fields of a form that an MCP server asks for. Its schema is untrusted: only the specification's flat subset
 * is read, and nothing in it is compiled (a `pattern` could hang the process). An optional field that is not understood
 * is left out, with its reason in `leftOut`. Otherwise the form is rejected with a message: a form without a
 * part that its server requires would be answered wrongly.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/client/elicitation#requested-schema
 */
export function readElicitationForm(schema: unknown): ElicitationForm {
  try {
    return { ok: true, ...readFields(schema) };
  } catch (error) {
    if (error instanceof Unusable) return { ok: false, reason: error.message };
    throw error;
  }
}

function readFields(given: unknown): { fields: ElicitationField[]; leftOut?: string[] } {
  const { definitions: older, $defs } = asObject(given);
  const definitions = { ...asObject(older), ...asObject($defs) };
  const schema = withoutReference(given, definitions);
  const properties = isObject(schema) ? propertiesOf(schema) : null;
  if (!isObject(schema) || properties === null) {
    throw new Unusable("The server asks for a form without saying which fields it has.");
  }
  const names = Object.keys(properties);
  if (names.length > MAX_FIELDS) {
    throw new Unusable(`The server asks for more than ${MAX_FIELDS} fields at once.`);
  }
  const required = [schema.required ?? []].flat();
  if (!required.every((name) => typeof name === "string" && names.includes(name))) {
    throw new Unusable("The server requires a field that its form does not have.");
  }
  const fields: ElicitationField[] = [];
  const leftOut: string[] = [];
  for (const name of names) {
    const property = withoutReference(properties[name], definitions);
    // In a field, as in the third draft of JSON Schema.
    const isRequired = required.includes(name) || asObject(property).required === true;
    try {
      fields.push(readField(name, property, isRequired));
    } catch (error) {
      if (isRequired || !(error instanceof UnusableField)) throw error;
      leftOut.push(error.message);
    }
  }
  // Nothing would be left to ask.
  if (fields.length === 0 && leftOut[0] !== undefined) throw new Unusable(leftOut[0]);
  return leftOut.length === 0 ? { fields } : { fields, leftOut };
}

/** An object without any asks only for a yes; null: it is no form. PHP writes no properties as a list. */
function propertiesOf(schema: Json): Json | null {
  const { properties } = schema;
  const type = typeIn(schema.type) ?? undefined;
  if (isObject(properties)) return type === undefined || type === "object" ? properties : null;
  const isEmpty =
    (properties ?? null) === null || (Array.isArray(properties) && properties.length === 0);
  if (type === "object") return isEmpty ? {} : null;
  // The fields alone, where the schema around them should be.
  const fields = Object.values(schema);
  return properties === undefined && fields.length > 0 && fields.every(isObject) ? schema : null;
}

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

function readKind(name: string, given: Json): Kind {
  const property = given.const === undefined ? given : { enum: [given.const], ...given };
  const titled = titledIn(property);
  const isChoice = property.enum !== undefined || titled !== undefined;
  if (property.type === "boolean" || isYesOrNo(property.enum)) return { kind: "boolean" };
  if (property.type === "array") return readChoices(name, property);
  if (isChoice && /^(string|number|integer|undefined)$/.test(`${property.type}`)) {
    return { kind: "choice", ...readOptions(name, property, titled) };
  }
  if (property.type === "number" || property.type === "integer") return readNumber(property);
  const saysNothing = [property.type, ...structures.map((each) => property[each])].every(
    (each) => each === undefined,
  );
  if (property.type === "string" || saysNothing) return readText(name, property);
  throw notSimple(name);
}

/** A field with one of these and without a type is no text. */
const structures = ["properties", "items", "$ref", "anyOf", "oneOf", "allOf"];

function isYesOrNo(values: unknown): boolean {
  if (!Array.isArray(values) || values.length === 0) return false;
  return values.every((each) => typeof each === "boolean");
}

function readNumber(property: Json): Kind {
  const integer = property.type === "integer";
  // The next whole number is within an exclusive limit; of other numbers there is no next one.
  const { exclusiveMinimum: above, exclusiveMaximum: below } = integer ? property : {};
  const most = Number.MAX_VALUE;
  return {
    kind: "number",
    integer,
    minimum: Math.max(limit(property.minimum, -most), Math.floor(limit(above, -most)) + 1),
    maximum: Math.min(limit(property.maximum, most), Math.ceil(limit(below, most)) - 1),
  };
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
  const items = [property.items].flat();
  const [item] = items;
  if (!isObject(item) || items.length > 1) throw notSimple(name);
  const { enumNames } = property;
  const from = withoutNull({ ...(enumNames === undefined ? {} : { enumNames }), ...item });
  const read = readOptions(name, from, titledIn(from));
  const { length } = read.options;
  return {
    kind: "choices",
    ...read,
    minItems: Math.min(limit(property.minItems, 0), length),
    maxItems: Math.min(limit(property.maxItems, length), length),
  };
}

/** An invalid default is dropped: otherwise the person would see it as their own mistake. */
function withDefault(field: ElicitationField, given: unknown): ElicitationField {
  const value = inFieldsForm(field, given);
  if (value === undefined || fieldProblem(field, value) !== null) return field;
  return { ...field, default: value } as ElicitationField;
}

/** One of several choices may be alone, a number a text, and the other way round. */
function inFieldsForm({ kind }: ElicitationField, given: unknown): unknown {
  const inText = (value: unknown) => (typeof value === "number" ? String(value) : value);
  if (kind === "choice") return inText(given);
  if (kind === "choices") return given === undefined ? given : [given].flat().map(inText);
  return kind === "number" && typeof given === "string" && given !== "" ? Number(given) : given;
}
