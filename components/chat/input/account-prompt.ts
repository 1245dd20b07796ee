import type { ToolCall } from "@/components/chat/tool-calls/tool-call";
import type { PausedToolCallView } from "@/lib/contracts/chat/chat";
import type { AccountRequiredPart } from "@/lib/contracts/chat/prompt-parts";

/**
 * The state of the prompt to choose an account.
 * - `asking`: the person has to choose; without calls in `waiting` they cannot yet
 * - `going-on`: they chose, and the calls are about to run
 * - `confirmation`: they chose; these calls need confirmation
 * - `chosen`, `skipped`: over
 */
export type AccountPrompt =
  | { phase: "asking" | "going-on" | "confirmation"; waiting: PausedToolCallView[] }
  | { phase: "chosen" | "skipped" };

/** @param paused of the whole conversation, as stored; it lacks a call that started waiting a moment ago */
export function readAccountPrompt(
  prompt: AccountRequiredPart,
  paused: readonly PausedToolCallView[],
  calls: readonly ToolCall[],
): AccountPrompt {
  const own = paused.filter((call) => prompt.toolCallIds.includes(call.toolCallId));
  const asking = own.filter((call) => call.state === "AWAITING_ACCOUNT");
  if (asking.length > 0) return { phase: "asking", waiting: asking };
  const unconfirmed = own.filter((call) => call.state === "AWAITING_CONFIRMATION");
  if (unconfirmed.length > 0) return { phase: "confirmation", waiting: unconfirmed };
  const isNew = own.length === 0 && calls.some((call) => call.phase === "needs-account");
  if (isNew) return { phase: "asking", waiting: [] };
  const going = own.filter((call) => call.state === "RUNNING");
  const isOver = calls.every(({ part }) => part.state.startsWith("output"));
  if (going.length > 0 && !isOver) return { phase: "going-on", waiting: going };
  const isSkipped = calls.length > 0 && calls.every((call) => call.phase === "skipped");
  return { phase: isSkipped ? "skipped" : "chosen" };
}
