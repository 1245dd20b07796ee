import { subscribe } from "node:diagnostics_channel";
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const lookEveryMs = 50;

export interface OpenRequests {
  /** Resolves when all requests so far are answered, or their response has begun. Later ones are not waited for. */
  answered(): Promise<void>;
}

/**
 * The requests that this process has read and not yet answered. They are counted when Node reads them: a route sees its
 * request later, once it is loaded and knows the caller.
 *
 * @see https://nodejs.org/api/diagnostics_channel.html#http
 */
export function watchOpenRequests(): OpenRequests {
  const open = new Set<ServerResponse>();
  subscribe("http.server.request.start", (message) => {
    const { response } = message as { response: ServerResponse };
    open.add(response);
    response.once("close", () => open.delete(response));
  });
  return {
    async answered() {
      const arrived = [...open];
      while (arrived.some((response) => open.has(response) && !response.headersSent)) {
        await sleep(lookEveryMs);
      }
    },
  };
}
