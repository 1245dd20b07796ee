import {
  type Client,
  type JsonSchemaValidator,
  type jsonSchemaValidator,
  type PriorDiscovery,
  SseError,
} from "@modelcontextprotocol/client";
import { UnreachableError, type UsherError } from "@/lib/errors";
import { createBearer } from "@/lib/mcp/client/bearer";
import { eraOf, type ProtocolEra, priorOf } from "@/lib/mcp/client/protocol-era";
import { createTransport } from "@/lib/mcp/client/transport";
import { CallsUnderWay, createElicitingClient } from "@/lib/mcp/elicitation";
import { explainFailure, withoutText } from "@/lib/mcp/failure";
import { SseTransport } from "@/lib/mcp/http/sse";
import { StreamableHttpTransport } from "@/lib/mcp/http/transport";
import { type ServerWords, serverWords } from "@/lib/mcp/server-words";
import type { ConnectionDeps, McpTarget } from "@/lib/mcp/target";
import packageJson from "@/package.json";

/** One connection with one server as one owner, after the handshake. */
export type Connection = {
  readonly client: Client;
  readonly calls: CallsUnderWay;
  readonly era: ProtocolEra;
  /** True until the first answer, if a stored protocol era replaced the handshake. */
  assumed: boolean;
  readonly hasSession: boolean;
  readonly closed: boolean;
  readonly words: ServerWords;
  /** Called once, whoever closed it. */
  onClose(callback: () => void): void;
  /** With `farewell` the server is told to forget the session. */
  close(farewell: boolean): Promise<void>;
  /** Running calls may finish, but no new token is sent to this server. */
  cutOff(): void;
};

/** For the handshake, in ms. npx may first have to download a stdio server. */
const CONNECT_MS = { STREAMABLE_HTTP: 30_000, SSE: 30_000, STDIO: 60_000 };
/** For the first probe of a server of unknown era; an older stdio server may leave it unanswered. */
const PROBE_MS = { STREAMABLE_HTTP: 20_000, SSE: 20_000, STDIO: 10_000 };
/** For telling a server that its session is over, in ms. */
const FAREWELL_MS = 2_000;
/** Pages of tools/list, before the list counts as endless. */
const MAX_PAGES = 50;

const none: readonly string[] = [];

/** HTTP with SSE ended before there was a second era. */
const onlyLegacy: PriorDiscovery = { kind: "legacy" };

/** Results go to a model unchanged: an untrusted server's schema is never compiled or run. */
const acceptAll: jsonSchemaValidator = {
  getValidator:
    <T>(): JsonSchemaValidator<T> =>
    (input) => ({ valid: true, data: input as T, errorMessage: undefined }),
};

/** The handshake failed. It stays within this folder: its cause holds what the server wrote. */
export class HandshakeFailure extends Error {
  readonly explained: UsherError;

  constructor(cause: unknown, explained: UsherError) {
    super("The handshake failed", { cause });
    this.name = "HandshakeFailure";
    this.explained = explained;
  }
}

/**
 * Connects and shakes hands; `known` saves questions.
 *
 * @throws HandshakeFailure
 */
export async function connect(
  target: McpTarget,
  deps: ConnectionDeps,
  known: ProtocolEra | null,
  signal: AbortSignal,
): Promise<Connection> {
  const { transport: kind } = target.endpoint;
  const bearer = target.bearer ? createBearer(target.bearer, target.serverName) : null;
  const { transport, stderr } = await createTransport(target, bearer, deps);
  const words = serverWords(target, () => bearer?.sent() ?? none, stderr);
  const calls = new CallsUnderWay();
  const client = createElicitingClient(
    { name: "usher", title: "Usher", version: packageJson.version },
    {
      versionNegotiation: { mode: "auto", probe: { timeoutMs: PROBE_MS[kind] } },
      jsonSchemaValidator: acceptAll,
      listMaxPages: MAX_PAGES,
    },
    (relatedCall) =>
      transport instanceof StreamableHttpTransport ? calls.of(relatedCall) : calls.only(),
  );
  let closed = false;
  let onClose = () => {};
  client.onclose = () => {
    closed = true;
    onClose();
  };
  client.onerror = (error) => {
    deps.log.debug({ err: withoutText(error), serverId: target.serverId }, "mcp: transport error");
    // A new stream is a new session that the server does not know yet.
    if (error instanceof SseError) void client.close();
  };
  try {
    const prior = kind === "SSE" ? onlyLegacy : known ? priorOf(known) : undefined;
    const connecting = client.connect(transport, { prior, timeout: CONNECT_MS[kind] });
    await withinTime(connecting, target, signal);
  } catch (error) {
    void transport.close().catch(() => {});
    throw new HandshakeFailure(error, explainFailure(error, target, words));
  }
  return {
    client,
    calls,
    // Keeps its date: it was not verified again.
    era: known ?? eraOf(client, deps.now()),
    assumed: known?.era === "modern",
    get hasSession() {
      return transport.sessionId !== undefined || transport instanceof SseTransport;
    },
    get closed() {
      return closed;
    },
    words,
    onClose: (callback) => {
      onClose = callback;
    },
    close: async (farewell) => {
      if (farewell && transport instanceof StreamableHttpTransport) await sayFarewell(transport);
      await client.close();
    },
    cutOff: () => bearer?.cutOff(),
  };
}

async function withinTime(
  connecting: Promise<void>,
  { serverName, endpoint }: McpTarget,
  signal: AbortSignal,
): Promise<void> {
  const limit = CONNECT_MS[endpoint.transport];
  const advice =
    endpoint.transport === "STDIO"
      ? `did not get ready in ${limit / 1000} seconds. Try its command by hand.`
      : `did not answer in ${limit / 1000} seconds. Try again later.`;
  let timer: NodeJS.Timeout | undefined;
  let abort = () => {};
  const tooLate = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort);
    timer = setTimeout(
      () => reject(new UnreachableError("timeout", `${serverName} ${advice}`)),
      limit,
    );
  });
  try {
    signal.throwIfAborted();
    await Promise.race([connecting, tooLate]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}

async function sayFarewell(transport: StreamableHttpTransport): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, FAREWELL_MS);
  });
  await Promise.race([transport.terminateSession().catch(() => {}), enough]);
  clearTimeout(timer);
}
