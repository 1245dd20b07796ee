import { randomUUID } from "node:crypto";
import type { ChatContext } from "@/lib/chat/context";
import { type ChatPart, isToolPart } from "@/lib/chat/message-in-progress";
import {
  closeBrokenStep,
  hasBegun,
  isCutOff,
  isSettled,
  lastStep,
  partsToKeep,
  toChatMessage,
  unsettledToolCalls,
} from "@/lib/chat/message-parts";
import { callOutcomeWords } from "@/lib/chat/tool-calls/tool-result";
import type { ChatMessage, TurnInput } from "@/lib/contracts/chat/chat";
import { newConversationTitle, titleFrom } from "@/lib/contracts/chat/conversation";
import { type TurnKey, titleConversation } from "@/lib/db/conversation";
import { findMessage, listMessages, saveMessage } from "@/lib/db/message";
import {
  closePausedToolCalls,
  listPausedToolCalls,
  type PausedToolCallRow,
} from "@/lib/db/paused-tool-call";
import { ConflictError } from "@/lib/errors";

/** Where a turn continues from. */
export type TurnBeginning = {
  /** The conversation before the message that this turn writes. */
  before: ChatMessage[];
  /** The message that this turn writes, with its existing content. */
  message: ChatMessage;
  /** Parts that the browser does not have, or has dropped. */
  resend: readonly ChatPart[];
};

/**
 * Applies what a person did, under the turn's lease, so that it is stored before any answer begins.
 * @throws ConflictError it does not match what is stored
 */
export async function beginTurn(
  ctx: ChatContext,
  key: TurnKey,
  input: TurnInput,
): Promise<TurnBeginning> {
  const [stored, sameId] = await Promise.all([
    listMessages(ctx.db, key.conversationId),
    input.kind === "send" ? findMessage(ctx.db, input.messageId) : null,
  ]);
  const messages = stored.map(toChatMessage);
  switch (input.kind) {
    case "send":
      if (sameId && sameId.conversationId !== key.conversationId) throw messageIsElsewhere();
      return send(ctx, key, messages, input);
    case "resume":
      return resume(ctx, messages);
    case "retry":
      return retry(ctx, key, messages);
  }
}

async function send(
  ctx: ChatContext,
  key: TurnKey,
  messages: ChatMessage[],
  input: Extract<TurnInput, { kind: "send" }>,
): Promise<TurnBeginning> {
  const at = messages.findIndex((message) => message.id === input.messageId);
  if (at >= 0) return sentBefore(ctx, messages, at);

  const last = messages.at(-1);
  if (last?.role === "assistant") await leaveOpenCalls(ctx, key, last);
  const message: ChatMessage = {
    id: input.messageId,
    role: "user",
    parts: [{ type: "text", text: input.text }],
  };
  const saved = await saveMessage(ctx.db, key, { ...message, role: "user" });
  if (!saved) throw conversationGone();
  if (messages.length === 0) {
    await titleConversation(ctx.db, key.conversationId, {
      from: newConversationTitle,
      to: titleFrom(input.text),
    });
  }
  return { before: [...messages, message], message: newAnswer(ctx), resend: [] };
}

/** The browser asks twice if the first answer got lost on its way: it gets the same one. */
function sentBefore(ctx: ChatContext, messages: ChatMessage[], at: number): TurnBeginning {
  if (messages[at]?.role !== "user" || at + 2 < messages.length) {
    throw new ConflictError("That message was sent before. Reload the page.");
  }
  const beginning = resume(ctx, messages);
  return { ...beginning, resend: [...beginning.message.parts] };
}

function resume(ctx: ChatContext, messages: ChatMessage[]): TurnBeginning {
  const last = messages.at(-1);
  if (!last) throw new ConflictError("There is nothing to continue. Write a message first.");
  if (last.role === "user") return { before: messages, message: newAnswer(ctx), resend: [] };
  if (isCutOff(last)) last.parts = partsToKeep(last);
  return { before: messages.slice(0, -1), message: last, resend: [] };
}

async function retry(
  ctx: ChatContext,
  key: TurnKey,
  messages: ChatMessage[],
): Promise<TurnBeginning> {
  const last = messages.at(-1);
  if (!last) throw new ConflictError("There is nothing to retry. Write a message first.");
  if (last.role === "user") return { before: messages, message: newAnswer(ctx), resend: [] };
  const paused = await listPausedToolCalls(ctx.db, key.conversationId);
  const calls = lastStep(last).filter(isToolPart);
  if (calls.some((call) => isSettled(call) || mayHaveRun(paused, last, call))) {
    await leaveOpenCalls(ctx, key, last);
  }
  await closePausedToolCalls(ctx.db, key.conversationId, "SKIPPED");
  last.parts = partsToKeep(last);
  return { before: messages.slice(0, -1), message: last, resend: [...last.parts] };
}

/** Settles calls that wait, or that a crash left, with a message: the person continues without them. */
async function leaveOpenCalls(ctx: ChatContext, key: TurnKey, last: ChatMessage): Promise<void> {
  const cutOff = isCutOff(last);
  if (cutOff) closeBrokenStep(last);
  const open = unsettledToolCalls(last);
  if (open.length === 0 && !cutOff) return;
  const paused = await listPausedToolCalls(ctx.db, key.conversationId);
  for (const part of open) {
    const errorText = wordsFor(paused, last, part);
    Object.assign(part, { state: "output-error", errorText });
  }
  const saved = await saveMessage(ctx.db, key, { ...last, role: "assistant" });
  if (!saved) throw conversationGone();
  await closePausedToolCalls(ctx.db, key.conversationId, "SKIPPED");
}

type Call = { toolCallId: string };

function wordsFor(paused: readonly PausedToolCallRow[], message: ChatMessage, call: Call): string {
  if (stateOf(paused, call) === "SKIPPED") return callOutcomeWords.skipped;
  if (isAsked(paused, call)) return callOutcomeWords.inputUnanswered;
  return mayHaveRun(paused, message, call) ? callOutcomeWords.unknown : callOutcomeWords.movedOn;
}

/** A call that met a missing consent was passed on too, and certainly did not run. */
function mayHaveRun(
  paused: readonly PausedToolCallRow[],
  message: ChatMessage,
  call: Call,
): boolean {
  const state = stateOf(paused, call);
  if (!state) return hasBegun(message, call.toolCallId);
  return state === "RUNNING" || state === "DONE" || (isAsking(state) && !isAsked(paused, call));
}

/** Its server asks in a result: nothing of it runs before the answer. */
function isAsked(paused: readonly PausedToolCallRow[], { toolCallId }: Call): boolean {
  const row = paused.find((each) => each.toolCallId === toolCallId);
  return row !== undefined && isAsking(row.state) && row.inputFlow !== "ELICITATION_REQUEST";
}

function isAsking(state: PausedToolCallRow["state"]): boolean {
  return state === "AWAITING_INPUT" || state === "INPUT_GIVEN";
}

function stateOf(paused: readonly PausedToolCallRow[], { toolCallId }: Call) {
  return paused.find((row) => row.toolCallId === toolCallId)?.state;
}

function newAnswer(ctx: ChatContext): ChatMessage {
  return {
    id: randomUUID(),
    role: "assistant",
    parts: [],
    metadata: { createdAt: ctx.now().toISOString() },
  };
}

function messageIsElsewhere(): ConflictError {
  return new ConflictError("That message belongs to another conversation. Reload the page.");
}

function conversationGone(): ConflictError {
  return new ConflictError("This conversation changed in the meantime. Reload the page.");
}
