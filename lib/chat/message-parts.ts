import type { DynamicToolUIPart } from "ai";
import type { ChatMessage, ToolCallAccountPart, ToolContent } from "@/lib/contracts/chat/chat";
import type { MessageRow } from "@/lib/db/message";
import { type ChatChunk, type ChatPart, isToolPart } from "./message-in-progress";
import { didNotRun, wasCutByStop } from "./tool-calls/tool-result";

/** Unanswered tool calls. Models refuse a history with one. */
export function unsettledToolCalls(message: ChatMessage): DynamicToolUIPart[] {
  return message.parts.filter(
    (part): part is DynamicToolUIPart => isToolPart(part) && !isSettled(part),
  );
}

export function isSettled(part: DynamicToolUIPart): boolean {
  return part.state === "output-available" || part.state === "output-error";
}

/** The parts after the last step boundary. */
export function lastStep(message: ChatMessage): ChatPart[] {
  return message.parts.slice(message.parts.findLastIndex((part) => part.type === "step-start") + 1);
}

/** True if tool results wait for the model, or nothing was written yet. */
export function wantsModelStep(message: ChatMessage): boolean {
  if (message.parts.length === 0) return true;
  const step = lastStep(message);
  return step.some(isToolPart) && !step.some((part) => part.type === "data-turn-error");
}

/** True if a crash left the last step incomplete. */
export function isCutOff(message: ChatMessage): boolean {
  if (message.parts.length === 0) return false;
  const step = lastStep(message);
  return step.some(isStreaming) || !step.some(saysSomething);
}

/** Whether a turn sent this call to its server; it may have run. */
export function hasBegun(message: ChatMessage, toolCallId: string): boolean {
  return account(message, toolCallId) !== null;
}

/** By which "Always allow" this call ran when it was last sent to its server; null: by none. */
export function alwaysAllowedBy(message: ChatMessage, toolCallId: string): string | null {
  return account(message, toolCallId)?.alwaysAllowedId ?? null;
}

/**
 * What a retry keeps. Nothing of a complete answer. Of one that broke off, all steps whose
 * tool calls finished; a step cut by a stop is requested again, unless something in it took effect.
 */
export function partsToKeep(message: ChatMessage): ChatPart[] {
  const step = lastStep(message);
  const complete = step.some((part) => part.type === "text") && !step.some(isToolPart);
  if (complete && !isCutOff(message) && !step.some((part) => part.type === "data-turn-error")) {
    return [];
  }
  const kept = steps(message.parts);
  while (kept.length > 0 && !isToKeep(message, kept.at(-1) ?? [])) kept.pop();
  return kept.flat().filter((part) => part.type !== "data-turn-error");
}

function isToKeep(message: ChatMessage, step: readonly ChatPart[]): boolean {
  const calls = step.filter(isToolPart);
  if (calls.length === 0 || !calls.every(isSettled)) return false;
  return (
    !calls.some((call) => wasCutByStop(call.errorText)) ||
    calls.some((call) => tookEffect(message, call))
  );
}

function tookEffect(message: ChatMessage, call: DynamicToolUIPart): boolean {
  const known = account(message, call.toolCallId);
  return known !== null && !known.readOnly && !didNotRun(call.errorText);
}

function account(message: ChatMessage, toolCallId: string): ToolCallAccountPart | null {
  const part = message.parts.find(
    (part) => part.type === "data-tool-call-account" && part.data.toolCallId === toolCallId,
  );
  return part?.type === "data-tool-call-account" ? part.data : null;
}

function saysSomething(part: ChatPart): boolean {
  return ["text", "dynamic-tool", "file", "data-turn-error"].includes(part.type);
}

function steps(parts: readonly ChatPart[]): ChatPart[][] {
  const found: ChatPart[][] = [];
  for (const part of parts) {
    if (part.type === "step-start" || found.length === 0) found.push([]);
    found.at(-1)?.push(part);
  }
  return found;
}

function isStreaming(part: ChatPart): boolean {
  return "state" in part && (part.state === "streaming" || part.state === "input-streaming");
}

/**
 * Closes what was being written when a step broke off: text is kept as it is, a tool call with
 * incomplete arguments is dropped. Provider metadata is dropped: it refers to things that the
 * provider never finished.
 */
export function closeBrokenStep(message: ChatMessage): void {
  const from = message.parts.findLastIndex((part) => part.type === "step-start") + 1;
  const kept = message.parts.slice(from).filter((part) => !isToolPart(part) || !isStreaming(part));
  for (const part of kept) {
    if (part.type === "text" || part.type === "reasoning") {
      part.state = "done";
      delete part.providerMetadata;
    }
    if (isToolPart(part)) delete part.callProviderMetadata;
  }
  message.parts.splice(from, message.parts.length, ...kept);
}

/** The chunks that build these parts in a browser that does not have them. */
export function chunksOf(parts: readonly ChatPart[]): ChatChunk[] {
  return parts.flatMap((part, index): ChatChunk[] => {
    const id = `kept-${index}`;
    switch (part.type) {
      case "text":
        return [
          { type: "text-start", id },
          { type: "text-delta", id, delta: part.text },
          { type: "text-end", id },
        ];
      case "reasoning":
        return [
          { type: "reasoning-start", id },
          { type: "reasoning-delta", id, delta: part.text },
          { type: "reasoning-end", id },
        ];
      case "dynamic-tool":
        return toolChunks(part);
      case "step-start":
        return [{ type: "start-step" }];
      case "file":
      case "source-url":
        return [part];
      case "data-authorization-required":
      case "data-account-required":
      case "data-input-required":
      case "data-confirmation-required":
      case "data-tool-call-account":
      case "data-turn-error":
      case "data-turn-notice":
        return [part];
      default:
        return [];
    }
  });
}

function toolChunks(part: DynamicToolUIPart): ChatChunk[] {
  const { toolCallId, toolName, input, title } = part;
  const call: ChatChunk = {
    type: "tool-input-available",
    dynamic: true,
    toolCallId,
    toolName,
    input,
    ...(title ? { title } : {}),
  };
  if (part.state === "output-available") {
    return [
      call,
      { type: "tool-output-available", dynamic: true, toolCallId, output: part.output },
    ];
  }
  if (part.state === "output-error") {
    return [
      call,
      { type: "tool-output-error", dynamic: true, toolCallId, errorText: part.errorText },
    ];
  }
  return [call];
}

export function toChatMessage(row: MessageRow): ChatMessage {
  return {
    id: row.id,
    role: row.role === "user" ? "user" : "assistant",
    parts: Array.isArray(row.parts) ? (row.parts as unknown as ChatMessage["parts"]) : [],
    metadata: { createdAt: row.createdAt.toISOString() },
  };
}

export type LinksByServer = ReadonlyMap<string, ReadonlySet<string>>;

/** What the answers of each server's tools link to. @returns by the server's id; only servers with a link */
export function linksByServer(messages: readonly ChatMessage[]): LinksByServer {
  const links = new Map<string, Set<string>>();
  for (const { parts } of messages) {
    const servers = new Map(
      parts.flatMap((part) =>
        part.type === "data-tool-call-account" ? [[part.data.toolCallId, part.data.serverId]] : [],
      ),
    );
    for (const part of parts) {
      if (part.type !== "dynamic-tool" || part.state !== "output-available") continue;
      const serverId = servers.get(part.toolCallId);
      const uris = urisIn(part.output);
      if (serverId === undefined || uris.length === 0) continue;
      links.set(serverId, new Set([...(links.get(serverId) ?? []), ...uris]));
    }
  }
  return links;
}

function urisIn(output: unknown): string[] {
  const content = (output as { content?: unknown } | null)?.content;
  if (!Array.isArray(content)) return [];
  return content.flatMap(({ type, uri }: ToolContent) =>
    type === "resource_link" && typeof uri === "string" && uri !== "" ? [uri] : [],
  );
}
