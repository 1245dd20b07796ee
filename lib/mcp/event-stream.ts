import { createParser } from "eventsource-parser";

export type StreamEvents = {
  /** The data of an event of the kind that carries messages. */
  onData: (data: string) => void;
  /** The id of the last event, from which a server can go on after a break. */
  onId: (id: string) => void;
  /** How long the server asks to wait before its stream is opened again, in ms. */
  onRetry: (ms: number) => void;
};

/**
 * Reads an event stream to its end.
 *
 * @throws what the stream breaks off with
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export async function readEventStream(
  stream: ReadableStream<Uint8Array>,
  { onData, onId, onRetry }: StreamEvents,
): Promise<void> {
  const decoder = new TextDecoder();
  const parser = createParser({
    onEvent: ({ id, event, data }) => {
      if (id) onId(id);
      if (data !== "" && (!event || event === "message")) onData(data);
    },
    onRetry,
  });
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    parser.feed(decoder.decode(value, { stream: true }));
  }
}
