import type { ChatContext } from "@/lib/chat/context";
import { lastStep } from "@/lib/chat/message-parts";
import type { Turn } from "@/lib/chat/turn/turn";
import type { AuthorizationRequiredPart, ChatMessage } from "@/lib/contracts/chat/chat";
import { asksForKeys } from "@/lib/contracts/servers/kinds";
import { findMcpServer } from "@/lib/db/mcp-server";
import type { StepUp } from "./run-tool-call";

/** A call that waits for a consent to its server. */
export type AwaitedConsent = {
  serverId: string;
  toolCallId: string;
  /** Empty where it was told before. */
  reason: string;
  stepUp: StepUp | null;
};

/** One prompt for each server that this step waits for, however many calls wait for it. */
export async function writePrompts(
  ctx: ChatContext,
  turn: Turn,
  waiting: readonly AwaitedConsent[],
): Promise<void> {
  const step = turn.message.parts.filter((part) => part.type === "step-start").length;
  for (const serverId of new Set(waiting.map((call) => call.serverId))) {
    const server = await findMcpServer(ctx.db, serverId);
    if (!server) continue;
    const id = `authorization-${serverId}-${step}`;
    const before = findPrompt(turn.message, id);
    const calls = waiting.filter((call) => call.serverId === serverId);
    const reason = calls.map((call) => call.reason).find((text) => text !== "");
    const stepUp = reason
      ? union(calls.flatMap((call) => call.stepUp ?? []))
      : (before?.stepUp ?? null);
    turn.write({
      type: "data-authorization-required",
      id,
      data: {
        serverId,
        serverName: server.name,
        tokenSharing: server.oauthClient?.tokenSharing ?? "PER_USER",
        toolCallIds: [
          ...new Set([...(before?.toolCallIds ?? []), ...calls.map((call) => call.toolCallId)]),
        ],
        reason: reason ?? before?.reason ?? "",
        ...(asksForKeys(server) ? { asksForKey: true as const } : {}),
        ...(stepUp ? { stepUp } : {}),
      },
    });
  }
}

/** Whether a prompt, for a consent or for a word, names this call. */
export function isPrompted(message: ChatMessage, toolCallId: string): boolean {
  return lastStep(message).some((part) =>
    part.type === "data-authorization-required"
      ? part.data.toolCallIds.includes(toolCallId)
      : part.type === "data-confirmation-required" && part.data.toolCallId === toolCallId,
  );
}

function findPrompt(message: ChatMessage, id: string): AuthorizationRequiredPart | null {
  const known = message.parts.find(
    (part) => part.type === "data-authorization-required" && part.id === id,
  );
  return known?.type === "data-authorization-required" ? known.data : null;
}

/** Calls side by side may be refused for want of different scopes; one consent asks for all. */
function union(each: readonly StepUp[]): StepUp | null {
  if (each.length === 0) return null;
  return {
    added: [...new Set(each.flatMap(({ added }) => added))],
    scope: [...new Set(each.flatMap(({ scope }) => scope))],
  };
}
