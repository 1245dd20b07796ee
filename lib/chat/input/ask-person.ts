import { setTimeout as delay } from "node:timers/promises";
import type {
  ChatContext,
  InputRequired,
  InputResponse,
  InputResponses,
  ToolCallRequest,
} from "@/lib/chat/context";
import { callOutcomeWords } from "@/lib/chat/tool-calls/tool-result";
import type { Turn } from "@/lib/chat/turn/turn";
import { takeInputResponses } from "@/lib/db/input/asked-input";
import { type ClaimedToolCall, movePausedToolCall } from "@/lib/db/paused-tool-call";
import type { InputRequiredError } from "@/lib/errors";
import {
  type AskingCall,
  mostInputRounds,
  outcomesOf,
  promptForInput,
  responsesOf,
  writeOutcomes,
} from "./input-prompt";
import { openInput } from "./sealed-input";

/** The single question that a separate request asks. */
const key = "answer";

/**
 * Asks the person while the call is open, as a 2025-era server expects. The answer may be given
 * at any replica: it arrives through the database. One question at a time.
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

/** Null: no one answered in time. */
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

/** From now on an answer is refused: no one would receive it. */
async function giveUp(ctx: ChatContext, pausedToolCallId: string): Promise<void> {
  await movePausedToolCall(ctx.db, pausedToolCallId, {
    from: ["AWAITING_INPUT", "INPUT_GIVEN"],
    to: "RUNNING",
  });
}

/** The parameters of a call after its server asked for input. */
export type Continuation = {
  inputResponses?: InputResponses | undefined;
  requestState?: string | undefined;
};

export type AfterInput =
  | { kind: "again"; with: Continuation }
  /** A person has to answer first. */
  | { kind: "wait" }
  | { kind: "end"; errorText: string };

/** The call returned with questions: they are shown, and the call waits or continues at once. */
export async function afterInputRequired(
  ctx: ChatContext,
  turn: Turn,
  call: AskingCall,
  error: InputRequiredError,
): Promise<AfterInput> {
  const { flow, requests, requestState } = error as InputRequired;
  const { round, refused, answered } = await promptForInput(ctx, turn, call, {
    ...{ flow, requests, requestState },
  });
  if (round > mostInputRounds) return { kind: "end", errorText: callOutcomeWords.inputTooOften };
  if (!answered) return { kind: "wait" };
  return goOn(flow, refused, requestState);
}

/** The person has answered, and this turn has claimed the call. */
export function afterAnswers(
  ctx: ChatContext,
  turn: Turn,
  toolCallId: string,
  claimed: ClaimedToolCall,
): AfterInput {
  const { inputFlow, requestStateSealed } = claimed;
  // A call that stayed open died with its process: it starts again.
  if (inputFlow === null || inputFlow === "ELICITATION_REQUEST") return { kind: "again", with: {} };
  const call = { conversationId: turn.conversationId, toolCallId };
  const responses = responsesOf(ctx, call, claimed);
  const state = openInput(ctx.keyring, call, "requestStateSealed", requestStateSealed);
  writeOutcomes(turn, toolCallId, outcomesOf(responses));
  return goOn(inputFlow, responses, state as string | null);
}

function goOn(
  flow: InputRequired["flow"],
  responses: InputResponses,
  requestState: string | null,
): AfterInput {
  if (flow === "INPUT_REQUIRED") {
    const state = requestState === null ? {} : { requestState };
    return { kind: "again", with: { inputResponses: responses, ...state } };
  }
  const agreed = Object.values(responses).every(({ action }) => action === "accept");
  return agreed
    ? { kind: "again", with: {} }
    : { kind: "end", errorText: callOutcomeWords.inputDeclined };
}
