import type { ModelMessage, ToolResultPart } from "ai";
import { isToolPart } from "@/lib/chat/message-in-progress";
import type { ProviderFamily } from "@/lib/chat/model/tools/families";
import { shortenData } from "@/lib/chat/tool-calls/tool-result";
import type { ChatMessage, ToolCallOutput } from "@/lib/contracts/chat/chat";
import { sniffed } from "@/lib/mcp/reading/media";

/** How much of a tool's result stays if there is no room for all of it, in characters. */
const shortest = 500;

/** Within one long turn the oldest tool results are shortened first, the newest last. */
export function shortened(messages: ChatMessage[], budget: number): ChatMessage[] {
  let over = messages.reduce((sum, { parts }) => sum + JSON.stringify(parts).length, -budget);
  if (over <= 0) return messages;
  return messages.map((message) => ({
    ...message,
    parts: message.parts.map((part) => {
      if (over <= 0 || !isToolPart(part) || part.state !== "output-available") return part;
      if (typeof part.output !== "string" || part.output.length <= shortest * 2) return part;
      const output = shortenData(part.output, shortest);
      over -= part.output.length - output.length;
      return { ...part, output };
    }),
  }));
}

type Image = { data: string; mediaType: string };

/** Formats that APIs accept; an SVG is text, and no one is shown it. */
const imageTypes: ReadonlySet<string> = new Set([
  "image/png",
  "image/jpeg",
  "image/gif",
  "image/webp",
]);
/** In one request: the newest, and no more base64 than this. */
const mostImages = 8;
const mostCharacters = 6_000_000;

/** The images of each call, by the call's id, newest calls first. */
export function imagesOf(messages: readonly ChatMessage[]): ReadonlyMap<string, readonly Image[]> {
  const found = new Map<string, Image[]>();
  let count = 0;
  let characters = 0;
  for (const part of messages.flatMap((message) => message.parts).toReversed()) {
    if (part.type !== "dynamic-tool" || part.state !== "output-available") continue;
    const images = imagesIn(part.output).filter(({ data }) => {
      if (count >= mostImages || characters + data.length > mostCharacters) return false;
      count += 1;
      characters += data.length;
      return true;
    });
    if (images.length > 0) found.set(part.toolCallId, images);
  }
  return found;
}

function imagesIn(output: unknown): Image[] {
  const { content } = (output ?? {}) as Partial<ToolCallOutput>;
  if (!Array.isArray(content)) return [];
  return content.flatMap(({ type, data, mimeType }) => {
    const mediaType = data && (sniffed("image", data) ?? mimeType);
    return type === "image" && data && mediaType && imageTypes.has(mediaType)
      ? [{ data, mediaType }]
      : [];
  });
}

/**
 * The history with the images that a model can see in its tools' results. Chat Completions accepts
 * only text there; the text gives the image's type and size.
 */
export function withImages(
  history: ModelMessage[],
  images: ReadonlyMap<string, readonly Image[]>,
  model: { family: ProviderFamily; name: string },
): ModelMessage[] {
  if (images.size === 0 || !seesImages(model)) return history;
  return history.map((message): ModelMessage => {
    if (message.role !== "tool") return message;
    const content = message.content.map((part) =>
      part.type === "tool-result"
        ? withImagesOfCall(part, images.get(part.toolCallId) ?? [])
        : part,
    );
    return { ...message, content };
  });
}

function withImagesOfCall(part: ToolResultPart, images: readonly Image[]): ToolResultPart {
  const { output } = part;
  if (images.length === 0 || output.type !== "text") return part;
  const shown = images.map((image) => ({ type: "image-data" as const, ...image }));
  const value = [{ type: "text" as const, text: output.value }, ...shown];
  return { ...part, output: { type: "content", value } };
}

/** By its family and its name; for an unknown model, images are described in words. */
function seesImages({ family, name }: { family: ProviderFamily; name: string }): boolean {
  switch (family) {
    case "anthropic":
      return !/claude-(2|instant|3-5-haiku)/.test(name);
    case "openai":
      return /gpt-(4o|4\.1|4-turbo|[5-9])|\/o[1-9]/.test(name) && !/o1-mini|o3-mini/.test(name);
    case "gemini":
      return /^gateway\/google\/gemini/.test(name);
    case "kimi":
    case "grok":
    case "openai-compatible":
      return false;
  }
}

/**
 * Google's signatures where the package for compatible APIs looks for them; it keeps them under its own name.
 *
 * @see https://github.com/vercel/ai/issues/18962
 */
export function withKeptSignatures(history: readonly ModelMessage[]): ModelMessage[] {
  return history.map((message) => {
    if (message.role !== "assistant" || typeof message.content === "string") return message;
    const content = message.content.map((part) => {
      const kept = part.type === "tool-call" && part.providerOptions?.["openai-compatible"];
      if (!kept || typeof kept.thoughtSignature !== "string") return part;
      const google = { thoughtSignature: kept.thoughtSignature };
      return { ...part, providerOptions: { google } };
    });
    return { ...message, content };
  });
}
