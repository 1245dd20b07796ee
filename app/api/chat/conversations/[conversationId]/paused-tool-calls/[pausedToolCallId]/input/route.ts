import { chatContext } from "@/lib/app/chat-context";
import { answerInput } from "@/lib/chat/input/answer-input";
import { inputAnswer } from "@/lib/contracts/elicitation/elicitation";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";

type Params = { conversationId: string; pausedToolCallId: string };

/** A person's answer to a server that asks during a call. */
export const POST = handle<Params>("chat.confirm", async ({ app, user, params, request }) => {
  const answer = await readJson(request, inputAnswer);
  return answerInput(chatContext(app), user, params, answer);
});
