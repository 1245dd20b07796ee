import { isOpen, type ToolCall } from "@/components/chat/tool-calls/tool-call";
import type { AuthorizationRequiredPart, PausedToolCallView } from "@/lib/contracts/chat/chat";
import { accountUsed } from "@/lib/contracts/servers/kinds";

/**
 * - `consent`: the viewer, or somebody else (`whoCan`), has to consent
 * - `going-on`: consent was given; the calls are about to run
 * - `confirmation`: consent was given; these calls change data and need confirmation
 * - `connected`, `skipped`: over
 */
export type AuthorizationPrompt =
  | {
      phase: "consent";
      waiting: PausedToolCallView[];
      /** Null: not known yet, while the turn that asks is being written. */
      canAuthorize: boolean | null;
      whoCan: string | null;
    }
  | { phase: "going-on"; waiting: PausedToolCallView[] }
  | { phase: "confirmation"; waiting: PausedToolCallView[] }
  | { phase: "connected" }
  | { phase: "skipped" };

/**
 * @param paused of the whole conversation, as stored; empty until the turn that paused has ended
 * @param calls those that the prompt names
 */
export function readAuthorizationPrompt(
  prompt: AuthorizationRequiredPart,
  paused: readonly PausedToolCallView[],
  calls: readonly ToolCall[],
): AuthorizationPrompt {
  const own = paused.filter((call) => prompt.toolCallIds.includes(call.toolCallId));
  const unauthorized = own.filter((call) => call.state === "AWAITING_AUTHORIZATION");
  if (unauthorized.some((call) => !call.connected)) {
    const who = unauthorized[0];
    return {
      phase: "consent",
      waiting: unauthorized,
      canAuthorize: who?.canAuthorize ?? true,
      whoCan: who?.whoCan ?? null,
    };
  }
  if (unauthorized.length > 0) return { phase: "going-on", waiting: unauthorized };
  const unconfirmed = own.filter((call) => call.state === "AWAITING_CONFIRMATION");
  if (unconfirmed.length > 0) return { phase: "confirmation", waiting: unconfirmed };

  const asked = own.length === 0 && calls.some((call) => call.phase === "needs-consent");
  if (asked) {
    const canAuthorize = accountUsed(prompt.tokenSharing) === "person" || null;
    return { phase: "consent", waiting: [], canAuthorize, whoCan: null };
  }
  if (calls.some((call) => isOpen(call.phase))) return { phase: "connected" };
  const taken = calls.some((call) => call.phase === "done" || call.phase === "failed");
  return { phase: taken ? "connected" : "skipped" };
}
