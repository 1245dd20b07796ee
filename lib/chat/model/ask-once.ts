import { streamText } from "ai";
import { cutText } from "@/lib/untrusted-text";
import type { ResolvedModel } from "./model";
import { explainModelFailure, type ModelFailure } from "./model-failure";
import { whatWasSaid } from "./provider-words";

export type OneRequest = {
  system?: string;
  prompt: string;
  /** Left out for an API that refuses the parameter; then only the characters count. */
  maxOutputTokens: number;
  /** Of the answer, in UTF-16 code units; anything after that is not read. */
  mostCharacters: number;
  signal: AbortSignal;
};

/** Asks a model for one text, in the same way as the chat, without tools and without a retry. */
export async function askOnce(
  resolved: ResolvedModel,
  request: OneRequest,
): Promise<{ text: string; failure: null } | { text: null; failure: ModelFailure }> {
  const { maxOutputTokens, ...unlimited } = request;
  const first = await ask(resolved, { ...unlimited, maxOutputTokens });
  const { thrown, text } = refusesLimit(first.thrown) ? await ask(resolved, unlimited) : first;
  if (thrown === null) return { text: cutText(text, request.mostCharacters), failure: null };
  const { name, keyName } = resolved;
  return { text: null, failure: explainModelFailure(thrown, { name, keyName, tools: 0 }) };
}

/** OpenAI's newer models know it by another name, and some models allow less than is asked for. */
function refusesLimit(thrown: unknown): boolean {
  const said = whatWasSaid(thrown);
  if (said?.status !== 400 && said?.status !== 422) return false;
  return /\bmax_(completion_|output_)?tokens\b/i.test(said.words);
}

async function ask(
  { model }: ResolvedModel,
  {
    mostCharacters,
    signal,
    ...request
  }: Omit<OneRequest, "maxOutputTokens"> & {
    maxOutputTokens?: number;
  },
): Promise<{ text: string; thrown: unknown }> {
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
  return { text, thrown };
}
