import type { LanguageModelV3StreamPart } from "@ai-sdk/provider";
import { endOfString, isJsonObject, type JsonObject } from "@/lib/bounded-json";
import { parseLooseArguments } from "./loose-json";
import { afterObject, meantObject } from "./meant-arguments";

type Part = LanguageModelV3StreamPart;
type TextStart = Extract<Part, { type: "text-start" }>;
/** A call as the words of an answer. `input` is JSON of an object. */
type WrittenCall = { name: string; input: string };

/** How open models' templates start a call, without whitespace. */
const openings = [
  ...["<tool_call", "<|tool_call", "<｜tool▁calls▁begin｜>", "[TOOL_CALLS]", "<|python_tag|>"],
  ...["<function", "<invoke", "<minimax:tool_call>", "<seed:tool_call>", "<TOOLCALL>"],
  ...["<｜DSML｜", "<|DSML|", "<|channel|>", "<|start|>", "<|START_ACTION|>", "functools[{"],
  ...['{"name":', '[{"name":', '{"tool_calls":[', '{"type":"function"', '[{"type":"function"'],
];
/** A list of calls in Python. */
const inPython = /^\[\s*[\w.:/-]*(\(|$)/;
/** Of an answer that may consist of calls, in UTF-16 code units. */
const mostCharacters = 200_000;
const mostCalls = 50;

/**
 * Turns an answer that consists only of calls written as text into calls: many servers of open models do not parse them.
 * Among other words they stay text, since a model may be quoting what a tool returned.
 *
 * @param isSent whether a tool of this name was sent
 * @returns a function to which each part of one answer is given, in order
 */
export function callsInText(isSent: (name: string) => boolean): (part: Part) => Part[] {
  let held: { start: TextStart; text: string; isOpen: boolean } | null = null;
  let isOver = false;
  const letGo = (): Part[] => {
    if (held === null) return [];
    const { start, text, isOpen } = held;
    const { id } = start;
    held = null;
    isOver = true;
    const delta: Part[] = text === "" ? [] : [{ type: "text-delta", id, delta: text }];
    return [start, ...delta, ...(isOpen ? [] : [{ type: "text-end", id } as const])];
  };
  return (part) => {
    if (isOver) return [part];
    switch (part.type) {
      case "text-start": {
        if (held !== null) return [...letGo(), part];
        held = { start: part, text: "", isOpen: true };
        return [];
      }
      case "text-delta": {
        if (held === null || held.start.id !== part.id) return [...letGo(), part];
        held.text += part.delta;
        return mayBeCalls(held.text) ? [] : letGo();
      }
      case "text-end":
        if (held === null) return [part];
        held.isOpen = false;
        return [];
      case "finish": {
        const ended = /^(stop|tool-calls)$/.test(part.finishReason.unified);
        const calls = held && ended ? writtenCalls(held.text, isSent) : null;
        if (calls === null) return [...letGo(), part];
        return [...calls.map(toPart), part];
      }
      case "stream-start":
      case "response-metadata":
      case "reasoning-start":
      case "reasoning-delta":
      case "reasoning-end":
      case "raw":
        return [part];
      default:
        return [...letGo(), part];
    }
  };
}

/** Whether an answer ends with a call that was only written, so that nothing ran. */
export function endsWithWrittenCall(text: string, isSent: (name: string) => boolean): boolean {
  const at = Math.max(...openings.map((opening) => text.lastIndexOf(opening)));
  return at >= 0 && writtenCalls(text.slice(at), isSent) !== null;
}

function toPart({ name, input }: WrittenCall, index: number): Part {
  const toolCallId = `written-${index}`;
  return { type: "tool-call", toolCallId, toolName: name, input };
}

function mayBeCalls(text: string): boolean {
  if (text.length > mostCharacters) return false;
  const start = text.slice(0, 200).replace(/\s+/g, "");
  if (inPython.test(start)) return true;
  return openings.some((opening) => start.startsWith(opening) || opening.startsWith(start));
}

/** Template marks that only say where a call begins or ends. */
const marks =
  /<[|｜][^<>|｜]*[|｜]>|<\/?(\w+:)?(tool_?calls?|function_calls)>|<\|tool_call>|<tool_call\|>|\[\/?(TOOL_CALLS|ARGS|END_ARGS)\]|```(json)?/gi;
const pair = /<arg_key>([^<]*)<\/arg_key>\s*<arg_value>([\s\S]*?)<\/arg_value>\s*/g;
const parameter = /<parameter(?:=| name=")([^">]+)"?[^>]*>([\s\S]*?)<\/parameter>\s*/g;

/** The forms of a written call at the start of a text. */
const forms: readonly ((text: string) => { call: WrittenCall | null; length: number } | null)[] = [
  (text) => {
    const tagged =
      /^<(function=|invoke name="|function name=")([^">]+)"?>([\s\S]*?)<\/(function|invoke)>/;
    const [whole, , name = "", body = ""] = tagged.exec(text) ?? [];
    return whole === undefined ? null : { call: named(name, body), length: whole.length };
  },
  (text) => {
    const [whole, name = "", body = ""] =
      /^([\w.:/-]+)\s*((?:<arg_key>[^<]*<\/arg_key>\s*<arg_value>[\s\S]*?<\/arg_value>\s*)+)/.exec(
        text,
      ) ?? [];
    return whole === undefined ? null : { call: named(name, body), length: whole.length };
  },
  (text) => {
    const [before, name = ""] = /^([\w.:/-]*)\s*(?=\{)/.exec(text) ?? [];
    if (before === undefined) return null;
    const length = afterObject(text.slice(before.length));
    const value = meantObject(text.slice(before.length, before.length + length));
    const call = name === "" ? described(value) : value && { name, input: JSON.stringify(value) };
    return { call, length: before.length + length };
  },
  (text) => {
    const [before, name = ""] = /^\[?\s*([\w.:/-]+)(?=\()/.exec(text) ?? [];
    if (before === undefined) return null;
    const length = before.length + afterArguments(text.slice(before.length));
    const value = pythonArguments(text.slice(before.length, length));
    const call = value && { name, input: JSON.stringify(value) };
    return { call, length: length + (/^\s*\]/.exec(text.slice(length))?.[0].length ?? 0) };
  },
];

function pythonArguments(text: string): JsonObject | null {
  try {
    return parseLooseArguments(text);
  } catch {
    return null;
  }
}

/** In a text that begins with a parenthesis: the index after its end, or the end of the text. */
function afterArguments(text: string): number {
  for (let at = 0; at < text.length; at += 1) {
    const each = text.charAt(at);
    if (each === '"' || each === "'") at = endOfString(text, at, each);
    else if (each === ")") return at + 1;
  }
  return text.length;
}

/** Null unless the text consists only of calls to tools that were sent. */
function writtenCalls(
  text: string,
  isSent: (name: string) => boolean,
): readonly WrittenCall[] | null {
  const calls: WrittenCall[] = [];
  let rest = plainCalls(text)
    .replace(marks, "\n")
    .replace(/^\s*\[\s*(?=\{)/, "")
    .replace(/\}\s*\]\s*$/, "}");
  for (rest = withoutBlanks(rest); rest !== ""; ) {
    const found = forms.map((form) => form(rest)).find((each) => each !== null);
    if (!found?.call || !isSent(found.call.name) || calls.length >= mostCalls) return null;
    calls.push(found.call);
    rest = withoutBlanks(rest.slice(found.length));
  }
  return calls.length === 0 ? null : calls;
}

const openaiStart =
  /^\s*(<\|start\|>\s*(assistant)?)?\s*<\|channel\|>\s*analysis\s*<\|message\|>[\s\S]*?<\|end\|>/;
const openaiCall =
  /(<\|start\|>)?\s*(assistant)?\s*(<\|channel\|>)?\s*(commentary|analysis)?\s*to=([\w.:-]+)[^{]*?<\|message\|>/g;

/** Calls of which a template writes more than marks, with only that left out. */
function plainCalls(text: string): string {
  const whole = /^\s*\{\s*"tool_calls"/.test(text) ? meantObject(text)?.tool_calls : null;
  if (Array.isArray(whole)) return whole.map((each) => JSON.stringify(each)).join("\n");
  return text
    .replace(/[|｜]DSML[|｜]/g, "")
    .replaceAll('<|"|>', '"')
    .replace(openaiStart, "")
    .replace(openaiCall, "\n$5")
    .replace(/^\s*functools\s*(?=\[)/, "");
}

/** DeepSeek writes the tool's type before its name. */
function withoutBlanks(text: string): string {
  return text.replace(/^([\s,;]|function(?=\s))+/, "");
}

function named(name: string, body: string): WrittenCall | null {
  const pairs = [...body.matchAll(pair), ...body.matchAll(parameter)];
  const entries = pairs.map(([, key = "", value = ""]): [string, string] => [
    key.trim(),
    value.replace(/^\n|\n$/g, ""),
  ]);
  const other = body.replace(pair, "").replace(parameter, "").trim();
  const value =
    other === "" ? Object.fromEntries(entries) : entries.length === 0 && meantObject(other);
  return value ? { name: name.trim(), input: JSON.stringify(value) } : null;
}

function described(value: JsonObject | null): WrittenCall | null {
  const called = isJsonObject(value?.function) ? value.function : (value ?? {});
  const { name = called.tool_name, arguments: args, parameters, input } = called;
  const given = args ?? parameters ?? input;
  const read = typeof given === "string" ? meantObject(given) : given;
  return typeof name === "string" && isJsonObject(read)
    ? { name, input: JSON.stringify(read) }
    : null;
}
