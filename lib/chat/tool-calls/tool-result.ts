import type { ToolCallResult } from "@/lib/chat/context";
import type { ToolCallOutput, ToolContent } from "@/lib/contracts/chat/chat";

const longestForModel = 40_000;
const longestText = 200_000;
/** Base64 characters. */
const longestMedia = 1_500_000;

/** A tool's answer as stored and shown, in bounds. */
export function toToolCallOutput(result: ToolCallResult): ToolCallOutput {
  let { truncated } = result;
  const content = result.content.map((piece): ToolContent => {
    if ((piece.text?.length ?? 0) > longestText) {
      truncated = true;
      return { ...piece, text: piece.text?.slice(0, longestText) };
    }
    if (mediaOf(piece) > longestMedia) {
      truncated = true;
      return withoutMedia(piece);
    }
    return piece;
  });
  const structured = result.structuredContent;
  const keepStructured =
    structured !== undefined && (JSON.stringify(structured)?.length ?? 0) <= longestText;
  return { content, truncated, ...(keepStructured ? { structuredContent: structured } : {}) };
}

/** Characters of base64. */
function mediaOf({ data, resource }: ToolContent): number {
  const { blob } = (resource ?? {}) as { blob?: unknown };
  return (data?.length ?? 0) + (typeof blob === "string" ? blob.length : 0);
}

/** An image stays in place and says that it was too large; anything else becomes text. */
function withoutMedia(piece: ToolContent): ToolContent {
  const { type, mimeType, name } = piece;
  if (type === "image") {
    return { type, ...(mimeType && { mimeType }), ...(name && { name }), omitted: "too-large" };
  }
  return { type: "text", text: `[${describePiece(piece)}: too large to keep]` };
}

/** The text of a tool that reports a failure. */
export function toErrorText(result: ToolCallResult): string {
  const text = contentText(result.content).slice(0, 4_000).trim();
  return text || "The tool reported an error and gave no reason.";
}

/** A stored output as plain text, for a model. */
export function outputText(output: unknown): string {
  if (!isToolCallOutput(output))
    return typeof output === "string" ? output : JSON.stringify(output);
  const text = contentText(output.content);
  if (text !== "") return text;
  return output.structuredContent === undefined
    ? "(The tool returned no content.)"
    : JSON.stringify(output.structuredContent);
}

function isToolCallOutput(output: unknown): output is ToolCallOutput {
  return typeof output === "object" && output !== null && "content" in output;
}

function contentText(content: readonly ToolContent[]): string {
  return content
    .map((piece) => {
      if (piece.type === "text") return piece.text ?? "";
      const inner = piece.type === "resource" ? (piece.resource as { text?: unknown }) : null;
      return typeof inner?.text === "string" ? inner.text : `[${describePiece(piece)}]`;
    })
    .join("\n");
}

function describePiece(piece: ToolContent): string {
  const what = piece.type.replaceAll("_", " ");
  const words = [what, piece.name, piece.mimeType, piece.uri].filter(Boolean).join(", ");
  return piece.omitted === "too-large" ? `${words}: too large to keep` : words;
}

const opening = /<(?=\/?tool_result\b)/gi;

/**
 * Text from a server, marked so that a model can tell it from what a person says. The text itself
 * cannot close the mark.
 */
export function markAsData(from: { serverName: string; toolName: string }, text: string): string {
  const cut =
    text.length > longestForModel
      ? `${text.slice(0, longestForModel)}\n[Cut here: ${text.length - longestForModel} more characters.]`
      : text;
  const name = (value: string) => value.replace(/[<>"\n]/g, " ");
  return `<tool_result server="${name(from.serverName)}" tool="${name(from.toolName)}">\n${cut.replace(opening, "&lt;")}\n</tool_result>`;
}

const marked = /^<tool_result [^\n]*>\n([\s\S]*)\n<\/tool_result>$/;

export function isMarkedAsData(text: string): boolean {
  return marked.test(text);
}

/** The marked text; unmarked text as it is. */
export function unmarkData(text: string): string {
  const match = marked.exec(text);
  return (match?.[1] ?? text).replace(/&lt;(?=\/?tool_result\b)/gi, "<");
}

/** Shown to the model and the person in place of a tool's answer. */
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
    "This tool is no longer one of this assistant's. It did not run. An admin can add it again on the assistant's page.",
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

/** True for Usher's own words; others come from a server. */
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

/** True if a stop ended the call: a retry asks again. */
export function wasCutByStop(errorText: string | undefined): boolean {
  return errorText !== undefined && cutByStop.has(errorText);
}
