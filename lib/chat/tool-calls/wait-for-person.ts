import type { ChatContext, ChatUser } from "@/lib/chat/context";
import type { Turn } from "@/lib/chat/turn/turn";
import {
  movePausedToolCall,
  type PausedToolCallRow,
  pauseToolCall,
} from "@/lib/db/paused-tool-call";
import type { AwaitedConsent } from "./authorization-prompts";
import type { ToolCallDecision } from "./tool-call-decision";
import type { ToolboxTool } from "./toolbox";

/** A call that is stored as waiting. */
export async function waitOn(
  ctx: ChatContext,
  decision: Extract<ToolCallDecision, { action: "wait" }>,
  row: PausedToolCallRow,
  serverId: string,
  toolCallId: string,
): Promise<"unanswered" | AwaitedConsent> {
  if (decision.for === "authorization") {
    return { serverId, toolCallId, reason: "", stepUp: null };
  }
  if (decision.for === "confirmation" && decision.from) {
    await movePausedToolCall(ctx.db, row.id, {
      from: [decision.from],
      to: "AWAITING_CONFIRMATION",
    });
  }
  return "unanswered";
}

/**
 * Stores a call that runs on a person's word only. Where its consent is missing too, that comes first:
 * the word is then given once, right before it runs.
 */
export async function askPerson(
  ctx: ChatContext,
  turn: Turn,
  call: { user: ChatUser; tool: ToolboxTool; toolCallId: string; input: unknown },
): Promise<"unanswered" | AwaitedConsent> {
  const { user, tool, toolCallId, input } = call;
  const { serverId, serverName, toolName, title } = tool;
  const connected = await ctx.isConnected(serverId, user);
  await pauseToolCall(ctx.db, {
    conversationId: turn.conversationId,
    toolCallId,
    serverId,
    toolName,
    input,
    state: connected ? "AWAITING_CONFIRMATION" : "AWAITING_AUTHORIZATION",
    steppedUp: false,
    confirmed: false,
  });
  if (!connected) {
    return { serverId, toolCallId, reason: `${serverName} is not connected.`, stepUp: null };
  }
  turn.write({
    type: "data-confirmation-required",
    id: `confirmation-${toolCallId}`,
    data: { toolCallId, serverId, serverName, toolName, toolTitle: title },
  });
  return "unanswered";
}
