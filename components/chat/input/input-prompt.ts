import type { ToolCall } from "@/components/chat/tool-calls/tool-call";
import type { PausedToolCallView } from "@/lib/contracts/chat/chat";
import type { InputRequest, InputRequiredPart } from "@/lib/contracts/elicitation/elicitation";
import { ownValue } from "@/lib/contracts/own-value";

export type InputQuestion = { key: string; request: Exclude<InputRequest, { mode: "refused" }> };

/**
 * The state of the prompt for a server's question.
 * - `asking`: these questions are open; without `pausedId` they cannot be answered yet
 * - `going-on`: all are answered, and the call is about to continue
 * - `lost`: no one waits for the answer any more
 * - `over`: with the outcome of each question
 */
export type InputPrompt =
  | { phase: "asking"; pausedId: string | null; questions: InputQuestion[] }
  | { phase: "going-on" | "lost" }
  | { phase: "over"; accepted: boolean; refused: string | null };

/** @param paused of the whole conversation, as stored; it lacks a call that asked a moment ago */
export function readInputPrompt(
  prompt: InputRequiredPart,
  paused: readonly PausedToolCallView[],
  call: ToolCall | null,
): InputPrompt {
  const requests = Object.entries(prompt.requests);
  const row = paused.find((each) => each.toolCallId === prompt.toolCallId);
  const known = row?.input?.round === prompt.round ? row : null;
  const answered = new Set([...Object.keys(prompt.outcomes), ...(known?.input?.answered ?? [])]);
  const questions = requests.flatMap(([key, request]): InputQuestion[] =>
    request.mode === "refused" || answered.has(key) ? [] : [{ key, request }],
  );
  const settled = call === null || call.part.state.startsWith("output");
  if (!settled && call.phase === "interrupted") return { phase: "lost" };
  if (!settled && known?.state === "INPUT_GIVEN") return { phase: "going-on" };
  const open = known ? known.state === "AWAITING_INPUT" : call?.phase === "running";
  if (!settled && open && questions.length > 0) {
    return { phase: "asking", pausedId: known?.id ?? null, questions };
  }
  const reasons = requests.flatMap(([, request]) =>
    request.mode === "refused" ? [request.reason] : [],
  );
  return {
    phase: "over",
    accepted: requests.some(([key]) => ownValue(prompt.outcomes, key) === "accept"),
    refused: reasons[0] ?? null,
  };
}
