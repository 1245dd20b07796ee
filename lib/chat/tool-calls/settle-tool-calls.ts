import type { DynamicToolUIPart } from "ai";
import pLimit from "p-limit";
import { decideAskingNow } from "@/lib/assistants/always-allow";
import type { ChatAccount, ChatContext, ChatUser } from "@/lib/chat/context";
import { afterAnswers, type Continuation } from "@/lib/chat/input/ask-person";
import { alwaysAllowedBy, hasBegun, unsettledToolCalls } from "@/lib/chat/message-parts";
import type { Turn } from "@/lib/chat/turn/turn";
import { keptAccount } from "@/lib/db/conversation";
import {
  claimPausedToolCall,
  closePausedToolCalls,
  listPausedToolCalls,
  type PausedToolCallRow,
  pauseToolCall,
} from "@/lib/db/paused-tool-call";
import { writeAccountPrompts } from "./account-prompts";
import { isPrompted, writePrompts } from "./authorization-prompts";
import { type CallOutcome, cutShort, isArguments, runToolCall } from "./run-tool-call";
import { decideToolCall } from "./tool-call-decision";
import { callOutcomeWords } from "./tool-result";
import type { Toolbox, ToolboxTool } from "./toolbox";
import { type Awaited, askPerson, stopWaitingCalls, waitOn } from "./wait-for-person";

const callsAtOnce = 5;

export type SettleOptions = {
  user: ChatUser;
  toolbox: Toolbox;
  /** Calls that an earlier turn left open: they may have run. */
  leftOpen: ReadonlySet<string>;
  /** For the audit. */
  assistantId: string | null;
  /** Accounts that the person chose for the rest of the conversation, as stored. */
  accounts: unknown;
};

/**
 * Brings the message's open tool calls to an answer, each to its own: it runs, it gets
 * the reason why it did not, or it waits for a person.
 * @returns true if some still wait: the turn ends, and continues with a `resume`
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
  const using = await accountsToUse(ctx, options, open, paused);
  const limit = pLimit(callsAtOnce);
  const ends = await Promise.allSettled(
    open.map((part) => {
      const row = paused.get(part.toolCallId) ?? null;
      return limit(bringToAnEnd, ctx, turn, options, {
        part,
        row,
        using: using.get(part.toolCallId),
      });
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
  const choosing = waiting.filter((call) => call.waitsFor === "account");
  if (choosing.length > 0) await writeAccountPrompts(ctx, turn, choosing);
  await writePrompts(
    ctx,
    turn,
    waiting.filter((call) => call.waitsFor === "consent"),
  );
  await turn.save();
  return waiting.length > 0 || outcomes.includes("unanswered");
}

async function bringToAnEnd(
  ctx: ChatContext,
  turn: Turn,
  { user, toolbox, leftOpen, assistantId, accounts }: SettleOptions,
  call: {
    part: DynamicToolUIPart;
    row: PausedToolCallRow | null;
    /** For a paused call: the account that it has to run with. */
    using: ChatAccount | undefined;
  },
): Promise<"settled" | "unanswered" | Awaited> {
  const { part, row, using } = call;
  const { toolCallId } = part;
  const tool = row ? toolbox.find(row.serverId, row.toolName) : toolbox.byName(part.toolName);
  const account = row?.account ?? keptAccount(accounts, tool?.serverId ?? "");
  const isNew = !row || row.state === "AWAITING_ACCOUNT";
  const allowed = isNew ? await alwaysAllowedNow(ctx, user, { tool, account, assistantId }) : null;
  const decision = decideToolCall({
    allowed: tool !== null,
    readOnly: tool?.readOnly ?? false,
    asks: tool?.asks != null && allowed === null,
    changed: tool?.asks === "changed" || tool?.asks === "new",
    begun: leftOpen.has(toolCallId) && hasBegun(turn.message, toolCallId),
    prompted: isPrompted(turn.message, toolCallId),
    paused: row && {
      state: row.state,
      connected: using?.connected ?? false,
      mustChoose: using?.choose != null,
      chosen: row.account !== null,
      heldOpen: row.inputFlow === "ELICITATION_REQUEST",
      confirmed: row.confirmed,
    },
  });
  if (decision.action === "settle" || !tool) {
    const words = decision.action === "settle" ? decision.words : callOutcomeWords.notAllowed;
    await answer(ctx, turn, row, toolCallId, { kind: "error", errorText: words });
    return "settled";
  }
  if (decision.action === "wait" && row && using) return waitOn(ctx, decision, row, using);
  if (turn.signal.aborted) {
    await answer(ctx, turn, row, toolCallId, cutShort(turn, callOutcomeWords.stopped));
    return "settled";
  }

  let { input } = part;
  if (decision.action === "wait") {
    if (isArguments(input)) return askPerson(ctx, turn, { user, tool, toolCallId, input, account });
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
  const request = { ...by, tool, toolCallId, input, account, steppedUp, continuation };
  const outcome = await runToolCall(ctx, turn, request);
  if (outcome.kind === "input") return "unanswered";
  if (outcome.kind === "consent" || outcome.kind === "account") {
    const confirmed = row?.confirmed || decision.from === "CONFIRMED";
    return pause(ctx, turn, { ...request, confirmed }, outcome);
  }
  await answer(ctx, turn, row, toolCallId, outcome);
  if (!row && outcome.asked && outcome.kind !== "left") {
    await closePausedToolCalls(ctx.db, turn.conversationId, "DONE", [toolCallId]);
  }
  return "settled";
}

async function pause(
  ctx: ChatContext,
  turn: Turn,
  call: { tool: ToolboxTool; toolCallId: string } & { input: unknown } & Record<
      "steppedUp" | "confirmed",
      boolean
    >,
  outcome: Extract<CallOutcome, { kind: "consent" | "account" }>,
): Promise<Awaited> {
  const { toolCallId, input, steppedUp, confirmed } = call;
  const { serverId, toolName } = call.tool;
  const { conversationId } = turn;
  const stored = { conversationId, toolCallId, serverId, toolName, input };
  const { reason } = outcome;
  if (outcome.kind === "account") {
    // A confirmation for one account does not apply to another.
    const asks = { state: "AWAITING_ACCOUNT", account: null, confirmed: false } as const;
    await pauseToolCall(ctx.db, { ...stored, ...asks, steppedUp });
    return { waitsFor: "account", serverId, toolCallId, reason };
  }
  const { account, stepUp } = outcome;
  await pauseToolCall(ctx.db, {
    ...{ ...stored, account, confirmed, state: "AWAITING_AUTHORIZATION" },
    steppedUp: steppedUp || stepUp !== null,
  });
  return { waitsFor: "consent", serverId, toolCallId, account, reason, stepUp };
}

/**
 * By which "Always allow" this person's call now runs; null: by none. The stored state is read right before the call,
 * not at the start of the turn.
 */
async function alwaysAllowedNow(
  ctx: ChatContext,
  user: ChatUser,
  call: { tool: ToolboxTool | null; account: string | null; assistantId: string | null },
): Promise<string | null> {
  const { tool, account, assistantId } = call;
  if (assistantId === null || tool?.asks !== "changes_data") return null;
  const { serverId, toolName } = tool;
  // It was allowed for the account that calls use by default.
  if (account !== null && !(await ctx.describeAccount(serverId, user, account)).isDefault) {
    return null;
  }
  return (await decideAskingNow(ctx, user, { assistantId, serverId, toolName })).alwaysAllowedId;
}

/** The answer is stored before the row is closed: a crash in between loses no answer. */
async function answer(
  ctx: ChatContext,
  turn: Turn,
  row: PausedToolCallRow | null,
  toolCallId: string,
  outcome: Exclude<CallOutcome, { kind: "consent" | "account" | "input" }>,
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

/** For paused calls, by their ids. */
async function accountsToUse(
  ctx: ChatContext,
  { user, accounts }: SettleOptions,
  open: readonly DynamicToolUIPart[],
  paused: ReadonlyMap<string, PausedToolCallRow>,
): Promise<Map<string, ChatAccount>> {
  const rows = open.flatMap((part) => paused.get(part.toolCallId) ?? []);
  const found = rows.map(async ({ toolCallId, serverId, account }) => {
    const wanted = account ?? keptAccount(accounts, serverId);
    return [toolCallId, await ctx.describeAccount(serverId, user, wanted)] as const;
  });
  return new Map(await Promise.all(found));
}
