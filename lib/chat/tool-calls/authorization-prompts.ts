import type { ChatContext } from "@/lib/chat/context";
import { lastStep } from "@/lib/chat/message-parts";
import type { Turn } from "@/lib/chat/turn/turn";
import type { ChatMessage } from "@/lib/contracts/chat/chat";
import type { AuthorizationRequiredPart } from "@/lib/contracts/chat/prompt-parts";
import { firstAccount, teamAccount } from "@/lib/contracts/connections/account";
import { asksForKeys } from "@/lib/contracts/servers/kinds";
import { findMcpServer } from "@/lib/db/mcp-server";
import type { StepUp } from "./run-tool-call";

/** A call that waits for consent at its server. */
export type AwaitedConsent = {
  waitsFor: "consent";
  serverId: string;
  toolCallId: string;
  /** Which of the person's accounts it is for; null: the server leaves no choice. */
  account: string | null;
  /** Empty if it was mentioned before. */
  reason: string;
  stepUp: StepUp | null;
};

/** One prompt for each account that this step waits for, however many calls wait for it. */
export async function writePrompts(
  ctx: ChatContext,
  turn: Turn,
  waiting: readonly AwaitedConsent[],
): Promise<void> {
  const step = turn.message.parts.filter((part) => part.type === "step-start").length;
  for (const name of new Set(waiting.map(nameOf))) {
    const calls = waiting.filter((call) => nameOf(call) === name);
    const [{ serverId = "", account = null } = {}] = calls;
    const server = await findMcpServer(ctx.db, serverId);
    if (!server) continue;
    const id = `authorization-${name}-${step}`;
    const before = findPrompt(turn.message, id);
    const reason = calls.map((call) => call.reason).find((text) => text !== "");
    const stepUp = reason
      ? union(calls.flatMap((call) => call.stepUp ?? []))
      : (before?.stepUp ?? null);
    const { tokenSharing = "PER_USER" } = server.oauthClient ?? {};
    turn.write({
      type: "data-authorization-required",
      id,
      data: {
        serverId,
        serverName: server.name,
        tokenSharing: account === teamAccount ? "SHARED" : tokenSharing,
        ...(isNamed(account) ? { account } : {}),
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

function nameOf({ serverId, account }: AwaitedConsent): string {
  return isNamed(account) ? `${serverId}-${account}` : serverId;
}

/** A prompt names any account but the first. */
function isNamed(account: string | null): account is string {
  return account !== null && account !== firstAccount;
}

/** Whether a prompt, for consent, an account or confirmation, names this call. */
export function isPrompted(message: ChatMessage, toolCallId: string): boolean {
  return lastStep(message).some((part) =>
    part.type === "data-authorization-required" || part.type === "data-account-required"
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

/** Concurrent calls may lack different scopes; one consent requests all of them. */
function union(each: readonly StepUp[]): StepUp | null {
  if (each.length === 0) return null;
  return {
    added: [...new Set(each.flatMap(({ added }) => added))],
    scope: [...new Set(each.flatMap(({ scope }) => scope))],
  };
}
