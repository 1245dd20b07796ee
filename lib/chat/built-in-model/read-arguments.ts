import { ownValue } from "@/lib/contracts/own-value";
import {
  choiceIn,
  convert,
  flagIn,
  formatted,
  isBeside,
  markedText,
  restOfSentence,
  sameName,
  takesAnyWords,
  withoutUsed,
} from "./argument-values";
import type { Sentence, Token } from "./sentence";
import type { Parameter, ToolProfile } from "./tool-profile";

export type ReadArguments = {
  input: Record<string, unknown>;
  missing: readonly Parameter[];
  /** Required arguments that appear in the message as such, not merely as the rest of it. */
  explicit: number;
  /** Values in the message that this tool cannot use. */
  unused: number;
  /** Further values for the single path, each of them a separate call. */
  more: readonly Record<string, unknown>[];
};

const mostCalls = 4;

/** Fills a tool's arguments from a message, by its JSON Schema. */
export function readArguments(tool: ToolProfile, sentence: Sentence): ReadArguments {
  // Without a prototype: a parameter may be called `__proto__` or `constructor`.
  const input: Record<string, unknown> = Object.create(null);
  const used = new Set<Token>();
  const open = () => tool.parameters.filter((parameter) => !(parameter.name in input));
  const put = (parameter: Parameter, value: unknown, token?: Token) => {
    if (value === undefined) return;
    input[parameter.name] = value;
    if (token) for (const same of overlapping(sentence, token)) used.add(same);
  };

  if (sentence.json) {
    for (const parameter of open()) put(parameter, ownValue(sentence.json, parameter.name));
  }
  for (const parameter of open()) {
    if (parameter.fallback !== undefined) put(parameter, parameter.fallback);
    const token = sentence.named.find((one) => sameName(one.key, parameter.name));
    if (!token) continue;
    const isList = parameter.type === "array";
    const end = isList ? token.end + token.list.length - token.value.length : token.end;
    put(parameter, convert(parameter, isList ? token.list : token.value), { ...token, end });
  }
  for (const parameter of open()) put(parameter, choiceIn(parameter, sentence.text));
  for (const parameter of open()) {
    const token = formatted(parameter, sentence).find((one) => !used.has(one));
    if (token) put(parameter, convert(parameter, token.value), token);
  }
  for (const parameter of open()) put(parameter, flagIn(parameter, sentence.text));
  readNumbers(open(), sentence, used, put);

  const paths = sentence.files.filter((token) => !used.has(token));
  for (const parameter of open().filter(({ role }) => role === "path")) {
    if (parameter.type === "array" && paths.length > 0) {
      const values = paths.splice(0);
      put(
        parameter,
        values.map((token) => token.value),
      );
      for (const token of values) put(parameter, input[parameter.name], token);
    } else {
      const token = paths.shift();
      if (token) put(parameter, convert(parameter, token.value), token);
    }
  }
  readTexts(open(), sentence, used, put);

  const explicit = tool.parameters.filter(
    (parameter) => parameter.required && parameter.name in input,
  ).length;
  const left = open().filter((parameter) => parameter.required && takesAnyWords(parameter));
  const [only] = left.length === 1 ? left : restQuery(tool, open(), explicit);
  if (only && only.role !== "path") {
    const rest = restOfSentence(tool, withoutUsed(sentence.text, used));
    put(only, rest === "" ? undefined : rest);
  }
  return {
    input,
    explicit,
    missing: open().filter((parameter) => parameter.required),
    unused: [...sentence.files, ...sentence.quoted].filter((token) => !used.has(token)).length,
    more: moreCalls(tool, sentence, input, used),
  };
}

/** A search whose words are optional still wants them. */
function restQuery(tool: ToolProfile, open: readonly Parameter[], explicit: number): Parameter[] {
  const alone = explicit === 0 && tool.parameters.every((parameter) => !parameter.required);
  return alone
    ? open.filter((parameter) => parameter.role === "query" && takesAnyWords(parameter))
    : [];
}

type Put = (parameter: Parameter, value: unknown, token?: Token) => void;

function readNumbers(
  open: readonly Parameter[],
  sentence: Sentence,
  used: ReadonlySet<Token>,
  put: Put,
): void {
  const numeric = open.filter(({ type }) => type === "number" || type === "integer");
  const free = () => sentence.numbers.filter((token) => !used.has(token));
  for (const parameter of numeric) {
    const near = free().find((token) => isBeside(sentence.text, token, parameter.name));
    if (near) put(parameter, convert(parameter, near.value), near);
  }
  for (const parameter of numeric.filter(({ required }) => required)) {
    if (free().some((token) => isBeside(sentence.text, token, parameter.name))) continue;
    const [next] = free();
    if (next) put(parameter, convert(parameter, next.value), next);
  }
}

/** Quotes, and what follows a colon or `with the text`. */
function readTexts(
  open: readonly Parameter[],
  sentence: Sentence,
  used: ReadonlySet<Token>,
  put: Put,
): void {
  const quotes = () => sentence.quoted.filter((token) => !used.has(token));
  for (const parameter of open) {
    if (parameter.type === "array" && parameter.itemType === "string" && parameter.required) {
      const values = quotes();
      if (values.length > 0)
        put(
          parameter,
          values.map((token) => token.value),
        );
      for (const token of values)
        put(
          parameter,
          values.map((one) => one.value),
          token,
        );
    }
  }
  const texts = open.filter(({ type, format }) => type === "string" && format === null);
  const wanted = [
    ...texts.filter(({ role, required }) => role === "content" && required),
    ...texts.filter(({ role }) => role === "query"),
    ...texts.filter(({ role, required }) => role !== "content" && role !== "query" && required),
    ...texts.filter(({ role, required }) => role === "content" && !required),
  ];
  for (const parameter of wanted) {
    const [quote] = quotes();
    if (quote) put(parameter, quote.value, quote);
    else if (parameter.role === "content") put(parameter, markedText(sentence.text));
  }
}

function overlapping(sentence: Sentence, token: Token): Token[] {
  const { quoted, files, urls, emails, dates, numbers, named } = sentence;
  return [...quoted, ...files, ...urls, ...emails, ...dates, ...numbers, ...named].filter(
    (one) => one.start < token.end && token.start < one.end,
  );
}

function moreCalls(
  tool: ToolProfile,
  sentence: Sentence,
  input: Record<string, unknown>,
  used: ReadonlySet<Token>,
): Record<string, unknown>[] {
  const paths = tool.parameters.filter(({ role, type }) => role === "path" && type === "string");
  const [path] = paths;
  if (!path?.required || paths.length > 1 || !(path.name in input)) return [];
  return sentence.files
    .filter((token) => !used.has(token))
    .slice(0, mostCalls - 1)
    .map((token) => ({ ...input, [path.name]: token.value }));
}
