import type {
  DynamicToolUIPart,
  InferUIMessageChunk,
  ProviderMetadata,
  ReasoningUIPart,
  TextUIPart,
} from "ai";
import type { ChatMessage } from "@/lib/contracts/chat/chat";

export type ChatChunk = InferUIMessageChunk<ChatMessage>;
export type ChatPart = ChatMessage["parts"][number];

/**
 * The message that a turn writes, kept in step with the sent chunks, so that what is stored
 * is what the browser shows. The same rules as the AI SDK's own reader, without a copy per chunk.
 */
export type MessageInProgress = {
  readonly message: ChatMessage;
  apply(chunk: ChatChunk): void;
};

export function continueMessage(start: ChatMessage): MessageInProgress {
  const message = start;
  const open = new Map<string, TextUIPart | ReasoningUIPart>();

  /** Metadata may come with any piece: Anthropic signs its reasoning in a piece without text. */
  function append(id: string, delta: string, metadata: ProviderMetadata | undefined): void {
    const part = open.get(id);
    if (!part) return;
    part.text += delta;
    if (metadata) part.providerMetadata = metadata;
  }
  function finish(id: string, metadata: ProviderMetadata | undefined): void {
    append(id, "", metadata);
    const part = open.get(id);
    if (part) part.state = "done";
    open.delete(id);
  }

  function apply(chunk: ChatChunk): void {
    switch (chunk.type) {
      case "text-start":
      case "reasoning-start": {
        const state = {
          text: "",
          state: "streaming" as const,
          ...(chunk.providerMetadata ? { providerMetadata: chunk.providerMetadata } : {}),
        };
        const part: TextUIPart | ReasoningUIPart =
          chunk.type === "text-start"
            ? { type: "text", ...state }
            : { type: "reasoning", id: chunk.id, ...state };
        open.set(`${part.type} ${chunk.id}`, part);
        message.parts.push(part);
        return;
      }
      case "text-delta":
        append(`text ${chunk.id}`, chunk.delta, chunk.providerMetadata);
        return;
      case "reasoning-delta":
        append(`reasoning ${chunk.id}`, chunk.delta, chunk.providerMetadata);
        return;
      case "text-end":
        finish(`text ${chunk.id}`, chunk.providerMetadata);
        return;
      case "reasoning-end":
        finish(`reasoning ${chunk.id}`, chunk.providerMetadata);
        return;
      case "start-step":
        message.parts.push({ type: "step-start" });
        return;
      case "finish-step":
        open.clear();
        return;
      case "file":
        message.parts.push({ type: "file", mediaType: chunk.mediaType, url: chunk.url });
        return;
      case "source-url":
        message.parts.push({
          type: "source-url",
          sourceId: chunk.sourceId,
          url: chunk.url,
          ...(chunk.title ? { title: chunk.title } : {}),
        });
        return;
      default:
        if (chunk.type.startsWith("tool-")) applyToTool(message, chunk);
        else if (chunk.type.startsWith("data-")) applyData(message, chunk);
    }
  }

  return { message, apply };
}

export function isToolPart(part: ChatPart): part is DynamicToolUIPart {
  return part.type === "dynamic-tool";
}

export function findToolPart(message: ChatMessage, toolCallId: string): DynamicToolUIPart | null {
  return (
    message.parts.findLast(
      (part): part is DynamicToolUIPart => isToolPart(part) && part.toolCallId === toolCallId,
    ) ?? null
  );
}

function applyToTool(message: ChatMessage, chunk: ChatChunk): void {
  switch (chunk.type) {
    case "tool-input-start":
      message.parts.push({
        type: "dynamic-tool",
        toolCallId: chunk.toolCallId,
        toolName: chunk.toolName,
        ...(chunk.title ? { title: chunk.title } : {}),
        state: "input-streaming",
        input: undefined,
      });
      return;
    case "tool-input-available":
      putTool(message, chunk.toolCallId, {
        toolName: chunk.toolName,
        ...(chunk.title ? { title: chunk.title } : {}),
        state: "input-available",
        input: chunk.input,
        ...(chunk.providerMetadata ? { callProviderMetadata: chunk.providerMetadata } : {}),
      });
      return;
    case "tool-input-error":
      putTool(message, chunk.toolCallId, {
        toolName: chunk.toolName,
        ...(chunk.title ? { title: chunk.title } : {}),
        state: "output-error",
        input: chunk.input,
        errorText: chunk.errorText,
      });
      return;
    case "tool-output-available":
      putTool(message, chunk.toolCallId, {
        state: "output-available",
        output: chunk.output,
      });
      return;
    case "tool-output-error":
      putTool(message, chunk.toolCallId, {
        state: "output-error",
        errorText: chunk.errorText,
      });
      return;
    default:
  }
}

function putTool(message: ChatMessage, toolCallId: string, change: object): void {
  const part = findToolPart(message, toolCallId);
  if (part) Object.assign(part, change);
  else message.parts.push({ type: "dynamic-tool", toolCallId, ...change } as DynamicToolUIPart);
}

function applyData(message: ChatMessage, chunk: ChatChunk): void {
  if (!("data" in chunk) || chunk.transient) return;
  const { type, id, data } = chunk;
  const known = message.parts.find((part) => part.type === type && "id" in part && part.id === id);
  const part = { type, ...(id === undefined ? {} : { id }), data } as ChatPart;
  if (known && id !== undefined) Object.assign(known, part);
  else message.parts.push(part);
}
