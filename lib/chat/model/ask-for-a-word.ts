import { streamText } from "ai";
import type { ResolvedModel } from "./model";
import { explainModelFailure, type ModelFailure } from "./model-failure";

/** The least that OpenAI accepts. */
const fewestTokens = 16;

/**
 * Asks a model for a word, by the way that the chat asks: only that shows that key, name and credit are right.
 *
 * @returns what failed; null: it answered
 */
export async function askForAWord(
  { model, name, keyName }: ResolvedModel,
  answerMs: number,
): Promise<ModelFailure | null> {
  let thrown: unknown = null;
  const answer = streamText({
    model,
    prompt: "Answer with OK.",
    maxOutputTokens: fewestTokens,
    maxRetries: 0,
    abortSignal: AbortSignal.timeout(answerMs),
    providerOptions: { openai: { store: false } },
    onError: ({ error }) => {
      thrown ??= error;
    },
    onAbort: () => {
      thrown ??= new DOMException("The model was silent.", "TimeoutError");
    },
  });
  await answer.consumeStream();
  return thrown === null ? null : explainModelFailure(thrown, { name, keyName, tools: 0 });
}
