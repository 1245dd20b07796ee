import { McpServerError } from "@/lib/errors";
import { type Connection, type ConnectionDeps, connect, HandshakeFailure } from "./connection";
import { readDiscovery } from "./discovery";
import { unprocessed } from "./retry";
import { sseHint } from "./sse-hint";
import type { McpTarget } from "./target";

/**
 * Connects and shakes hands. `stored` is what readCatalogue gave as `discovery` some time ago, or
 * null; where it is out of date, the server is asked.
 *
 * @throws UsherError says what is wrong, and what to do
 */
export async function openConnection(
  target: McpTarget,
  deps: ConnectionDeps,
  stored: unknown,
  signal: AbortSignal,
): Promise<Connection> {
  const known = readDiscovery(stored, deps.now());
  try {
    return await connect(target, deps, known, signal).catch((failure) => {
      if (known === null || !isOutdated(failure)) throw failure;
      return connect(target, deps, null, signal);
    });
  } catch (failure) {
    if (!(failure instanceof HandshakeFailure)) throw failure;
    const hint = await sseHint(target, deps, failure.cause);
    throw hint === null ? failure.explained : new McpServerError(hint);
  }
}

function isOutdated(failure: unknown): boolean {
  const connection = { hasSession: false, assumed: true };
  return failure instanceof HandshakeFailure && unprocessed(failure.cause, connection) !== null;
}
