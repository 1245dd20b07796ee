import type { DynamicToolUIPart } from "ai";
import pLimit from "p-limit";
import { decideAskingNow } from "@/lib/assistants/always-allow";
import type { ChatContext, ChatUser } from "@/lib/chat/context";
import { afterAnswers, type Continuation } from "@/lib/chat/input/ask-person";
import { alwaysAllowedBy, hasBegun, unsettledToolCalls } from "@/lib/chat/message-parts";
import type { Turn } from "@/lib/chat/turn/turn";
import {
  claimPausedToolCall,
  closePausedToolCalls,
  listPausedToolCalls,
  type PausedToolCallRow,
  pauseToolCall,
} from "@/lib/db/paused-tool-call";
import { type AwaitedConsent, isPrompted, writePrompts } from "./authorization-prompts";
import { type CallOutcome, cutShort, isArguments, runToolCall } from "./run-tool-call";
import { decideToolCall } from "./tool-call-decision";
import { callOutcomeWords } from "./tool-result";
import type { Toolbox, ToolboxTool } from "./toolbox";
import { askPerson, waitOn } from "./wait-for-person";

const callsAtOnce = 5;

export type SettleOptions = {
  user: ChatUser;
  toolbox: Toolbox;
  /** Calls that a turn before this one left open: they may have run. */
  leftOpen: ReadonlySet<string>;
  /** For the audit. */
  assistantId: string | null;
};

/**
 * Brings the open tool calls of the message to an answer, each one to its own: it runs, it is told
 * in words why it did not, or it waits for a person.
 * @returns true where some still wait: the turn ends, and goes on with a `resume`
 */
export async function settleToolCalls(
  ctx: ChatContext,
  turn: Turn,
  options: SettleOptions,
): Promise<boolean> {
  const open = unsettledToolCalls(turn.message);
  if (open.length === 0) return false;
  const paused = new Map(
    (await listPausedToolCalls(ctx.db, turn.conversationId)).map((row) => [row.toolCallId, row]),
  );
  const connected = await connections(ctx, options.user, open, paused);
  const limit = pLimit(callsAtOnce);
  const ends = await Promise.allSettled(
    open.map((part) => {
      const row = paused.get(part.toolCallId) ?? null;
      return limit(bringToAnEnd, ctx, turn, options, { part, row, connected });
    }),
  );
  const outcomes = ends.map((end) => {
    if (end.status === "rejected") throw end.reason;
    return end.value;
  });
  if (turn.signal.aborted) {
    if (turn.end === "stopped") await stopWaitingCalls(ctx, turn);
    return false;
  }
  const waiting = outcomes.filter((outcome) => typeof outcome !== "string");
  await writePrompts(ctx, turn, waiting);
  await turn.save();
  return waiting.length > 0 || outcomes.includes("unanswered");
}

async function bringToAnEnd(
  ctx: ChatContext,
  turn: Turn,
  { user, toolbox, leftOpen, assistantId }: SettleOptions,
  call: {
    part: DynamicToolUIPart;
    row: PausedToolCallRow | null;
    connected: ReadonlyMap<string, boolean>;
  },
): Promise<"settled" | "unanswered" | AwaitedConsent> {
  const { part, row } = call;
  const { toolCallId } = part;
  const tool = row ? toolbox.find(row.serverId, row.toolName) : toolbox.byName(part.toolName);
  const allowed = row ? null : await alwaysAllowedNow(ctx, user, tool, assistantId);
  const decision = decideToolCall({
    allowed: tool !== null,
    readOnly: tool?.readOnly ?? false,
    asks: tool?.asks != null && allowed === null,
    changed: tool?.asks === "changed" || tool?.asks === "new",
    begun: leftOpen.has(toolCallId) && hasBegun(turn.message, toolCallId),
    prompted: isPrompted(turn.message, toolCallId),
    paused: row && {
      state: row.state,
      connected: call.connected.get(row.serverId) ?? false,
      heldOpen: row.inputFlow === "ELICITATION_REQUEST",
      confirmed: row.confirmed,
    },
  });
  if (decision.action === "settle" || !tool) {
    const words = decision.action === "settle" ? decision.words : callOutcomeWords.notAllowed;
    await answer(ctx, turn, row, toolCallId, { kind: "error", errorText: words });
    return "settled";
  }
  if (decision.action === "wait" && row) {
    return waitOn(ctx, decision, row, tool.serverId, toolCallId);
  }
  if (turn.signal.aborted) {
    await answer(ctx, turn, row, toolCallId, cutShort(turn, callOutcomeWords.stopped));
    return "settled";
  }

  let { input } = part;
  if (decision.action === "wait") {
    if (isArguments(input)) return askPerson(ctx, turn, { user, tool, toolCallId, input });
    const errorText = callOutcomeWords.badInput;
    await answer(ctx, turn, row, toolCallId, { kind: "error", errorText });
    return "settled";
  }
  let continuation: Continuation = {};
  if (row && decision.from) {
    const claimed = await claimPausedToolCall(ctx.db, turn, row.id, decision.from);
    if (!claimed) return "unanswered";
    input = claimed.input;
    const next = afterAnswers(ctx, turn, toolCallId, claimed);
    if (next.kind === "end") {
      await answer(ctx, turn, row, toolCallId, { kind: "error", errorText: next.errorText });
      return "settled";
    }
    if (next.kind === "again") continuation = next.with;
  }
  const steppedUp = row?.steppedUp ?? false;
  const goesOn = decision.from === "INPUT_GIVEN";
  const alwaysAllowedId = goesOn ? alwaysAllowedBy(turn.message, toolCallId) : allowed;
  const by = { user, assistantId, alwaysAllowedId };
  const request = { ...by, tool, toolCallId, input, steppedUp, continuation };
  const outcome = await runToolCall(ctx, turn, request);
  if (outcome.kind === "input") return "unanswered";
  if (outcome.kind === "consent") {
    await pauseToolCall(ctx.db, {
      conversationId: turn.conversationId,
      toolCallId,
      serverId: tool.serverId,
      toolName: tool.toolName,
      input,
      state: "AWAITING_AUTHORIZATION",
      steppedUp: steppedUp || outcome.stepUp !== null,
      confirmed: row?.confirmed || decision.from === "CONFIRMED",
    });
    const { reason, stepUp } = outcome;
    return { serverId: tool.serverId, toolCallId, reason, stepUp };
  }
  await answer(ctx, turn, row, toolCallId, outcome);
  if (!row && outcome.asked && outcome.kind !== "left") {
    await closePausedToolCalls(ctx.db, turn.conversationId, "DONE", [toolCallId]);
  }
  return "settled";
}

/**
 * By which "Always allow" this person's call runs now; null: by none. What is stored is read right before the call,
 * and not where the turn began.
 */
async function alwaysAllowedNow(
  ctx: ChatContext,
  user: ChatUser,
  tool: ToolboxTool | null,
  assistantId: string | null,
): Promise<string | null> {
  if (assistantId === null || tool?.asks !== "changes_data") return null;
  const { serverId, toolName } = tool;
  return (await decideAskingNow(ctx, user, { assistantId, serverId, toolName })).alwaysAllowedId;
}

/** The answer is stored before the row is closed: a crash in between costs no answer. */
async function answer(
  ctx: ChatContext,
  turn: Turn,
  row: PausedToolCallRow | null,
  toolCallId: string,
  outcome: Exclude<CallOutcome, { kind: "consent" | "input" }>,
): Promise<void> {
  if (outcome.kind === "left") return;
  turn.write(
    outcome.kind === "output"
      ? { type: "tool-output-available", dynamic: true, toolCallId, output: outcome.output }
      : { type: "tool-output-error", dynamic: true, toolCallId, errorText: outcome.errorText },
  );
  await turn.save();
  if (row && row.state !== "SKIPPED") {
    await closePausedToolCalls(ctx.db, turn.conversationId, "DONE", [toolCallId]);
  }
}

/** A stop takes back what waits: it is told as not run. */
async function stopWaitingCalls(ctx: ChatContext, turn: Turn): Promise<void> {
  const open = unsettledToolCalls(turn.message);
  for (const { toolCallId } of open) {
    const errorText = callOutcomeWords.stopped;
    turn.write({ type: "tool-output-error", dynamic: true, toolCallId, errorText });
  }
  await turn.save();
  const ids = open.map((part) => part.toolCallId);
  await closePausedToolCalls(ctx.db, turn.conversationId, "SKIPPED", ids);
}

async function connections(
  ctx: ChatContext,
  user: ChatUser,
  open: readonly DynamicToolUIPart[],
  paused: ReadonlyMap<string, PausedToolCallRow>,
): Promise<Map<string, boolean>> {
  const serverIds = new Set(open.flatMap((part) => paused.get(part.toolCallId)?.serverId ?? []));
  return new Map(
    await Promise.all(
      [...serverIds].map(async (id) => [id, await ctx.isConnected(id, user)] as const),
    ),
  );
}
