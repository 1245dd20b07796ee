import { type Connection, type ConnectionDeps, connect, HandshakeFailure } from "./connection";
import { readDiscovery } from "./discovery";
import { unprocessed } from "./retry";
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
    throw failure instanceof HandshakeFailure ? failure.explained : failure;
  }
}

function isOutdated(failure: unknown): boolean {
  const connection = { hasSession: false, assumed: true };
  return failure instanceof HandshakeFailure && unprocessed(failure.cause, connection) !== null;
}
