import type { LanguageModelV3, LanguageModelV3Content } from "@ai-sdk/provider";
import { respond } from "./respond";
import { metadataOf, streamResponse } from "./stream-response";

export type BuiltInModelOptions = {
  now?: () => Date;
  /** Between two pieces of text, in ms. */
  paceMs?: number;
};

const noTokens = {
  inputTokens: { total: 0, noCache: 0, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 0, text: 0, reasoning: 0 },
};

/**
 * The assistant that answers where no model is configured. It is no language model: the same
 * conversation always gets the same answer, made from the tools it is given.
 */
export function createBuiltInModel(options: BuiltInModelOptions = {}): LanguageModelV3 {
  const { now = () => new Date(), paceMs = 10 } = options;
  return {
    specificationVersion: "v3",
    provider: "usher",
    modelId: "built-in",
    supportedUrls: {},
    async doGenerate(call) {
      const { parts, calls } = respond(call, now());
      const content: LanguageModelV3Content[] = [
        ...parts.map((part) => ({ type: "text" as const, text: part.text, ...metadataOf(part) })),
        ...calls.map((one) => ({
          type: "tool-call" as const,
          toolCallId: one.toolCallId,
          toolName: one.toolName,
          input: JSON.stringify(one.input),
        })),
      ];
      return { content, finishReason: finishReason(calls.length), usage: noTokens, warnings: [] };
    },
    async doStream(call) {
      const response = respond(call, now());
      const stream = streamResponse(response, {
        paceMs,
        signal: call.abortSignal,
        finish: { finishReason: finishReason(response.calls.length), usage: noTokens },
      });
      return { stream };
    },
  };
}

function finishReason(calls: number) {
  return { unified: calls > 0 ? ("tool-calls" as const) : ("stop" as const), raw: undefined };
}
