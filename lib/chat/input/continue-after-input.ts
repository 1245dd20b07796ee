import type { ChatContext, InputRequired, InputResponses } from "@/lib/chat/context";
import { callOutcomeWords } from "@/lib/chat/tool-calls/call-outcome-words";
import type { Turn } from "@/lib/chat/turn/turn";
import type { ClaimedToolCall } from "@/lib/db/paused-tool-call";
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

/** What a call is made with after its server asked for input. */
export type Continuation = {
  inputResponses?: InputResponses | undefined;
  requestState?: string | undefined;
};

export type AfterInput =
  | { kind: "again"; with: Continuation }
  /** A person is to answer first. */
  | { kind: "wait" }
  | { kind: "end"; errorText: string };

/** The call came back with questions: they are shown, and the call waits or goes on at once. */
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
  // A call that stayed open died with its process: it begins anew.
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
