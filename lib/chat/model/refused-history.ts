import { jsonSchema, type ModelMessage, type Tool, type ToolCallPart } from "ai";
import { wrongOrder } from "./failure-kind";
import { type Said, whatWasSaid } from "./provider-words";

/**
 * How a history is changed for an API that refused it as it was. What another model wrote, and what a tool
 * returned, need not be what this model's API accepts.
 */
export type HistoryChange =
  | "without-images"
  | "without-reasoning"
  /** Each message that calls a tool has some. */
  | "with-reasoning"
  /** Each call has a signature of Google's. */
  | "with-signatures"
  /** After each result of a tool there is an answer, also where the model gave none. */
  | "with-answers"
  /** With the tools that it calls, although none can be called any more. */
  | "with-tools";

const aboutImages = /\bimages?\b|image_url|\bvision\b|multimodal|media[_ ]type/i;
const aboutReasoning =
  /reasoning_(content|details)|\breasoning\b|\bthinking\b|thought[_ ]?signature|encrypted[_ ]content|\brs_\w/i;
const wantsReasoning =
  /reasoning_content\b[^.]{0,80}\b(missing|required|must be passed)|missing\b[^.]{0,20}\breasoning_content/i;
const wantsSignatures =
  /missing an? `?thought_?signature|thought_?signature`?[^.]{0,20} (is )?missing/i;
const wantsTools = /\btoolConfig\b|\bmust define tools\b|expects the `?tools=?`? param/i;

/**
 * The change after which an API may accept a history that it refused; null: none is known.
 *
 * @param sent the refused history
 */
export function changeAfterRefusal(
  thrown: unknown,
  sent: readonly ModelMessage[],
): HistoryChange | null {
  const said = whatWasSaid(thrown);
  if (!said || !isAboutRequest(said.status)) return null;
  if (saysNothing(said)) {
    if (sent.some(hasReasoning)) return "without-reasoning";
    return sent.some(hasImages) ? "without-images" : null;
  }
  const says = (pattern: RegExp) => pattern.test(said.words);
  if (says(wantsTools) && Object.keys(formerTools(sent)).length > 0) return "with-tools";
  if (says(wantsReasoning) && sent.some(lacksReasoning)) return "with-reasoning";
  if (says(wantsSignatures) && sent.some(lacksSignature)) return "with-signatures";
  if (says(wrongOrder) && sent.some(lacksAnswer)) return "with-answers";
  const isAboutImages = said.status === 413 || says(aboutImages);
  if (isAboutImages && sent.some(hasImages)) return "without-images";
  return says(aboutReasoning) && sent.some(hasReasoning) ? "without-reasoning" : null;
}

/** Then leaving out what only some APIs take is the best guess. */
function saysNothing({ status, code, sentence }: Said): boolean {
  return (status === 400 || status === 422) && code === null && sentence === null;
}

/** Not about the key, credit, or how often; in a stream there is no status. */
function isAboutRequest(status: number | null): boolean {
  return (
    status === null || (status >= 400 && status < 500 && ![401, 402, 403, 429].includes(status))
  );
}

/** What the changes add; those that leave something out are made before. */
export function withAdditions(
  history: readonly ModelMessage[],
  changes: ReadonlySet<HistoryChange>,
): ModelMessage[] {
  const answered = changes.has("with-answers") ? history.flatMap(withAnswer) : history;
  return answered.map((message) => {
    const reasoned =
      changes.has("with-reasoning") && lacksReasoning(message) ? reasoning(message) : message;
    return changes.has("with-signatures") ? signed(reasoned) : reasoned;
  });
}

function withAnswer(
  message: ModelMessage,
  index: number,
  all: readonly ModelMessage[],
): ModelMessage[] {
  if (!lacksAnswer(message, index, all)) return [message];
  return [message, { role: "assistant", content: "(There was no answer.)" }];
}

/** Its turn ended there, and the person went on. */
function lacksAnswer({ role }: ModelMessage, index: number, all: readonly ModelMessage[]): boolean {
  return role === "tool" && all[index + 1]?.role === "user";
}

function reasoning(message: ModelMessage): ModelMessage {
  if (message.role !== "assistant" || typeof message.content === "string") return message;
  const text = "(Another model’s reasoning is not known.)";
  return { ...message, content: [{ type: "reasoning", text }, ...message.content] };
}

/** @see https://ai.google.dev/gemini-api/docs/thought-signatures */
const anySignature = "skip_thought_signature_validator";

function signed(message: ModelMessage): ModelMessage {
  if (message.role !== "assistant" || typeof message.content === "string") return message;
  const content = message.content.map((part) => {
    if (part.type !== "tool-call" || signatureOf(part) !== undefined) return part;
    const google = { ...part.providerOptions?.google, thoughtSignature: anySignature };
    return { ...part, providerOptions: { ...part.providerOptions, google } };
  });
  return { ...message, content };
}

/** Those that a history calls, to be sent where none is offered: an API may require them for calls in a history. */
export function formerTools(history: readonly ModelMessage[]): Record<string, Tool> {
  const names = history.flatMap((message) => {
    if (message.role !== "assistant" || typeof message.content === "string") return [];
    return message.content.flatMap((part) => (part.type === "tool-call" ? part.toolName : []));
  });
  const description = "It is not available any more. Do not call it.";
  const inputSchema = jsonSchema({ type: "object", properties: {} });
  return Object.fromEntries(
    names.map((name): [string, Tool] => [name, { type: "dynamic", description, inputSchema }]),
  );
}

function signatureOf(part: ToolCallPart): unknown {
  return part.providerOptions?.google?.thoughtSignature;
}

function lacksReasoning(message: ModelMessage): boolean {
  if (message.role !== "assistant" || typeof message.content === "string") return false;
  const types = message.content.map(({ type }) => type);
  return types.includes("tool-call") && !types.includes("reasoning");
}

function lacksSignature(message: ModelMessage): boolean {
  if (message.role !== "assistant" || typeof message.content === "string") return false;
  return message.content.some(
    (part) => part.type === "tool-call" && signatureOf(part) === undefined,
  );
}

/** Or something that refers to it. */
function hasReasoning(message: ModelMessage): boolean {
  if (message.role !== "assistant" || typeof message.content === "string") return false;
  return message.content.some(
    (part) => part.type === "reasoning" || ("providerOptions" in part && part.providerOptions),
  );
}

function hasImages(message: ModelMessage): boolean {
  if (message.role !== "tool") return false;
  return message.content.some(
    (part) =>
      part.type === "tool-result" &&
      part.output.type === "content" &&
      part.output.value.some(({ type }) => type === "image-data"),
  );
}
