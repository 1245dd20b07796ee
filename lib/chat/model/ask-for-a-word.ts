import { askOnce } from "./ask-once";
import type { ResolvedModel } from "./model";
import type { ModelFailure } from "./model-failure";

/** The least that OpenAI accepts. */
const fewestTokens = 16;

/**
 * Asks a model for one word, in the same way as the chat: only that proves that key, name and credit are right.
 *
 * @returns what failed; null: it answered
 */
export async function askForAWord(
  resolved: ResolvedModel,
  answerMs: number,
): Promise<ModelFailure | null> {
  const { failure } = await askOnce(resolved, {
    prompt: "Answer with OK.",
    maxOutputTokens: fewestTokens,
    mostCharacters: 1_000,
    signal: AbortSignal.timeout(answerMs),
  });
  return failure;
}
