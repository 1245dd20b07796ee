import type { LanguageModelV3StreamPart } from "@ai-sdk/provider";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { gatherDeltas, gatherMs } from "@/lib/chat/model/answer-stream";

type Part = LanguageModelV3StreamPart;

const delta = (text: string, id = "0"): Part => ({ type: "text-delta", id, delta: text });
const reasoning = (text: string, id = "0"): Part => ({ type: "reasoning-delta", id, delta: text });
const start: Part = { type: "text-start", id: "0" };
const end: Part = { type: "text-end", id: "0" };
const call: Part = { type: "tool-call", toolCallId: "c", toolName: "t", input: "{}" };

/** A model whose parts the test sends, and the output so far. */
function gather() {
  let model: ReadableStreamDefaultController<Part> | undefined;
  const cancel = vi.fn();
  const source = new ReadableStream<Part>({
    start(controller) {
      model = controller;
    },
    cancel,
  });
  const came: (Part | string)[] = [];
  const reader = gatherDeltas(source).getReader();
  const read = async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return came.push("done");
      came.push(value);
    }
  };
  read().catch((error: Error) => came.push(error.message));
  const settled = () => vi.advanceTimersByTimeAsync(0);
  return {
    came,
    cancel,
    reader,
    async say(...parts: Part[]) {
      for (const part of parts) model?.enqueue(part);
      await settled();
    },
    async close() {
      model?.close();
      await settled();
    },
    async fail(message: string) {
      model?.error(new Error(message));
      await settled();
    },
  };
}

describe("a model's deltas", () => {
  beforeEach(
    () => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }),
  );
  afterEach(() => void vi.useRealTimers());

  it("are passed on at once if they arrive slowly", async () => {
    const { say, came } = gather();
    await say(start, delta("One "));
    expect(came).toEqual([start, delta("One ")]);
    await vi.advanceTimersByTimeAsync(gatherMs);
    await say(delta("two"));
    expect(came).toEqual([start, delta("One "), delta("two")]);
  });

  it("are merged if they arrive faster than they are collected, except for the first", async () => {
    const { say, came } = gather();
    await say(start, delta("a"), delta("b"), delta("c"));
    expect(came).toEqual([start, delta("a")]);
    await vi.advanceTimersByTimeAsync(gatherMs / 2);
    await say(delta("d"));
    expect(came).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(gatherMs / 2);
    expect(came).toEqual([start, delta("a"), delta("bcd")]);
  });

  it("do not wait while the model is silent", async () => {
    const { say, came } = gather();
    await say(delta("a"), delta("b"));
    await vi.advanceTimersByTimeAsync(gatherMs);
    expect(came).toEqual([delta("a"), delta("b")]);
  });

  it("are passed on before a tool call, an end and the next part, in the model's order", async () => {
    const { say, close, came } = gather();
    await say(start, delta("a"), delta("b"), end, call, reasoning("x", "1"), reasoning("y", "1"));
    await say(delta("c"), delta("d"));
    await close();
    expect(came).toEqual([
      ...[start, delta("a"), delta("b"), end, call],
      ...[reasoning("x", "1"), reasoning("y", "1"), delta("cd"), "done"],
    ]);
  });

  it("of two parallel parts are never mixed", async () => {
    const { say, close, came } = gather();
    await say(delta("a"), delta("b"), delta("1", "1"), delta("2", "1"), delta("c"));
    await close();
    const texts = { "0": "", "1": "" };
    for (const part of came) {
      if (typeof part !== "string" && part.type === "text-delta") {
        texts[part.id as "0" | "1"] += part.delta;
      }
    }
    expect(texts).toEqual({ "0": "abc", "1": "12" });
  });

  it("keep provider metadata of one of them", async () => {
    const { say, close, came } = gather();
    const signed: Part = {
      ...reasoning("", "1"),
      providerMetadata: { anthropic: { signature: "s" } },
    } as Part;
    await say(reasoning("x", "1"), reasoning("y", "1"), signed, reasoning("z", "1"));
    await close();
    expect(came).toEqual([
      reasoning("x", "1"),
      reasoning("y", "1"),
      signed,
      reasoning("z", "1"),
      "done",
    ]);
  });

  it("are passed on before an error in the stream", async () => {
    const { say, fail, came } = gather();
    await say(delta("a"), delta("b"), delta("c"));
    await fail("The connection broke.");
    await vi.advanceTimersByTimeAsync(1);
    expect(came).toEqual([delta("a"), delta("bc"), "The connection broke."]);
  });

  it("end with their reader", async () => {
    const { say, reader, cancel, came } = gather();
    await say(delta("a"), delta("b"));
    await reader.cancel("enough");
    await vi.advanceTimersByTimeAsync(gatherMs);
    expect(cancel).toHaveBeenCalledWith("enough");
    expect(came).toEqual([delta("a"), "done"]);
  });

  it("wait for a slow reader", async () => {
    let asked = 0;
    const model = new ReadableStream<Part>(
      {
        pull(controller) {
          asked += 1;
          controller.enqueue(asked % 2 ? call : delta("a"));
        },
      },
      { highWaterMark: 0 },
    );
    gatherDeltas(model);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked).toBeLessThan(5);
  });
});
