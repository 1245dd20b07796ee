import type { ProviderFamily } from "@/lib/chat/model/tools/families";

type Schema = Record<string, unknown>;

const types = ["object", "array", "string", "number", "integer", "boolean", "null"];
/** Rejected at the top of a tool's parameters by OpenAI and Anthropic alike. */
const notAtTheTop = ["anyOf", "oneOf", "allOf", "enum", "not", "$ref"];
/** Gemini's `Schema` message; everything else is "Unknown name". */
const geminiFields = new Set([
  ...["type", "description", "title", "nullable", "enum", "format", "items", "properties"],
  ...["required", "anyOf", "minItems", "maxItems", "minimum", "maximum", "minLength", "maxLength"],
]);
const geminiFormats = ["date-time", "enum", "int32", "int64", "float", "double"];
const patternKeys = /^[a-zA-Z0-9_.-]{1,64}$/;

/**
 * What a provider's API rejects in a tool's parameters, by its documented rules and the 400s that people
 * report; empty: nothing.
 *
 * @see https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
 * @see https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/implement-tool-use
 * @see https://ai.google.dev/api/caching#Schema
 */
export function refusedBy(family: ProviderFamily, schema: Schema): string[] {
  const wrong: string[] = [];
  if (schema.type !== "object") wrong.push("the top is no object");
  for (const word of notAtTheTop) if (word in schema) wrong.push(`${word} at the top`);
  if (typeof schema.properties !== "object") wrong.push("no properties at the top");
  check(family, schema, "#", wrong, 0);
  return wrong;
}

function check(family: ProviderFamily, node: unknown, at: string, wrong: string[], depth: number) {
  const refuse = (why: string) => wrong.push(`${at}: ${why}`);
  if (typeof node !== "object" || node === null || Array.isArray(node))
    return void refuse("no schema");
  if (depth > 12) return void refuse("too deep");
  const schema = node as Schema;
  for (const word of [
    "$ref",
    "$defs",
    "definitions",
    "allOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
  ]) {
    if (word in schema) refuse(word);
  }
  const named = Array.isArray(schema.type) ? schema.type : "type" in schema ? [schema.type] : [];
  if (named.some((type) => !types.includes(type as string))) refuse(`type ${schema.type}`);
  if (new Set(named).size !== named.length) refuse("a type twice");
  if (named.includes("array") && typeof schema.items !== "object") refuse("an array without items");
  for (const word of ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]) {
    if (word in schema && typeof schema[word] !== "number") refuse(`${word} that is no number`);
  }
  checkEnum(family, schema, refuse);
  if ("pattern" in schema) {
    new RegExp(String(schema.pattern), "u");
    if (family === "openai-compatible") checkGrammar(String(schema.pattern), refuse);
  }
  if (family === "grok") checkGrok(schema, refuse);
  const properties = (schema.properties ?? {}) as Schema;
  const required = schema.required ?? [];
  if (!Array.isArray(required) || new Set(required).size !== required.length) refuse("required");
  else if (required.some((key) => !Object.hasOwn(properties, key)))
    refuse("required without property");
  if (family === "gemini") checkGemini(schema, named, refuse, depth);
  // MoonshotAI/kimi-cli#1595
  if (family === "kimi" && named.length > 0 === "anyOf" in schema) refuse("not one of type, anyOf");
  for (const [key, value] of Object.entries(properties)) {
    if (!patternKeys.test(key)) refuse(`the key ${key}`);
    if (family === "gemini" && !/^[a-zA-Z_]/.test(key)) refuse(`the key ${key}`);
    check(family, value, `${at}/${key}`, wrong, depth + 1);
  }
  const rest = schema.additionalProperties;
  const isTyped = named.length > 0 || "anyOf" in schema;
  if (!isTyped && at.includes("/+")) refuse("no type within additionalProperties");
  if (schema.items !== undefined) check(family, schema.items, `${at}/*`, wrong, depth + 1);
  // chattermate/chattermate.chat#303
  if (rest !== undefined && typeof rest !== "boolean")
    check(family, rest, `${at}/+`, wrong, depth + 1);
  for (const each of (schema.anyOf ?? []) as unknown[])
    check(family, each, `${at}|`, wrong, depth + 1);
}

/**
 * What llama.cpp makes of a pattern, which it turns into a grammar.
 *
 * @see https://github.com/ggml-org/llama.cpp/blob/master/common/json-schema-to-grammar.cpp
 */
function checkGrammar(pattern: string, refuse: (why: string) => void) {
  if (!pattern.startsWith("^") || !pattern.endsWith("$"))
    return refuse("a pattern without anchors");
  let isInClass = false;
  for (let at = 1; at < pattern.length - 1; at += 1) {
    const each = pattern.charAt(at);
    const next = pattern.charAt(at + 1);
    if (each === "\\") {
      const known = isInClass ? 'xuUtrn"[]\\' : 'xuUtrn"[]\\^$.()|{}*+?';
      if (!known.includes(next)) refuse(`the escape \\${next} in a pattern`);
      at += 1;
    } else if (each === "[") isInClass = true;
    else if (each === "]") isInClass = false;
    else if (!isInClass && (each === "^" || each === "$")) refuse("an anchor within a pattern");
  }
}

/** NousResearch/hermes-agent#27575, NousResearch/hermes-agent#28122, tailcallhq/forgecode#2809 */
function checkGrok(schema: Schema, refuse: (why: string) => void) {
  if ("pattern" in schema) refuse("a pattern");
  if ("format" in schema) refuse("a format");
  const values = (schema.enum ?? []) as unknown[];
  if (values.some((value) => value === null || String(value).includes("/"))) refuse("the enum");
}

function checkEnum(family: ProviderFamily, schema: Schema, refuse: (why: string) => void) {
  if (!("enum" in schema)) return;
  const values = schema.enum as unknown[];
  if (!Array.isArray(values) || values.length === 0) refuse("an empty enum");
  else if (new Set(values).size !== values.length) refuse("an enum with a value twice");
  else if (family === "gemini") {
    const isText = values.every((value) => typeof value === "string" && value !== "");
    if (!isText || schema.type !== "string") refuse("an enum of other things than texts");
  }
}

function checkGemini(
  schema: Schema,
  named: readonly unknown[],
  refuse: (why: string) => void,
  depth: number,
) {
  for (const word of Object.keys(schema)) if (!geminiFields.has(word)) refuse(`the field ${word}`);
  if (Array.isArray(schema.type)) refuse("a list of types");
  if ("anyOf" in schema && Object.keys(schema).length > 1) refuse("a field beside anyOf");
  if (named.length === 0 && !("anyOf" in schema)) refuse("no type");
  const empty = Object.keys((schema.properties ?? {}) as Schema).length === 0;
  if (schema.type === "object" && depth > 0 && empty) refuse("an object without properties");
  if ("format" in schema && !geminiFormats.includes(String(schema.format))) refuse("the format");
}
