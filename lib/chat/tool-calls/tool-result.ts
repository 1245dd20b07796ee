import { fieldsOf, withExactIntegers } from "@/lib/bounded-json";
import type { ToolCallResult } from "@/lib/chat/context";
import type { ToolCallOutput, ToolContent } from "@/lib/contracts/chat/chat";
import { bytesOf } from "@/lib/mcp/reading/media";
import { cutText } from "@/lib/untrusted-text";

const longestForModel = 40_000;
const longestText = 200_000;
/** Base64 characters. */
const longestMedia = 1_500_000;

const longestErrorText = 4_000;

/** The stored and displayed part of a tool's answer: bounded, otherwise as it came. */
export function toToolCallOutput(result: ToolCallResult): ToolCallOutput {
  let { truncated } = result;
  const cut = (text: string) => {
    if (text.length <= longestText) return text;
    truncated = true;
    return withCutMark(text, longestText);
  };
  const content = result.content.map((piece): ToolContent => {
    if (mediaOf(piece).length > longestMedia) {
      truncated = true;
      return withoutMedia(piece);
    }
    const inner = piece.resource as { text?: unknown } | undefined;
    if (piece.type === "resource" && typeof inner?.text === "string") {
      return { ...piece, resource: { ...inner, text: cut(inner.text) } };
    }
    return piece.text === undefined ? piece : { ...piece, text: cut(piece.text) };
  });
  const { structuredContent: structured } = result;
  if (structured === undefined) return { content, truncated };
  const json = JSON.stringify(structured) ?? "";
  const structuredContent = json.length <= longestText ? structured : cut(json);
  return { content, truncated, structuredContent };
}

function withCutMark(text: string, most: number): string {
  const kept = cutText(text, most);
  return `${kept}\n[Cut here: ${text.length - kept.length} more characters.]`;
}

/** In base64; "" if there is none. */
function mediaOf({ data, resource }: ToolContent): string {
  const { blob } = (resource ?? {}) as { blob?: unknown };
  return data ?? (typeof blob === "string" ? blob : "");
}

/** An image stays in place and says that it was too large; anything else becomes text. */
function withoutMedia(piece: ToolContent): ToolContent {
  const { type, mimeType, name } = piece;
  if (type === "image") {
    return { type, ...(mimeType && { mimeType }), ...(name && { name }), omitted: "too-large" };
  }
  return { type: "text", text: `[${describePiece(piece)}: too large to keep]` };
}

/** The text of a tool that reports a failure; some give the reason only in the structured content. */
export function toErrorText(result: ToolCallResult): string {
  const { content, structuredContent } = result;
  const text = contentText(content).trim();
  const structured = isSaid(structuredContent, content) ? "" : JSON.stringify(structuredContent);
  const words = [text, structured].filter(Boolean).join("\n");
  if (words === "") return "The tool reported an error and gave no reason.";
  return words.length > longestErrorText ? withCutMark(words, longestErrorText) : words;
}

/** A stored output as plain text, for a model: text that repeats the structure appears once. */
export function outputText(output: unknown): string {
  if (!isToolCallOutput(output))
    return typeof output === "string" ? output : (JSON.stringify(output) ?? "");
  const text = contentText(output.content);
  const { structuredContent: structured } = output;
  const more = isSaid(structured, output.content) ? "" : plain(structured);
  return [text, more].filter((each) => each !== "").join("\n") || "(The tool returned no content.)";
}

/** If it was truncated when stored, it is the beginning of its JSON. */
function plain(structured: unknown): string {
  return typeof structured === "string" ? structured : (JSON.stringify(structured) ?? "");
}

/** Whether the content already contains the structured content. */
function isSaid(structured: unknown, content: readonly ToolContent[]): boolean {
  if (structured === undefined || structured === null) return true;
  const text = contentText(content);
  if (text.trim() === "") return false;
  if (text.includes(plain(structured)) || isSame(text, structured)) return true;
  // What is no object is wrapped for older clients, a list's entries as a part each.
  const { result, ...others } = fieldsOf(structured);
  if (result === undefined || Object.keys(others).length > 0) return false;
  const parts = Array.isArray(result) && result.length === content.length ? content : [];
  return (
    isSame(text, result) ||
    (parts.length > 0 && parts.every((part, at) => isSame(pieceText(part), (result as [])[at])))
  );
}

function isSame(text: string, value: unknown): boolean {
  if (typeof value === "string") return text.trim() === value.trim();
  try {
    return inOrder(JSON.parse(withExactIntegers(text))) === inOrder(value);
  } catch {
    return false;
  }
}

/** The same text for the same value, whatever the order of its keys. */
function inOrder(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}

function isToolCallOutput(output: unknown): output is ToolCallOutput {
  return typeof output === "object" && output !== null && "content" in output;
}

function contentText(content: readonly ToolContent[]): string {
  return content.map(pieceText).join("\n");
}

function pieceText(piece: ToolContent): string {
  if (piece.type === "text") return piece.text ?? "";
  const inner = piece.type === "resource" ? (piece.resource as { text?: unknown }) : null;
  if (typeof inner?.text !== "string") return `[${describePiece(piece)}]`;
  const about = describePiece(piece);
  return about === "resource" ? inner.text : `[${about}]\n${inner.text}`;
}

/** Its kind, name, type, location and size. */
function describePiece(piece: ToolContent): string {
  const inner = (piece.resource ?? {}) as { uri?: unknown; mimeType?: unknown };
  const text = (value: unknown) => (typeof value === "string" && value !== "" ? [value] : []);
  const title = text((piece as { title?: unknown }).title);
  const description = text((piece as { description?: unknown }).description);
  const words = [
    piece.type.replaceAll("_", " "),
    ...text(piece.name),
    ...title.filter((each) => each !== piece.name),
    ...description,
    ...text(piece.mimeType ?? inner.mimeType),
    ...text(piece.uri ?? inner.uri),
    ...sizeInWords(mediaOf(piece)),
  ];
  const described = [...new Set(words)].join(", ");
  return piece.omitted === "too-large" ? `${described}: too large to keep` : described;
}

function sizeInWords(base64: string): string[] {
  if (base64 === "") return [];
  const bytes = Math.floor(bytesOf(base64));
  return [bytes < 1024 ? `${bytes} bytes` : `${Math.round(bytes / 1024)} KiB`];
}

const opening = /<(?=\/?tool_result\b)/gi;

/**
 * Text from a server, marked so that a model can distinguish it from a person's text. The text itself
 * cannot close the mark.
 */
export function markAsData(from: { serverName: string; toolName: string }, text: string): string {
  const cut = text.length > longestForModel ? withCutMark(text, longestForModel) : text;
  const name = (value: string) => value.replace(/[<>"\n]/g, " ");
  return `<tool_result server="${name(from.serverName)}" tool="${name(from.toolName)}">\n${cut.replace(opening, "&lt;")}\n</tool_result>`;
}

/** The same mark around the beginning of its content. */
export function shortenData(markedText: string, most: number): string {
  const [, head = "", inner = markedText, end = ""] = parts.exec(markedText) ?? [];
  if (inner.length <= most) return markedText;
  return `${head}${withCutMark(inner, most)}${end}`;
}

const parts = /^(<tool_result [^\n]*>\n)([\s\S]*)(\n<\/tool_result>)$/;
const marked = /^<tool_result [^\n]*>\n([\s\S]*)\n<\/tool_result>$/;

export function isMarkedAsData(text: string): boolean {
  return marked.test(text);
}

/** The marked text; unmarked text as it is. */
export function unmarkData(text: string): string {
  const match = marked.exec(text);
  return (match?.[1] ?? text).replace(/&lt;(?=\/?tool_result\b)/gi, "<");
}

/** Shown to the model and the person instead of a tool's answer. */
export const callOutcomeWords = {
  skipped: "The person skipped this call. It did not run. Go on without it.",
  movedOn: "The person wrote on without this call. It did not run.",
  stopped: "The person stopped the answer before this call ran. It did not run.",
  stoppedWhileRunning:
    "The person stopped the answer while this call ran. It is not known whether it took effect.",
  unknown:
    "It is not known whether this call ran: Usher was interrupted while it was under way. It is not retried automatically. Check what it did before you ask for it again.",
  unfinished: "This call was never complete. It did not run.",
  modelBrokeOff: "The model's answer broke off. This call did not run.",
  noLongerAllowed:
    "This tool is no longer one of this assistant's, or you no longer have access to it. It did not run. Ask an admin.",
  notLinked: "No tool of this server has linked to that address in this conversation. Nothing ran.",
  notAllowed: "This assistant has no tool of that name. Nothing ran.",
  inputUnanswered:
    "The person continued without answering the server's question in the middle of this call. The call did not continue.",
  inputDeclined:
    "The person did not open the page that the server asked for. The call did not continue.",
  inputTooOften:
    "The server asked too many questions in the middle of this call. The call did not continue.",
  badInput: "The arguments are not a JSON object that this tool takes. Nothing ran.",
  failed: "The call failed for a reason inside Usher. It may be tried again.",
} as const;

const ownWords: ReadonlySet<string> = new Set(Object.values(callOutcomeWords));

/** True for Usher's own text; other text comes from a server. */
export function isOwnWords(errorText: string): boolean {
  return ownWords.has(errorText);
}

const untouched: ReadonlySet<string> = new Set([
  callOutcomeWords.skipped,
  callOutcomeWords.movedOn,
  callOutcomeWords.stopped,
  callOutcomeWords.unfinished,
  callOutcomeWords.modelBrokeOff,
  callOutcomeWords.noLongerAllowed,
  callOutcomeWords.notAllowed,
  callOutcomeWords.notLinked,
  callOutcomeWords.badInput,
]);

/** True if the call never reached its server. */
export function didNotRun(errorText: string | undefined): boolean {
  return errorText !== undefined && untouched.has(errorText);
}

const cutByStop: ReadonlySet<string> = new Set([
  callOutcomeWords.stopped,
  callOutcomeWords.stoppedWhileRunning,
]);

/** True if a stop ended the call: a retry requests it again. */
export function wasCutByStop(errorText: string | undefined): boolean {
  return errorText !== undefined && cutByStop.has(errorText);
}
