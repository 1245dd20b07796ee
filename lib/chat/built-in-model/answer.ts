import { parseBoundedJson } from "@/lib/bounded-json";
import { unmarkData } from "@/lib/chat/tool-calls/tool-result";
import type { QuotedFrom } from "@/lib/contracts/chat/conversation";
import type { Choice } from "./choose-tool";
import { exampleSentence, type ToolProfile } from "./tool-profile";

/** Said once in each conversation, before anything else. */
export const introduction =
  "I am Usher's built-in assistant, not a language model: I match what you write to a tool and show what it answers.";

/** Texts that identify the next message as an answer to one of our questions. */
const questions = { missing: "I still need", which: "Which one do you mean" } as const;

const mostListed = 12;
const longestName = 200;

/** A part of an answer: our own Markdown, or a server's text as it came. */
export type AnswerPart =
  | { format: "markdown"; text: string }
  | { format: "plain"; text: string; from: QuotedFrom };

export function inMarkdown(text: string): AnswerPart[] {
  return text === "" ? [] : [{ format: "markdown", text }];
}

export function asksSomething(text: string): boolean {
  return Object.values(questions).some((question) => text.includes(question));
}

export function announceCalls(calls: Extract<Choice, { kind: "call" }>["calls"]): string {
  const names = [...new Set(calls.map(({ tool }) => label(tool)))];
  return `I use ${names.join(" and ")} for this.`;
}

export function askForMissing(choice: Extract<Choice, { kind: "missing" }>): string {
  const { tool, missing } = choice;
  const wanted = missing.map(({ name, description, choices }) => {
    const hint = named(choices.length > 0 ? choices.join(", ") : description);
    return `**${named(name)}**${hint === "" ? "" : ` (${hint})`}`;
  });
  return `To use ${label(tool)} ${questions.missing} ${wanted.join(" and ")}. For example: “${named(exampleSentence(tool, false))}”.`;
}

export function askWhich(choice: Extract<Choice, { kind: "which" }>): string {
  const listed = choice.tools.slice(0, mostListed).map((tool) => `- ${label(tool)}`);
  return `More than one tool can do this. ${questions.which}?\n\n${listed.join("\n")}`;
}

/** What this assistant can do, with working examples. */
export function listAbilities(tools: readonly ToolProfile[]): string {
  if (tools.length === 0) {
    return "This assistant has no tools yet, so there is nothing that I can do. Ask an admin to add servers to it on the Assistants page.";
  }
  const servers = new Set(tools.map((tool) => tool.serverName));
  const lines = tools
    .slice(0, mostListed)
    .map((tool) => `- ${label(tool)}: “${named(exampleSentence(tool, servers.size > 1))}”`);
  const more = tools.length > mostListed ? `\n\nand ${tools.length - mostListed} more.` : "";
  return `I found no tool for that. This is what I can do, each with a sentence to try:\n\n${lines.join("\n")}${more}`;
}

export type ToolAnswer = {
  tool: ToolProfile | null;
  toolName: string;
  text: string;
  failed: boolean;
};

/** Each tool's output is in its own part, so that none of it is read as markup. */
export function showAnswers(answers: readonly ToolAnswer[]): AnswerPart[] {
  return answers.flatMap(({ tool, toolName, text, failed }) => {
    const name = tool ? label(tool) : `**${named(toolName)}**`;
    const from = { serverName: tool?.serverName ?? "unknown", toolName };
    const { plain, note } = failed
      ? { plain: oneLine(unmarkData(text)), note: "" }
      : showResult(text);
    return [
      ...inMarkdown(`${name} ${failed ? "did not answer" : "answered"}:`),
      ...(plain === "" ? [] : [{ format: "plain" as const, text: plain, from }]),
      ...inMarkdown(note),
    ];
  });
}

function label(tool: ToolProfile): string {
  return `**${named(tool.title)}** (${named(tool.serverName)})`;
}

/** A server's name for something, for use in one of our sentences: on one line, short, and without markup. */
function named(text: string): string {
  const line = oneLine(text.slice(0, 2 * longestName));
  const short = line.length > longestName ? `${line.slice(0, longestName)}…` : line;
  return short.replace(/[\\`*_{}[\]<>#|!~&]/g, "\\$&");
}

const longestShown = 6_000;
/** Levels of a JSON answer that are described in lines; a deeper one is shown as it came. */
const deepest = 4;

export type ShownResult = {
  /** Text from the server, to be shown as it is. Empty if it said nothing. */
  plain: string;
  /** What Usher says about it; may be empty. */
  note: string;
};

/** A tool's answer as plain text that a person can read. */
export function showResult(marked: string): ShownResult {
  const text = unmarkData(marked).replace(/\r\n?/g, "\n").trim();
  if (text === "") return { plain: "", note: "The answer is empty." };
  if (text.length > longestShown) {
    return { plain: text.slice(0, longestShown), note: "The rest is in the tool call above." };
  }
  const data = readData(text);
  return data === ""
    ? { plain: "", note: "The list is empty." }
    : { plain: data ?? text, note: "" };
}

/** Null if the text is not JSON, or too deep to be described in lines; empty for an empty list. */
function readData(text: string): string | null {
  if (!/^[[{]/.test(text) || isDeep(text)) return null;
  let value: unknown;
  try {
    value = parseBoundedJson(text);
  } catch {
    return null;
  }
  if (Array.isArray(value)) return value.map(showValue).join("\n");
  const entries = Object.entries(value as Record<string, unknown>);
  const [only] = entries;
  if (only && entries.length === 1 && Array.isArray(only[1])) {
    return only[1].map(showValue).join("\n");
  }
  return entries.map(([key, item]) => `${key}: ${showValue(item)}`).join("\n") || text;
}

function isDeep(json: string): boolean {
  let depth = 0;
  for (const [bracket] of json.matchAll(/[[\]{}]/g)) {
    depth += bracket === "[" || bracket === "{" ? 1 : -1;
    if (depth > deepest) return true;
  }
  return false;
}

function showValue(value: unknown): string {
  if (typeof value === "string") return oneLine(value);
  if (value === null || typeof value !== "object") return String(value);
  if (Array.isArray(value)) return value.map(showValue).join(", ");
  return Object.entries(value)
    .map(([key, item]) => `${key} ${showValue(item)}`)
    .join(", ");
}

export function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
