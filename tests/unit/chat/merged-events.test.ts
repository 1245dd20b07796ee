import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { gatherMs } from "@/lib/chat/model/answer-stream";
import { ChatChunks } from "@/lib/chat/model/stream/chat-chunks";
import { MessagesEvents, pieceOfBlock } from "@/lib/chat/model/stream/messages-events";
import { pieceOfResponse, ResponsesEvents } from "@/lib/chat/model/stream/responses-events";
import { pieceOfChunk, UsualChunks } from "@/lib/chat/model/stream/usual-chunks";
import { type StreamApi, usualStream } from "@/lib/chat/model/stream/usual-stream";

type Bytes = Uint8Array<ArrayBuffer>;

/** A model whose events the test sends, and the events that the package gets. */
function answer(api: StreamApi) {
  let model: ReadableStreamDefaultController<Bytes> | undefined;
  const body = new ReadableStream<Bytes>({
    start(controller) {
      model = controller;
    },
  });
  const came: unknown[] = [];
  const read = async () => {
    const response = usualStream(body, api);
    for await (const bytes of response.body ?? []) {
      const events = new TextDecoder().decode(bytes).split("\n\n").filter(Boolean);
      came.push(...events.map((event) => JSON.parse(event.replace(/^data: /, ""))));
    }
    came.push("done");
  };
  read().catch((error: Error) => came.push(error.message));
  const settled = () => vi.advanceTimersByTimeAsync(0);
  return {
    came,
    async say(...events: object[]) {
      for (const event of events) {
        model?.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(event)}\n\n`));
        await settled();
      }
    },
    async close() {
      model?.close();
      await settled();
    },
    async fail(message: string) {
      model?.error(new Error(message));
      await vi.advanceTimersByTimeAsync(1);
    },
  };
}

const chat = (): StreamApi => ({
  usual: new UsualChunks(),
  reader: () => new ChatChunks(),
  pieceOf: pieceOfChunk,
});
const chunk = (delta: object, reason: string | null = null) => ({
  ...{ id: "c", object: "chat.completion.chunk", created: 1, model: "m" },
  choices: [{ index: 0, delta, finish_reason: reason }],
});
const block = (index: number, delta: object) => ({ type: "content_block_delta", index, delta });

describe("a model's events", () => {
  beforeEach(
    () => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }),
  );
  afterEach(() => void vi.useRealTimers());

  it("are merged where they only continue a text, after the first", async () => {
    const { say, came } = answer(chat());
    await say(chunk({ role: "assistant", content: "" }), chunk({ content: "a" }));
    await say(chunk({ content: "b" }), chunk({ content: "c" }));
    const begun = [chunk({ role: "assistant", content: "" }), chunk({ content: "a" })];
    expect(came).toEqual(begun);
    await vi.advanceTimersByTimeAsync(gatherMs);
    expect(came).toEqual([...begun, chunk({ content: "bc" })]);
  });

  it("are passed on as they arrive if the model is slow", async () => {
    const { say, came } = answer(chat());
    for (const content of ["a", "b", "c"]) {
      await say(chunk({ content }));
      await vi.advanceTimersByTimeAsync(gatherMs);
    }
    expect(came).toEqual(["a", "b", "c"].map((content) => chunk({ content })));
  });

  it("keep their order: reasoning, text, a call in pieces, the end", async () => {
    const { say, close, came } = answer(chat());
    const call = (given: object) => ({ tool_calls: [{ index: 0, ...given }] });
    const begun = chunk(
      call({ id: "1", type: "function", function: { name: "t", arguments: "" } }),
    );
    const end = chunk({}, "tool_calls");
    const usage = { ...chunk({}), choices: [], usage: { prompt_tokens: 1, completion_tokens: 2 } };
    const args = (text: string) => chunk(call({ function: { arguments: text } }));
    await say(chunk({ reasoning_content: "x" }), chunk({ reasoning_content: "y" }));
    await say(chunk({ content: "a" }), chunk({ content: "b" }), begun);
    await say(args('{"a'), args('":'), args("1}"), end, usage);
    await close();
    expect(came).toEqual([
      ...[chunk({ reasoning_content: "x" }), chunk({ reasoning_content: "y" })],
      ...[chunk({ content: "ab" }), begun],
      ...[args('{"a'), args('":1}'), end, usage, "done"],
    ]);
  });

  it("keep what else a chunk says", async () => {
    const { say, close, came } = answer(chat());
    const last = { ...chunk({ content: "c" }), usage: { prompt_tokens: 1, completion_tokens: 2 } };
    await say(chunk({ content: "a" }), chunk({ content: "b" }), last, chunk({}, "stop"));
    await close();
    expect(came).toEqual([
      ...[chunk({ content: "a" }), chunk({ content: "b" }), last],
      ...[chunk({}, "stop"), "done"],
    ]);
  });

  it("of Anthropic's blocks are merged per block", async () => {
    const { say, close, came } = answer({
      usual: null,
      reader: () => new MessagesEvents(),
      pieceOf: pieceOfBlock,
    });
    await say({ type: "message_start", message: { id: "m", model: "c", usage: {} } });
    const text = { type: "text", text: "" };
    await say({ type: "content_block_start", index: 0, content_block: text });
    for (const text of "abc") await say(block(0, { type: "text_delta", text }));
    for (const thinking of "xyz") await say(block(1, { type: "thinking_delta", thinking }));
    await close();
    expect(came.slice(2)).toEqual([
      block(0, { type: "text_delta", text: "a" }),
      block(0, { type: "text_delta", text: "bc" }),
      { type: "content_block_start", index: 1, content_block: { type: "thinking", thinking: "" } },
      block(1, { type: "thinking_delta", thinking: "x" }),
      block(1, { type: "thinking_delta", thinking: "yz" }),
      "done",
    ]);
  });

  it("of the Responses API are merged per item", async () => {
    const { say, close, came } = answer({
      usual: null,
      reader: () => new ResponsesEvents(),
      pieceOf: pieceOfResponse,
    });
    const added = (id: string) => {
      const item = { type: "function_call", id, call_id: id, name: "t", arguments: "" };
      return { type: "response.output_item.added", output_index: 0, item };
    };
    const args = (item_id: string, delta: string) => {
      return { type: "response.function_call_arguments.delta", item_id, output_index: 0, delta };
    };
    await say(added("1"), args("1", "{"), args("1", '"a"'), args("1", ":1}"));
    await say(added("2"), args("2", "{"), args("2", "}"));
    await close();
    expect(came).toEqual([
      ...[added("1"), args("1", "{"), args("1", '"a":1}')],
      ...[added("2"), args("2", "{"), args("2", "}"), "done"],
    ]);
  });

  it("that wait are passed on before the connection breaks", async () => {
    const { say, fail, came } = answer(chat());
    await say(chunk({ content: "a" }), chunk({ content: "b" }), chunk({ content: "c" }));
    await fail("The connection broke.");
    const text = [chunk({ content: "a" }), chunk({ content: "bc" })];
    expect(came).toEqual([...text, "The connection broke."]);
  });
});
