import { streamText } from "ai";
import { cutText } from "@/lib/well-formed";
import type { ResolvedModel } from "./model";
import { explainModelFailure, type ModelFailure } from "./model-failure";

export type OneRequest = {
  system?: string;
  prompt: string;
  maxOutputTokens: number;
  /** Of the answer, in UTF-16 code units; anything after that is not read. */
  mostCharacters: number;
  signal: AbortSignal;
};

/** Asks a model for one text, in the same way as the chat, without tools and without a retry. */
export async function askOnce(
  { model, name, keyName }: ResolvedModel,
  { mostCharacters, signal, ...request }: OneRequest,
): Promise<{ text: string; failure: null } | { text: null; failure: ModelFailure }> {
  const enough = new AbortController();
  let thrown: unknown = null;
  let text = "";
  const answer = streamText({
    ...request,
    model,
    maxRetries: 0,
    abortSignal: AbortSignal.any([signal, enough.signal]),
    providerOptions: { openai: { store: false } },
    onError: ({ error }) => {
      thrown ??= error;
    },
    onAbort: () => {
      if (!enough.signal.aborted) {
        thrown ??= new DOMException("The model was silent.", "TimeoutError");
      }
    },
  });
  for await (const delta of answer.textStream) {
    text += delta;
    if (text.length < mostCharacters) continue;
    enough.abort();
    break;
  }
  if (thrown === null) return { text: cutText(text, mostCharacters), failure: null };
  return { text: null, failure: explainModelFailure(thrown, { name, keyName, tools: 0 }) };
}
