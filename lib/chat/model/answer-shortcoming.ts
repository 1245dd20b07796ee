import { lastStep, unsettledToolCalls } from "@/lib/chat/message-parts";
import { callOutcomeWords } from "@/lib/chat/tool-calls/tool-result";
import type { Turn } from "@/lib/chat/turn/turn";
import { type AnswerEnd, answerEnd, isSent } from "./model-answer";
import type { ModelFailure } from "./model-failure";
import { endsWithWrittenCall } from "./written-calls";

const endWords: Record<Exclude<AnswerEnd, "complete">, string> = {
  too_long: "The answer reached the model's length limit and was cut. Ask it to go on.",
  filtered: "The model's provider filtered this answer. Put your message in other words.",
  broken_off: "The model's provider ended this answer early. It is not complete. Retry.",
};

type Finished = {
  /** The AI SDK's version of why the answer ended, and the provider's. */
  reason: string;
  raw: string;
  /** Nothing was written. */
  silent: boolean;
  /** Names of the sent tools. */
  sent: readonly string[];
};

/** A model that finished, but in a way that leaves nothing usable for a person. */
export function shortcoming(turn: Turn, finished: Finished): ModelFailure | null {
  const { message } = turn;
  const { reason, raw, silent, sent } = finished;
  const log = { finishReason: reason, ...(raw ? { rawFinishReason: raw } : {}) };
  const end = answerEnd(reason, raw);
  if (end !== "complete") {
    leaveCalls(turn);
    return { message: endWords[end], retryable: true, log };
  }
  const said = lastStep(message).some((part) => part.type !== "reasoning");
  if (silent || !said) {
    return { message: "The model sent an empty answer. Retry.", retryable: true, log };
  }
  return onlyWritten(turn, sent);
}

/** A call among the words of an answer is none; without a word about it, the person would wait for what it does. */
function onlyWritten({ message }: Turn, sent: readonly string[]): ModelFailure | null {
  const last = lastStep(message).at(-1);
  if (last?.type !== "text") return null;
  if (!endsWithWrittenCall(last.text, (name) => isSent(name, sent))) return null;
  const text =
    "The model wrote a tool call as text, so it did not run. Retry. If this happens again, an admin turns on tool calls where the model runs, or chooses another model.";
  return { message: text, retryable: true, log: { error: "written-call" } };
}

/** Calls in an answer that broke off do not run: the model may not have been done with them. */
export function leaveCalls(turn: Turn): void {
  for (const { toolCallId } of unsettledToolCalls(turn.message)) {
    const errorText = callOutcomeWords.modelBrokeOff;
    turn.write({ type: "tool-output-error", dynamic: true, toolCallId, errorText });
  }
}
