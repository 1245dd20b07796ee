import { parseBoundedJson } from "@/lib/bounded-json";
import { unmarkData } from "@/lib/chat/tool-calls/tool-result";

const longestShown = 6_000;
/** Levels of a JSON answer that are told in lines; a deeper one is shown as it came. */
const deepest = 4;

export type ShownResult = {
  /** Text of the server, to be shown as it is. Empty where it said nothing. */
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

/** Null where the text is no JSON, or too deep to be told in lines; empty for an empty list. */
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
