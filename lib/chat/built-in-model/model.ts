import type {
  LanguageModelV3,
  LanguageModelV3Content,
  LanguageModelV3StreamPart,
  SharedV3ProviderMetadata,
} from "@ai-sdk/provider";
import { plainTextMetadata } from "@/lib/contracts/chat/conversation";
import type { AnswerPart } from "./answer";
import { type Response, respond } from "./respond";

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
 * The assistant that answers if no model is configured. It is not a language model: the same
 * conversation always gets the same answer, built from the tools it is given.
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

type Finish = Omit<Extract<LanguageModelV3StreamPart, { type: "finish" }>, "type">;

/** A long answer takes no longer than this. */
const longestMs = 1_500;
const piece = /\S{1,24}\s*|\s+/g;

/** An answer in small pieces, as a model's arrives. Ends early when the signal is aborted. */
export function streamResponse(
  response: Response,
  options: { paceMs: number; signal: AbortSignal | undefined; finish: Finish },
): ReadableStream<LanguageModelV3StreamPart> {
  const { paceMs, signal, finish } = options;
  const parts = toParts(response, finish);
  const pause = Math.min(paceMs, longestMs / Math.max(parts.length, 1));
  let next = 0;
  return new ReadableStream<LanguageModelV3StreamPart>(
    {
      async pull(controller) {
        if (signal?.aborted) return controller.error(signal.reason);
        const part = parts[next++];
        if (!part) return controller.close();
        if (part.type.endsWith("-delta") && pause > 0) {
          await new Promise((resolve) => setTimeout(resolve, pause));
        }
        controller.enqueue(part);
      },
    },
    { highWaterMark: 0 },
  );
}

/** Distinguishes a server's text from Markdown; it is stored with the part. */
export function metadataOf(part: AnswerPart): { providerMetadata?: SharedV3ProviderMetadata } {
  if (part.format === "markdown") return {};
  return { providerMetadata: plainTextMetadata(part.from) as SharedV3ProviderMetadata };
}

function toParts(response: Response, finish: Finish): LanguageModelV3StreamPart[] {
  const parts: LanguageModelV3StreamPart[] = [{ type: "stream-start", warnings: [] }];
  for (const [index, part] of response.parts.entries()) {
    const id = `text-${index + 1}`;
    parts.push({ type: "text-start", id, ...metadataOf(part) });
    for (const [delta] of part.text.matchAll(piece)) parts.push({ type: "text-delta", id, delta });
    parts.push({ type: "text-end", id });
  }
  for (const { toolCallId, toolName, input } of response.calls) {
    const json = JSON.stringify(input);
    parts.push({ type: "tool-input-start", id: toolCallId, toolName });
    for (const [delta] of json.matchAll(/.{1,16}/gsu)) {
      parts.push({ type: "tool-input-delta", id: toolCallId, delta });
    }
    parts.push({ type: "tool-input-end", id: toolCallId });
    parts.push({ type: "tool-call", toolCallId, toolName, input: json });
  }
  parts.push({ type: "finish", ...finish });
  return parts;
}
