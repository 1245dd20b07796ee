import { setTimeout as delay } from "node:timers/promises";
import type { ChatContext, InputResponse, ToolCallRequest } from "@/lib/chat/context";
import type { Turn } from "@/lib/chat/turn/turn";
import { movePausedToolCall, takeInputResponses } from "@/lib/db/paused-tool-call";
import {
  type AskingCall,
  mostInputRounds,
  promptForInput,
  responsesOf,
  writeOutcomes,
} from "./input-prompt";

/** The one question that a request of its own asks. */
const key = "answer";

/**
 * Asks the person while the call is open, which a 2025-era server waits for. The answer may be given
 * at any replica: it comes through the database. One question at a time.
 */
export function askDuringCall(
  ctx: ChatContext,
  turn: Turn,
  call: AskingCall,
): { elicit: ToolCallRequest["elicit"]; readonly asked: boolean } {
  let asked = false;
  let before: Promise<unknown> = Promise.resolve();

  async function ask(
    request: Parameters<ToolCallRequest["elicit"]>[0],
    signal: AbortSignal,
  ): Promise<InputResponse> {
    signal.throwIfAborted();
    asked = true;
    const prompt = await promptForInput(ctx, turn, call, {
      flow: "ELICITATION_REQUEST",
      requests: { [key]: request },
      requestState: null,
    });
    if (prompt.answered) return { action: "decline" };
    const tooMany = prompt.round > mostInputRounds;
    const { pausedToolCallId } = prompt;
    const response = tooMany
      ? null
      : await awaitAnswer(ctx, turn, { toolCallId: call.toolCallId, pausedToolCallId }, signal);
    if (!response) await giveUp(ctx, prompt.pausedToolCallId);
    writeOutcomes(turn, call.toolCallId, { [key]: response?.action ?? "expired" });
    await turn.save();
    return response ?? { action: "cancel" };
  }

  return {
    elicit: (request, signal) => {
      const answer = before.then(() => ask(request, signal));
      before = answer.catch(() => undefined);
      return answer;
    },
    get asked() {
      return asked;
    },
  };
}

/** Null: nobody answered in time. */
async function awaitAnswer(
  ctx: ChatContext,
  turn: Turn,
  { toolCallId, pausedToolCallId }: { toolCallId: string; pausedToolCallId: string },
  signal: AbortSignal,
): Promise<InputResponse | null> {
  const call = { conversationId: turn.conversationId, toolCallId };
  const until = performance.now() + turn.timing.answerMs;
  while (performance.now() < until) {
    await delay(turn.timing.pollMs, undefined, { signal });
    const taken = await takeInputResponses(ctx.db, turn, pausedToolCallId);
    if (taken?.given) return responsesOf(ctx, call, taken.given)[key] ?? null;
    if (taken?.state !== "AWAITING_INPUT" && taken?.state !== "INPUT_GIVEN") return null;
  }
  return null;
}

/** From now on an answer is refused: it would reach nobody. */
async function giveUp(ctx: ChatContext, pausedToolCallId: string): Promise<void> {
  await movePausedToolCall(ctx.db, pausedToolCallId, {
    from: ["AWAITING_INPUT", "INPUT_GIVEN"],
    to: "RUNNING",
  });
}
