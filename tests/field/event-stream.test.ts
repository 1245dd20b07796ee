import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readEventStream } from "@/lib/mcp/http/event-stream";
import { jsonOrNull } from "@/lib/mcp/http/messages";
import { readMessage } from "@/lib/mcp/reading/message";

const answer = { jsonrpc: "2.0", id: 3, result: { ok: "the answer é😀" } };
const awaited = { id: 3, method: "tools/call", modern: false };
const newline = fc.constantFrom("\n", "\r\n", "\r");
/** What else a stream may contain: keep-alives, other fields, other events, no field at all. */
const noise = fc.oneof(
  fc.constantFrom(
    ": keep-alive",
    "event: ping",
    "retry: 5",
    "retry: soon",
    "id: 7",
    "id:",
    "data:",
  ),
  fc.constantFrom("data: {", "data: null", "data: [1]", "data: <html>", "\ufeffdata: 1", ":", "x"),
  fc.jsonValue({ maxDepth: 3 }).map((value) => `data: ${JSON.stringify(value)}`),
  fc.string({ maxLength: 30 }).filter((line) => !/[\r\n]/.test(line)),
);
const block = fc.array(noise, { maxLength: 4 });

/** The bytes in pieces: a split may fall anywhere, even within a character, a line or a CRLF. */
function inPieces(text: string, cuts: readonly number[]): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return new ReadableStream({
    start(controller) {
      let from = 0;
      for (const end of ends) {
        controller.enqueue(bytes.slice(from, end));
        from = end;
      }
      controller.close();
    },
  });
}

// vercel/ai#16865
describe("a stream that stays open after a message without an end", () => {
  test.each([
    ["no line end", ""],
    ["one line end", "\n"],
    ["an end in CR", "\r"],
  ])("passes it on: %s", async (_, end) => {
    const message = JSON.stringify(answer);
    const data = await new Promise<string>((resolve) => {
      const open = new ReadableStream<Uint8Array>({
        start(controller) {
          for (const piece of [
            `event: message\ndata: ${message.slice(0, 9)}`,
            message.slice(9) + end,
          ])
            controller.enqueue(new TextEncoder().encode(piece));
        },
      });
      void readEventStream(open, { onData: resolve, onId: () => {}, onRetry: () => {} });
    });
    expect(JSON.parse(data)).toEqual(answer);
  });
});

describe("any event stream that a server may send", () => {
  test("loses no good message, and throws nothing", async () => {
    const parts = {
      before: fc.array(block, { maxLength: 4 }),
      after: fc.array(block, { maxLength: 4 }),
      end: newline,
      cuts: fc.array(fc.nat(), { maxLength: 8 }),
      spaced: fc.boolean(),
    };
    await fc.assert(
      fc.asyncProperty(fc.record(parts), async ({ before, after, end, cuts, spaced }) => {
        const good = [`data:${spaced ? " " : ""}${JSON.stringify(answer)}`];
        const text = [...before, good, ...after]
          .map((lines) => `${lines.join(end)}${end}${end}`)
          .join("");
        const results: unknown[] = [];
        await readEventStream(inPieces(text, cuts), {
          onData: (data) => {
            const message = readMessage(jsonOrNull(data), awaited);
            if (message !== null && "result" in message) results.push(message.result);
          },
          onId: () => {},
          onRetry: () => {},
        });
        expect(results).toContainEqual(answer.result);
      }),
      { numRuns: 2_000 },
    );
  });

  test("is read once an event is complete, whatever its line endings, and not only when the next one arrives", async () => {
    const seen: string[] = [];
    let more = (_: string) => {};
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        more = (text) => controller.enqueue(new TextEncoder().encode(text));
      },
    });
    void readEventStream(stream, {
      onData: (data) => seen.push(data),
      onId: () => {},
      onRetry: () => {},
    });
    more("data: 1\r\r");
    await expect.poll(() => seen).toEqual(["1"]);
    more("data: 2\r\n\r");
    await expect.poll(() => seen).toEqual(["1", "2"]);
    more("\ndata: 3\n\n");
    await expect.poll(() => seen).toEqual(["1", "2", "3"]);
  });

  test.each([
    [
      "without the last empty line is read",
      `id: 8\ndata: ${JSON.stringify(answer)}`,
      1,
      ["7", "8"],
    ],
    ["cut in the middle of an event is not", 'id: 8\ndata: {"jsonrpc":"2.0","id":3,"res', 0, ["7"]],
  ])("that ends %s", async (_name, rest, count, known) => {
    const ids: string[] = [];
    const seen: string[] = [];
    await readEventStream(inPieces(`id: 7\ndata: {}\n\n${rest}`, [3]), {
      onData: (data) => seen.push(data),
      onId: (id) => ids.push(id),
      onRetry: () => {},
    });
    expect(seen).toHaveLength(1 + count);
    expect(ids).toEqual(known);
  });
});
