import { setTimeout as delay } from "node:timers/promises";
import { asError } from "@/lib/mcp/http/bodies";
import { mediaType, readEventStream } from "@/lib/mcp/http/messages";

type Following = {
  signal: AbortSignal;
  /** The awaited message has arrived, or no one waits any more. */
  isOver: () => boolean;
  onData: (data: string, named: boolean) => void;
  onActivity: () => void;
  onError: (error: Error) => void;
  /** Reopens the stream after the event with this id. */
  resume: (lastEventId: string) => Promise<Response>;
};

/** How long a broken stream waits before it is reopened, unless the server says, in ms. */
const RESUME_MS = { usual: 1_000, least: 100, most: 30_000 };
/** How many consecutive times reopening may fail. */
const MAX_RESUME_FAILURES = 2;

/**
 * Reads a stream to its end. One that breaks off before that continues if the server can remember
 * where it was.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#resumability-and-redelivery
 */
export async function followStream(first: Response, following: Following): Promise<void> {
  const { signal, isOver, resume, onError, onData, onActivity } = following;
  let lastEventId: string | null = null;
  let resumeMs = RESUME_MS.usual;
  let failures = 0;
  let response: Response | null = first;
  while (failures <= MAX_RESUME_FAILURES) {
    if (response?.body) {
      await readEventStream(response.body, {
        onData,
        onActivity,
        onId: (id) => {
          lastEventId = id;
        },
        onRetry: (ms) => {
          resumeMs = Math.min(Math.max(ms, RESUME_MS.least), RESUME_MS.most);
        },
      }).catch((error) => onError(asError(error)));
    }
    if (isOver() || lastEventId === null) return;
    await delay(resumeMs * 1.5 ** failures, undefined, { signal });
    response = await usable(resume(lastEventId)).catch((error) => {
      onError(asError(error));
      return null;
    });
    failures = response ? 0 : failures + 1;
  }
}

/** Null: it did not work this time. */
async function usable(opening: Promise<Response>): Promise<Response | null> {
  const response = await opening;
  if (response.ok && mediaType(response) === "text/event-stream") return response;
  await response.body?.cancel();
  return null;
}
