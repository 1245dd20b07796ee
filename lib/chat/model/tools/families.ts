import { cutText } from "@/lib/untrusted-text";
import type { JsonSchema, JsonType } from "./json-schema";
import { longestNote, type PatternRules, patternOf } from "./patterns";

/**
 * The rules that a model's API has for tool schemas. A gateway passes them on to the API of the
 * model's creator.
 *
 * @see https://platform.openai.com/docs/guides/function-calling
 * @see https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/implement-tool-use
 * @see https://ai.google.dev/api/caching#Schema
 */
export type ProviderFamily =
  | "openai"
  | "anthropic"
  | "gemini"
  | "kimi"
  | "grok"
  | "openai-compatible";

export type FamilyRules = PatternRules & {
  /** A list of types, `nullable` instead of `null`, and what `enum` may contain. */
  typeLists: boolean;
  /** Beside `anyOf` other keywords are accepted. */
  besideAnyOf: boolean;
  /** An `enum` may contain values other than strings. */
  enumOfAny: boolean;
  /** A value that an `enum` must not contain, in its JSON. */
  notInEnum: RegExp | null;
  /** An object may have no properties. */
  emptyObjects: boolean;
  /** A part without a type accepts any value. */
  untyped: boolean;
  keywords: ReadonlySet<string>;
  formats: ReadonlySet<string>;
};

const bounds = ["minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"];
const more = ["exclusiveMinimum", "exclusiveMaximum", "multipleOf", "uniqueItems", "default"];
const formats = [
  ...["date-time", "date", "time", "duration", "email", "hostname", "ipv4", "ipv6", "uuid", "uri"],
];

export function rulesOf(family: ProviderFamily): FamilyRules {
  const usual: FamilyRules = {
    typeLists: true,
    besideAnyOf: true,
    enumOfAny: true,
    notInEnum: null,
    emptyObjects: true,
    untyped: true,
    keywords: new Set([...bounds, ...more]),
    mostRepeats: Number.POSITIVE_INFINITY,
    formats: new Set(formats),
    patterns: "all",
  };
  switch (family) {
    case "openai":
    case "anthropic":
      return usual;
    case "openai-compatible":
      // llama.cpp turns them into a grammar. It refuses all tools for a pattern that is not anchored at both ends or has
      // an escape that grammars lack, and if the grammar grows too large: each repetition adds a rule.
      return { ...usual, patterns: "grammar", mostRepeats: 200 };
    case "kimi":
      return { ...usual, untyped: false };
    case "grok":
      // It makes a grammar from a schema, and refuses all tools for what that grammar cannot say.
      return { ...usual, patterns: "none", formats: new Set(), notInEnum: /\/|^null$/ };
    case "gemini":
      return {
        typeLists: false,
        besideAnyOf: false,
        enumOfAny: false,
        notInEnum: null,
        emptyObjects: false,
        untyped: false,
        keywords: new Set(bounds),
        mostRepeats: Number.POSITIVE_INFINITY,
        formats: new Set(["date-time"]),
        patterns: "none",
      };
  }
}

const mostEnumValues = 500;

/** By keyword: the types that it applies to, and what it may be. */
const keywords: Readonly<
  Record<string, { types: readonly JsonType[]; is: (value: unknown) => boolean }>
> = {
  minimum: { types: ["number", "integer"], is: isNumber },
  maximum: { types: ["number", "integer"], is: isNumber },
  exclusiveMinimum: { types: ["number", "integer"], is: isNumber },
  exclusiveMaximum: { types: ["number", "integer"], is: isNumber },
  multipleOf: { types: ["number", "integer"], is: (value) => isNumber(value) && Number(value) > 0 },
  minLength: { types: ["string"], is: isCount },
  maxLength: { types: ["string"], is: isCount },
  minItems: { types: ["array"], is: isCount },
  maxItems: { types: ["array"], is: isCount },
  uniqueItems: { types: ["array"], is: (value) => typeof value === "boolean" },
  default: { types: ["string", "number", "integer", "boolean"], is: isPlainValue },
};

/**
 * The keywords of a schema that constrain a single value, as far as the provider accepts them.
 *
 * @param type of the value; null: any
 * @returns `note`: in words, what the provider accepts no keyword for
 */
export function valueKeywords(
  schema: JsonSchema,
  type: JsonType | null,
  rules: FamilyRules,
): { keywords: JsonSchema; note: string } {
  const meant = Object.entries(numericBounds(schema)).filter(([keyword, value]) => {
    const known = Object.hasOwn(keywords, keyword) ? keywords[keyword] : undefined;
    if (!known || !rules.keywords.has(keyword) || !known.is(value)) return false;
    if (type === null) return false;
    return known.types.includes(type) && (keyword !== "default" || fits(value, type));
  });
  const [kept, told] = byRepeats(meant, rules.mostRepeats);
  const values = enumOf(schema, type, rules);
  const pattern = schema.pattern === undefined ? {} : patternOf(schema, type, rules);
  const format = type === "string" && rules.formats.has(String(schema.format));
  return {
    keywords: {
      ...Object.fromEntries(kept),
      ...values.keyword,
      ...pattern.keyword,
      ...(format ? { format: schema.format } : {}),
    },
    note: [values.note, pattern.note, ...told].filter(Boolean).join(" "),
  };
}

/** The same for a value of any of these types. */
export function keywordsOfTypes(
  schema: JsonSchema,
  types: readonly JsonType[],
  rules: FamilyRules,
): { keywords: JsonSchema; note: string } {
  const each = types.map((type) => valueKeywords(schema, type, rules));
  const values = new Set(each.flatMap(({ keywords }) => keywords.enum ?? []));
  return {
    keywords: {
      ...Object.assign({}, ...each.map(({ keywords }) => keywords)),
      ...(values.size > 0 ? { enum: [...values] } : {}),
    },
    note: [...new Set(each.map(({ note }) => note))].filter(Boolean).join(" "),
  };
}

type Entry = [keyword: string, value: unknown];

const repeats: Readonly<Record<string, string>> = {
  minLength: "At least % characters.",
  maxLength: "At most % characters.",
  minItems: "At least % items.",
  maxItems: "At most % items.",
};

function byRepeats(entries: readonly Entry[], most: number): [kept: Entry[], told: string[]] {
  const isFew = ([keyword, value]: Entry) =>
    !Object.hasOwn(repeats, keyword) || Number(value) <= most;
  const told = entries.filter((each) => !isFew(each));
  const words = told.map(([keyword, value]) => repeats[keyword]?.replace("%", String(value)) ?? "");
  return [entries.filter(isFew), words];
}

/** In draft 4 `exclusiveMinimum` says how `minimum` is meant. */
function numericBounds(schema: JsonSchema): JsonSchema {
  const { exclusiveMinimum, exclusiveMaximum, minimum, maximum, ...rest } = schema;
  return {
    ...rest,
    ...(exclusiveMinimum === true ? { exclusiveMinimum: minimum } : { exclusiveMinimum, minimum }),
    ...(exclusiveMaximum === true ? { exclusiveMaximum: maximum } : { exclusiveMaximum, maximum }),
  };
}

function enumOf(
  schema: JsonSchema,
  type: JsonType | null,
  rules: FamilyRules,
): { keyword: JsonSchema; note: string } {
  const listed = Array.isArray(schema.enum) ? schema.enum : "const" in schema ? [schema.const] : [];
  const values = [...new Set(listed)].filter(
    (value) => isPlainValue(value) && (type === null || fits(value, type)),
  );
  if (values.length === 0) return { keyword: {}, note: listed.some(isPart) ? oneOf(listed) : "" };
  const texts = values.every((value) => typeof value === "string" && value !== "");
  const isPlain = !values.some((value) => rules.notInEnum?.test(JSON.stringify(value)));
  if (values.length <= mostEnumValues && isPlain && (rules.enumOfAny || texts)) {
    return { keyword: { enum: values }, note: "" };
  }
  return { keyword: {}, note: oneOf(values) };
}

function oneOf(values: readonly unknown[]): string {
  const words = values.map((value) => JSON.stringify(value)).join(", ");
  return `One of: ${cutText(words, longestNote)}.`;
}

function isPart(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

function fits(value: unknown, type: JsonType): boolean {
  switch (type) {
    case "string":
      return typeof value === "string";
    case "boolean":
      return typeof value === "boolean";
    case "integer":
      return Number.isInteger(value);
    case "number":
      return isNumber(value);
    default:
      return false;
  }
}

function isPlainValue(value: unknown): boolean {
  return typeof value === "string" || typeof value === "boolean" || isNumber(value);
}

function isNumber(value: unknown): boolean {
  return typeof value === "number" && Number.isFinite(value);
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0;
}
