import type { ChatContext } from "@/lib/chat/context";
import type { Turn } from "@/lib/chat/turn/turn";
import type { ChatMessage } from "@/lib/contracts/chat/chat";
import type { AccountRequiredPart } from "@/lib/contracts/chat/prompt-parts";
import { findMcpServer } from "@/lib/db/mcp-server";

/** A call that waits until its person has chosen an account. */
export type AwaitedAccount = {
  waitsFor: "account";
  serverId: string;
  toolCallId: string;
  /** Why they have to. */
  reason: string;
};

/** One prompt for each server at which this step waits for a choice, however many calls wait for it. */
export async function writeAccountPrompts(
  ctx: ChatContext,
  turn: Turn,
  waiting: readonly AwaitedAccount[],
): Promise<void> {
  const step = turn.message.parts.filter((part) => part.type === "step-start").length;
  for (const serverId of new Set(waiting.map((call) => call.serverId))) {
    const server = await findMcpServer(ctx.db, serverId);
    if (!server) continue;
    const id = `account-required-${serverId}-${step}`;
    const before = findPrompt(turn.message, id)?.toolCallIds ?? [];
    const calls = waiting.filter((call) => call.serverId === serverId);
    const toolCallIds = [...new Set([...before, ...calls.map((call) => call.toolCallId)])];
    const reason = calls[0]?.reason ?? "";
    turn.write({
      type: "data-account-required",
      id,
      data: { serverId, serverName: server.name, toolCallIds, reason },
    });
  }
}

function findPrompt(message: ChatMessage, id: string): AccountRequiredPart | null {
  const known = message.parts.find(
    (part) => part.type === "data-account-required" && part.id === id,
  );
  return known?.type === "data-account-required" ? known.data : null;
}
