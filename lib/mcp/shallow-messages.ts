import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/client";
import { deepestJson, isTooDeep } from "@/lib/bounded-json";

/** In words, after the server's name. */
export const tooDeepAnswer = `JSON that nests more than ${deepestJson} levels deep, which Usher does not read`;

/**
 * For a transport of the SDK's, which parses by itself: a message that nests too deep is not handed on.
 * What was asked gets an error in its place, so that nobody waits for it.
 */
export function onlyShallow<T extends Transport>(transport: T): T {
  let handler: Transport["onmessage"];
  return Object.defineProperty(transport, "onmessage", {
    configurable: true,
    enumerable: true,
    get: () => handler,
    set: (given: Transport["onmessage"]) => {
      handler =
        given &&
        ((message, extra) => {
          const shallow = isTooDeep(message) ? inPlaceOf(message) : message;
          if (shallow) given(shallow, extra);
        });
    },
  });
}

function inPlaceOf(message: JSONRPCMessage): JSONRPCMessage | null {
  if ("method" in message || message.id === undefined) return null;
  const { id } = message;
  return { jsonrpc: "2.0", id, error: { code: -32603, message: `It sent ${tooDeepAnswer}.` } };
}
