import { afterEach, expect, test, vi } from "vitest";
import { firstMessage } from "@/lib/discovery/first-message";

afterEach(() => {
  vi.useRealTimers();
});

const stream = (chunks: readonly string[], ends = false) => {
  const bytes = new TextEncoder();
  const body = new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(bytes.encode(chunk));
      if (ends) controller.close();
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
};

test("an endless stream is read until its first response is complete", async () => {
  const ping = ': ping\n\ndata: {"jsonrpc":"2.0","method":"notifications/x"}\n\n';
  const message = 'event: message\r\ndata: {"id":1,\r\ndata: "error":{"code":-1}}\r\n\r\n';
  expect(await firstMessage(stream([ping, message.slice(0, 30), message.slice(30)]))).toEqual({
    id: 1,
    error: { code: -1 },
  });
});

test("a stream that sends nothing is not waited for long", async () => {
  vi.useFakeTimers();
  const message = firstMessage(stream([": ping\n\n"]));
  await vi.advanceTimersByTimeAsync(3_000);
  expect(await message).toBeNull();
});

test("an event whose end is missing counts, and a page or a long text does not", async () => {
  expect(await firstMessage(stream(['data: {"id":1,"result":{}}'], true))).toMatchObject({ id: 1 });
  expect(await firstMessage(new Response("<h1>Hello</h1>"))).toBeNull();
  expect(await firstMessage(stream(Array(100).fill("x".repeat(1_000))))).toBeNull();
});
