import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readJsonLines } from "@/lib/queries/fetch-json";

function streamOf(chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  const left = [...chunks];
  return new ReadableStream({
    pull(controller) {
      const chunk = left.shift();
      if (chunk) controller.enqueue(chunk);
      else controller.close();
    },
  });
}

async function linesOf(stream: ReadableStream<Uint8Array>): Promise<unknown[]> {
  const lines: unknown[] = [];
  for await (const line of readJsonLines(stream)) lines.push(line);
  return lines;
}

describe("newline-delimited JSON", () => {
  it("is read as it was written, wherever the chunks were split", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ message: fc.string({ unit: "grapheme" }) })),
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
        async (values, size, lastNewline) => {
          const text = values.map((value) => JSON.stringify(value)).join("\n");
          const bytes = new TextEncoder().encode(lastNewline ? `${text}\n` : text);
          const chunks: Uint8Array[] = [];
          for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.slice(at, at + size));
          expect(await linesOf(streamOf(chunks))).toEqual(values);
        },
      ),
    );
  });

  it("yields each line before the next one has arrived", async () => {
    let send: (text: string) => void = () => {};
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        send = (text) => controller.enqueue(new TextEncoder().encode(text));
      },
    });
    const lines = readJsonLines<number>(stream);
    send("1\n2");
    expect(await lines.next()).toEqual({ value: 1, done: false });
    send("3\n");
    expect(await lines.next()).toEqual({ value: 23, done: false });
    await lines.return(undefined);
  });

  it("throws on a line that was cut off", async () => {
    const stream = streamOf([new TextEncoder().encode('{"step":"connect"}\n{"step":')]);
    await expect(linesOf(stream)).rejects.toBeInstanceOf(SyntaxError);
  });

  it("cancels the stream when the reader leaves", async () => {
    let cancelled = false;
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode("1\n2\n")),
      cancel: () => {
        cancelled = true;
      },
    });
    for await (const line of readJsonLines(stream)) {
      expect(line).toBe(1);
      break;
    }
    expect(cancelled).toBe(true);
  });
});
