import { readUIMessageStream } from "ai";
import { describe, expect, it } from "vitest";
import { type ChatChunk, continueMessage } from "@/lib/chat/message-in-progress";
import type { ChatMessage } from "@/lib/contracts/chat/chat";

const empty = (): ChatMessage => ({ id: "m", role: "assistant", parts: [] });

function asStored(chunks: readonly ChatChunk[], start = empty()): unknown {
  const progress = continueMessage(structuredClone(start));
  for (const chunk of chunks) progress.apply(chunk);
  return withoutDrafts(progress.message);
}

async function asShown(chunks: readonly ChatChunk[], start = empty()): Promise<unknown> {
  const stream = new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
  let last = start;
  const states = readUIMessageStream<ChatMessage>({
    message: structuredClone(start),
    stream,
    terminateOnError: true,
  });
  for await (const state of states) last = state;
  return withoutDrafts(last);
}

/** As in JSON, without how far arguments had come. */
function withoutDrafts({ parts }: ChatMessage): unknown {
  return JSON.parse(
    JSON.stringify(parts, (key, value) => (key === "rawInput" ? undefined : value)),
  );
}

const call = { toolCallId: "c", toolName: "s__t", dynamic: true };
const account = (actingAs: string): ChatChunk => ({
  type: "data-tool-call-account",
  id: "account-c",
  data: {
    toolCallId: "c",
    serverId: "1",
    serverName: "S",
    toolName: "t",
    toolTitle: "T",
    readOnly: true,
    actingAs,
  },
});

describe("a message in progress contains what the browser shows", () => {
  it.each<[string, ChatChunk[]]>([
    [
      "of text in pieces, two at a time",
      [
        { type: "start-step" },
        { type: "text-start", id: "a" },
        { type: "text-start", id: "b" },
        { type: "text-delta", id: "a", delta: "One" },
        { type: "text-delta", id: "b", delta: "Two" },
        { type: "text-delta", id: "a", delta: " more" },
        { type: "text-end", id: "a" },
        { type: "text-end", id: "b", providerMetadata: { openai: { itemId: "x" } } },
        { type: "finish-step" },
      ],
    ],
    [
      "of reasoning that is signed in a piece without text",
      [
        { type: "start-step" },
        { type: "reasoning-start", id: "0" },
        { type: "reasoning-delta", id: "0", delta: "Hm." },
        {
          type: "reasoning-delta",
          id: "0",
          delta: "",
          providerMetadata: { anthropic: { signature: "s" } },
        },
        { type: "reasoning-end", id: "0" },
        { type: "text-start", id: "0" },
        { type: "text-delta", id: "0", delta: "Well" },
      ],
    ],
    [
      "of a tool call with its answer and account",
      [
        { type: "start-step" },
        { type: "tool-input-start", ...call, title: "T" },
        { type: "tool-input-delta", toolCallId: "c", inputTextDelta: '{"a":' },
        { type: "tool-input-delta", toolCallId: "c", inputTextDelta: "1}" },
        { type: "tool-input-available", ...call, input: { a: 1 }, title: "T" },
        { type: "finish-step" },
        account("You"),
        { type: "tool-output-available", toolCallId: "c", dynamic: true, output: { content: [] } },
        account("Ada"),
      ],
    ],
    [
      "of a call that failed and one that was refused as it came",
      [
        { type: "start-step" },
        { type: "tool-input-available", ...call, input: {} },
        { type: "tool-output-error", toolCallId: "c", dynamic: true, errorText: "No" },
        { type: "tool-input-error", ...call, toolCallId: "d", input: "{", errorText: "Bad" },
      ],
    ],
    [
      "of sources, files and errors",
      [
        { type: "start-step" },
        { type: "source-url", sourceId: "1", url: "https://example.com", title: "Ex" },
        { type: "file", mediaType: "image/png", url: "data:image/png;base64,AA" },
        { type: "data-turn-error", data: { message: "Failed.", retryable: true } },
        { type: "data-turn-error", data: { message: "Again.", retryable: true } },
      ],
    ],
  ])("%s", async (_, chunks) => {
    expect(asStored(chunks)).toEqual(await asShown(chunks));
  });

  it("when it continues an existing message", async () => {
    const start: ChatMessage = {
      ...empty(),
      parts: [
        { type: "step-start" },
        {
          type: "dynamic-tool",
          toolName: "s__t",
          toolCallId: "c",
          state: "input-available",
          input: { a: 1 },
        },
      ],
    };
    const chunks: ChatChunk[] = [
      account("You"),
      { type: "tool-output-available", toolCallId: "c", dynamic: true, output: "ok" },
      { type: "start-step" },
      { type: "text-start", id: "t" },
      { type: "text-delta", id: "t", delta: "Done" },
      { type: "text-end", id: "t" },
    ];
    expect(asStored(chunks, start)).toEqual(await asShown(chunks, start));
  });
});
