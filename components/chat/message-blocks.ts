import type {
  AuthorizationRequiredPart,
  ChatMessage,
  PausedToolCallView,
  ToolCallAccountPart,
  TurnErrorPart,
} from "@/lib/contracts/chat";
import { describeToolCall, type ToolCall } from "./tool-call";

/** A message as it is drawn, top to bottom. Keys stay the same while the message grows. */
export type MessageBlock =
  | { kind: "text" | "reasoning"; key: string; text: string; streaming: boolean }
  | { kind: "tool-calls"; key: string; calls: ToolCall[] }
  | { kind: "authorization"; key: string; prompt: AuthorizationRequiredPart; calls: ToolCall[] }
  | { kind: "error"; key: string; error: TurnErrorPart }
  | { kind: "source"; key: string; title: string; url: string }
  | { kind: "file"; key: string; title: string };

type Part = ChatMessage["parts"][number];

/** Calls that follow each other with nothing said in between stand in one block. */
export function messageBlocks(
  message: ChatMessage,
  { paused, busy }: { paused: readonly PausedToolCallView[]; busy: boolean },
): MessageBlock[] {
  const accounts = new Map<string, ToolCallAccountPart>();
  const prompted = new Set<string>();
  for (const part of message.parts) {
    if (part.type === "data-tool-call-account") accounts.set(part.data.toolCallId, part.data);
    if (part.type === "data-authorization-required") {
      for (const id of part.data.toolCallIds) prompted.add(id);
    }
  }
  const calls = new Map<string, ToolCall>();
  const blocks: MessageBlock[] = [];
  for (const [index, part] of message.parts.entries()) {
    if (part.type === "dynamic-tool") {
      const call = describeToolCall(part, {
        account: accounts.get(part.toolCallId) ?? null,
        paused: paused.find((each) => each.toolCallId === part.toolCallId) ?? null,
        prompted: prompted.has(part.toolCallId),
        busy,
      });
      calls.set(call.id, call);
      const last = blocks.at(-1);
      if (last?.kind === "tool-calls") last.calls.push(call);
      else blocks.push({ kind: "tool-calls", key: call.id, calls: [call] });
    } else {
      const block = blockOf(part, `${index}`, calls);
      if (block) blocks.push(block);
    }
  }
  return blocks;
}

function blockOf(
  part: Part,
  key: string,
  calls: ReadonlyMap<string, ToolCall>,
): MessageBlock | null {
  switch (part.type) {
    case "text":
    case "reasoning": {
      const streaming = part.state === "streaming";
      return part.text.trim() === "" ? null : { kind: part.type, key, text: part.text, streaming };
    }
    case "data-authorization-required":
      return {
        kind: "authorization",
        key: part.id ?? key,
        prompt: part.data,
        calls: part.data.toolCallIds.flatMap((id) => calls.get(id) ?? []),
      };
    case "data-turn-error":
      return { kind: "error", key, error: part.data };
    case "source-url":
      return { kind: "source", key, title: part.title || part.url, url: part.url };
    case "file":
      return { kind: "file", key, title: part.filename || part.mediaType };
    default:
      return null;
  }
}

/** The words of a message, for copying and for reading out. */
export function messageText(message: ChatMessage): string {
  return message.parts
    .flatMap((part) => (part.type === "text" && part.text.trim() !== "" ? [part.text.trim()] : []))
    .join("\n\n");
}
