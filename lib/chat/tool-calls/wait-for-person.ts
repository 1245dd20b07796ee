import type { ChatAccount, ChatContext, ChatUser } from "@/lib/chat/context";
import { unsettledToolCalls } from "@/lib/chat/message-parts";
import type { Turn } from "@/lib/chat/turn/turn";
import {
  closePausedToolCalls,
  movePausedToolCall,
  type PausedToolCallRow,
  pauseToolCall,
} from "@/lib/db/paused-tool-call";
import type { AwaitedAccount } from "./account-prompts";
import type { AwaitedConsent } from "./authorization-prompts";
import type { ToolCallDecision } from "./tool-call-decision";
import { callOutcomeWords } from "./tool-result";
import type { ToolboxTool } from "./toolbox";

/** What a step waits for and has to write a prompt for. */
export type Awaited = AwaitedConsent | AwaitedAccount;

/** A call stored as waiting. @param using the account that it has to run with */
export async function waitOn(
  ctx: ChatContext,
  decision: Extract<ToolCallDecision, { action: "wait" }>,
  row: PausedToolCallRow,
  using: ChatAccount,
): Promise<"unanswered" | Awaited> {
  const { serverId, toolCallId } = row;
  // From here on the call keeps the account that was chosen for it.
  const pinned = row.state === "AWAITING_ACCOUNT" ? { account: using.account } : {};
  switch (decision.for) {
    case "account":
      if (decision.from) {
        const cleared = { account: null, confirmed: false };
        await movePausedToolCall(
          ctx.db,
          row.id,
          { from: [decision.from], to: "AWAITING_ACCOUNT" },
          cleared,
        );
      }
      return { waitsFor: "account", serverId, toolCallId, reason: using.choose ?? "" };
    case "authorization": {
      const { account } = using;
      const consent = { waitsFor: "consent", serverId, toolCallId, account, stepUp: null } as const;
      if (!decision.from) return { ...consent, reason: "" };
      const change = { from: [decision.from], to: "AWAITING_AUTHORIZATION" as const };
      await movePausedToolCall(ctx.db, row.id, change, pinned);
      return { ...consent, reason: `${using.actingAs} is not connected.` };
    }
    case "confirmation":
      if (decision.from) {
        const change = { from: [decision.from], to: "AWAITING_CONFIRMATION" as const };
        await movePausedToolCall(ctx.db, row.id, change, pinned);
      }
      return "unanswered";
    case "input":
      return "unanswered";
  }
}

/**
 * Stores a call that runs only with a person's confirmation. If its account has to be chosen or its consent is missing,
 * that comes first: the confirmation is then given once, right before it runs.
 */
export async function askPerson(
  ctx: ChatContext,
  turn: Turn,
  call: {
    user: ChatUser;
    tool: ToolboxTool;
    toolCallId: string;
    input: unknown;
    account: string | null;
  },
): Promise<"unanswered" | Awaited> {
  const { user, tool, toolCallId, input } = call;
  const { serverId, serverName, toolName, title } = tool;
  const using = await ctx.describeAccount(serverId, user, call.account);
  const { account, choose, connected } = using;
  const ready = connected ? "AWAITING_CONFIRMATION" : "AWAITING_AUTHORIZATION";
  await pauseToolCall(ctx.db, {
    conversationId: turn.conversationId,
    ...{ toolCallId, serverId, toolName, input, account },
    state: choose === null ? ready : "AWAITING_ACCOUNT",
    ...{ steppedUp: false, confirmed: false },
  });
  if (choose !== null) return { waitsFor: "account", serverId, toolCallId, reason: choose };
  if (!connected) {
    const reason = `${serverName} is not connected.`;
    return { waitsFor: "consent", serverId, toolCallId, account, reason, stepUp: null };
  }
  turn.write({
    type: "data-confirmation-required",
    id: `confirmation-${toolCallId}`,
    data: { toolCallId, serverId, serverName, toolName, toolTitle: title },
  });
  return "unanswered";
}

/** A stop takes back what waits: it is reported as not run. */
export async function stopWaitingCalls(ctx: ChatContext, turn: Turn): Promise<void> {
  const open = unsettledToolCalls(turn.message);
  for (const { toolCallId } of open) {
    const errorText = callOutcomeWords.stopped;
    turn.write({ type: "tool-output-error", dynamic: true, toolCallId, errorText });
  }
  await turn.save();
  const ids = open.map((part) => part.toolCallId);
  await closePausedToolCalls(ctx.db, turn.conversationId, "SKIPPED", ids);
}
