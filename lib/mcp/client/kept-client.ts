import { setMaxListeners } from "node:events";
import { ProtocolError, SdkError, SdkErrorCode, SdkHttpError } from "@modelcontextprotocol/client";
import { InputRequiredError, McpServerError, UnreachableError, UsherError } from "@/lib/errors";
import { callTool, type McpToolCall } from "@/lib/mcp/call-tool";
import { listTools, type ReadCatalogueOptions, serverInfo } from "@/lib/mcp/catalogue/list-tools";
import { type Connection, connect, HandshakeFailure } from "@/lib/mcp/client/connect";
import { ConnectionPool, type Lease } from "@/lib/mcp/client/pool";
import { KnownEras, legacySince, readEra } from "@/lib/mcp/client/protocol-era";
import { missesHeaders, unprocessed } from "@/lib/mcp/client/unprocessed";
import { InputRequired } from "@/lib/mcp/elicitation";
import { explainFailure } from "@/lib/mcp/failure";
import { sseHint } from "@/lib/mcp/http/sse";
import type { Asked } from "@/lib/mcp/refusal";
import type { ConnectionDeps, McpConnectionsDeps, McpTarget } from "@/lib/mcp/target";
import type { McpToolResult } from "@/lib/mcp/tool-result";

/** What `createMcpConnections` loads: see McpConnections there. */
export function createKeptConnections(deps: McpConnectionsDeps) {
  const known = new KnownEras(async (target) => {
    try {
      return (await deps.storedEra?.(target)) ?? null;
    } catch (err) {
      // It only saves a request, so a call must not fail because of it.
      deps.log.warn({ err, serverId: target.serverId }, "mcp: stored protocol era not read");
      return null;
    }
  });
  const pool = new ConnectionPool({
    open: async (target, signal) => {
      const connection = await openConnection(target, deps, await known.of(target), signal);
      known.remember(target, connection.era);
      return connection;
    },
    now: deps.now,
    idleMs: deps.idleMs ?? 5 * 60_000,
    maxConnections: deps.maxConnections ?? 1_000,
  });

  async function use<T>(
    target: McpTarget,
    signal: AbortSignal | undefined,
    asked: Asked,
    work: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    let refused: UsherError | null = null;
    for (let attempt = 1; ; attempt++) {
      const lease = await unlessAborted(pool.acquire(target), signal).catch((error) => {
        // A server without the handshake: its first refusal says more.
        throw refused ?? error;
      });
      const { connection } = lease;
      const modern = connection.era.era === "modern";
      if (refused !== null && modern) {
        lease.release();
        throw refused;
      }
      try {
        const result = await work(connection);
        connection.assumed = false;
        connection.proven = true;
        connection.silences = 0;
        return result;
      } catch (error) {
        signal?.throwIfAborted();
        const { hasSession, assumed, proven } = connection;
        const reason = unprocessed(error, { hasSession, assumed, modern, proven });
        if (isSilence(error)) connection.silences += 1;
        const broken = isSilence(error) ? connection.silences > 1 : !wasAnswered(error);
        const isSuspect = connection.hasSession && isInvalidRequest(error);
        if (reason !== null || broken || isSuspect) pool.discard(connection);
        if (reason === "outdated_era") known.forget(target);
        if (reason === "older_era") known.remember(target, legacySince(deps.now()));
        const explained = explainFailure(error, target, connection.words, asked);
        if (reason === null || attempt > 1) throw explained;
        refused = reason === "older_era" ? explained : null;
        deps.log.info({ serverId: target.serverId, reason }, "mcp: reconnecting");
      } finally {
        lease.release();
      }
    }
  }

  return {
    callTool: async (target: McpTarget, call: McpToolCall) => {
      // Calls of one turn share its signal; each removes its listeners when it ends.
      if (call.signal) setMaxListeners(0, call.signal);
      const { serverName } = target;
      const asked = call.readsResource ? "other" : "call";
      const outcome = await use(target, call.signal, asked, (connection) =>
        callTool(connection, call, target).catch(async (error) => {
          const isHeaders = missesHeaders(error);
          if (isHeaders || isUnknownTool(error)) deps.onToolsChanged?.(target);
          const inputSchema = isHeaders ? await newSchema(connection, call) : null;
          if (inputSchema === null) throw error;
          return callTool(connection, { ...call, inputSchema }, target);
        }),
      );
      if ("flow" in outcome) throw new InputRequiredError(outcome, serverName);
      if (saysUnknownTool(outcome, call.name)) deps.onToolsChanged?.(target);
      return outcome;
    },

    readCatalogue: async (target: McpTarget, options: ReadCatalogueOptions = {}) => {
      if (!options.keepConnections) {
        known.forget(target);
        await pool.drop(target.serverId, target.ownerKey);
      }
      return use(target, options.signal, "other", async ({ client, era, words }) => {
        options.onConnected?.();
        const listed = await listTools(client, words, options);
        const said = words.withoutCredentials({ serverInfo: serverInfo(client), era });
        return { ...listed, ...said };
      });
    },

    drop: (serverId: string, ownerKey?: string) => {
      void pool.drop(serverId, ownerKey);
    },
    close: () => pool.close(),
  };
}

/** A tool's schema if it is another one than the call was made by; null: it is not, or cannot be read. */
async function newSchema(
  { client, words }: Connection,
  { name, inputSchema, signal }: McpToolCall,
): Promise<Readonly<Record<string, unknown>> | null> {
  const listed = await listTools(client, words, { signal }).catch(() => null);
  const now = listed?.tools.find((tool) => tool.name === name)?.inputSchema;
  return now && JSON.stringify(now) !== JSON.stringify(inputSchema) ? now : null;
}

/** A caller that gives up leaves; the connection continues to open for the others, and is kept. */
async function unlessAborted(
  acquiring: Promise<Lease>,
  signal: AbortSignal | undefined,
): Promise<Lease> {
  if (!signal) return acquiring;
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
  try {
    return await Promise.race([acquiring, aborted]);
  } catch (error) {
    acquiring.then((lease) => lease.release()).catch(() => {});
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/**
 * Connects and shakes hands. `stored` is an earlier `era` from readCatalogue, or
 * null; if it is outdated, the server is asked.
 *
 * @throws UsherError says what is wrong, and what to do
 */
async function openConnection(
  target: McpTarget,
  deps: ConnectionDeps,
  stored: unknown,
  signal: AbortSignal,
): Promise<Connection> {
  const known = readEra(stored, deps.now());
  try {
    return await connect(target, deps, known, signal).catch((failure) => {
      const next = failure instanceof HandshakeFailure ? failure.next : null;
      if (next !== null && typeof next === "object" && "era" in next) {
        return connect(target, deps, next, signal);
      }
      if (next !== null && typeof next === "object") {
        // If it does not help, the first refusal says more.
        return connect(target, deps, legacySince(deps.now()), signal, next).catch((second) => {
          throw second instanceof HandshakeFailure ? failure : second;
        });
      }
      if (next === "handshake") return connect(target, deps, legacySince(deps.now()), signal);
      const outdated = known !== null && isOutdated(failure);
      if (outdated || next === "probe") return connect(target, deps, null, signal);
      throw failure;
    });
  } catch (failure) {
    if (!(failure instanceof HandshakeFailure)) throw failure;
    const hint = await sseHint(target, deps, failure.cause);
    throw hint === null ? failure.explained : new McpServerError(hint);
  }
}

function isOutdated(failure: unknown): boolean {
  const connection = { hasSession: false, assumed: true, modern: false, proven: false };
  return failure instanceof HandshakeFailure && unprocessed(failure.cause, connection) !== null;
}

const unknownTool = new RegExp(
  [
    "\\b(unknown|unrecogni[sz]ed|no such|not a valid) tool\\b|\\binvalid tool name\\b",
    "\\bno tool (named|called|with|found)\\b|\\b(unable to|could not|cannot|can't) find (the )?tool\\b",
    "\\btool\\b[^.]{0,150}\\b(not found|does not exist|not exist|(is|was) not (available|registered)|not registered|unknown|(has been|was) removed)",
  ].join("|"),
  "i",
);

/** The tool was in the list that was read, and its server no longer knows it. */
function isUnknownTool(error: unknown): boolean {
  return error instanceof ProtocolError && unknownTool.test(error.message.slice(0, 1_000));
}

/** Many servers say so in a result. A tool's own answer may look like it; then the list is read once in vain. */
function saysUnknownTool({ isError, content: [first] }: McpToolResult, name: string): boolean {
  if (!isError || first?.type !== "text" || first.text.length > 500) return false;
  return first.text.includes(name) && unknownTool.test(first.text);
}

/** One call may have been too much for it; after a second in a row, it no longer answers anything. */
function isSilence(error: unknown): boolean {
  return error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout;
}

/** What some servers answer in a session that they have forgotten. The next call gets another one. */
function isInvalidRequest(error: unknown): boolean {
  return error instanceof ProtocolError && error.code === -32600;
}

/** The connection worked, whatever the answer: it may be used again. */
function wasAnswered(error: unknown): boolean {
  return (
    error instanceof ProtocolError ||
    error instanceof InputRequired ||
    (error instanceof UsherError && !(error instanceof UnreachableError)) ||
    (error instanceof SdkHttpError && error.status < 500)
  );
}
