import { parseBoundedJson } from "@/lib/bounded-json";
import { unmarkData } from "../tool-result";

const longestShown = 6_000;

/** A tool's answer as Markdown that says the same and does nothing: no text of it is read as markup. */
export function showResult(marked: string): string {
  const text = unmarkData(marked).replace(/\r\n/g, "\n").trim();
  if (text === "") return "The answer is empty.";
  const data = readData(text);
  if (data !== null) return data;
  const cut = text.length > longestShown;
  const shown = cut ? text.slice(0, longestShown) : text;
  const note = cut ? "\n\nThe rest is in the tool call above." : "";
  const lines = shown.split("\n");
  if (lines.length > 1 && lines.every(isItem)) {
    return lines.map((line) => `- ${code(line.replace(/^[-*] /, ""))}`).join("\n") + note;
  }
  return (lines.length > 1 ? fence(shown) : `> ${escapeMarkdown(shown)}`) + note;
}

/** Short lines that are names, not prose. */
function isItem(line: string): boolean {
  return /^(?:[-*] )?[\w./-]{1,120}$/.test(line);
}

function readData(text: string): string | null {
  if (!/^[[{]/.test(text) || text.length > longestShown) return null;
  let value: unknown;
  try {
    value = parseBoundedJson(text);
  } catch {
    return null;
  }
  if (Array.isArray(value)) {
    if (value.length === 0) return "The list is empty.";
    return value.map((item) => `- ${showValue(item)}`).join("\n");
  }
  const entries = Object.entries(value as Record<string, unknown>);
  const [only] = entries;
  if (only && entries.length === 1 && Array.isArray(only[1])) {
    return only[1].length === 0
      ? "The list is empty."
      : only[1].map((item) => `- ${showValue(item)}`).join("\n");
  }
  return entries
    .map(([key, item]) => `- **${escapeMarkdown(key)}**: ${showValue(item)}`)
    .join("\n");
}

function showValue(value: unknown): string {
  if (typeof value === "string")
    return isItem(value) ? code(value) : escapeMarkdown(oneLine(value));
  if (value === null || typeof value !== "object") return String(value);
  if (Array.isArray(value)) return value.map(showValue).join(", ");
  return Object.entries(value)
    .map(([key, item]) => `${escapeMarkdown(key)} ${showValue(item)}`)
    .join(", ");
}

/** A fence that no line of the text can close. */
function fence(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const ticks = "`".repeat(longest + 1);
  return `${ticks}text\n${text}\n${ticks}`;
}

function code(text: string): string {
  return text.includes("`") ? escapeMarkdown(text) : `\`${text}\``;
}

export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|!~]/g, "\\$&");
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
