import { boundedJsonOrNull } from "@/lib/bounded-json";

/** In characters: what a server says about itself or about a missing token is short. */
const LONGEST = 64 * 1024;
/** Some servers open a stream and send nothing. */
const STREAM_WAIT_MS = 3_000;

/**
 * The first JSON-RPC response in an answer, as JSON or as an event; null: none was found, or it is too long. A stream
 * has no end: it is read until that response is complete, and not for long.
 */
export async function firstMessage(response: Response): Promise<unknown> {
  const { body, headers } = response;
  if (body === null) return null;
  if (!/^text\/event-stream\b/i.test(headers.get("content-type") ?? "")) {
    return boundedJsonOrNull(await beginning(body));
  }
  const text = await beginning(body, (events) => messageIn(events) !== null, STREAM_WAIT_MS);
  return messageIn(`${text}\n\n`);
}

/** The text of a body, up to a limit. */
export async function beginning(
  body: ReadableStream<Uint8Array>,
  isEnough: (text: string) => boolean = () => false,
  waitMs: number | null = null,
): Promise<string> {
  const reader = body.getReader();
  const timer = waitMs === null ? undefined : setTimeout(() => void stop(reader), waitMs);
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return text;
      text += decoder.decode(value, { stream: true });
      if (text.length > LONGEST || isEnough(text)) return text;
    }
  } finally {
    clearTimeout(timer);
    await stop(reader);
  }
}

/** A read that waits then ends. A stream that has failed cannot be stopped. */
async function stop(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  await reader.cancel().catch(() => undefined);
}

function messageIn(events: string): unknown {
  for (const event of events.split(/\r?\n\r?\n/).slice(0, -1)) {
    const data = event.split(/\r?\n/).filter((line) => line.startsWith("data:"));
    const message = boundedJsonOrNull(data.map((line) => line.slice(5)).join("\n"));
    if (isResponse(message)) return message;
  }
  return null;
}

function isResponse(message: unknown): boolean {
  return (
    typeof message === "object" && message !== null && ("result" in message || "error" in message)
  );
}
