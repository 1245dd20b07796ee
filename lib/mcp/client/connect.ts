import type {
  Client,
  JsonSchemaValidator,
  jsonSchemaValidator,
  PriorDiscovery,
} from "@modelcontextprotocol/client";
import { UnreachableError, type UsherError } from "@/lib/errors";
import { createBearer } from "@/lib/mcp/client/bearer";
import {
  type Handshake,
  isRefusal,
  type NextTry,
  plainHandshake,
  usualHandshake,
} from "@/lib/mcp/client/handshake";
import { PROBE_MS } from "@/lib/mcp/client/probe";
import { eraOf, modernEra, type ProtocolEra, priorOf } from "@/lib/mcp/client/protocol-era";
import { StreamTransport } from "@/lib/mcp/client/stream-transport";
import { createTransport } from "@/lib/mcp/client/transport";
import { CallsUnderWay, createElicitingClient } from "@/lib/mcp/elicitation";
import { explainFailure, withoutText } from "@/lib/mcp/failure";
import { StreamableHttpTransport } from "@/lib/mcp/http/transport";
import { itSaid } from "@/lib/mcp/refusal";
import { type ServerWords, serverWords } from "@/lib/mcp/server-words";
import type { ConnectionDeps, McpTarget } from "@/lib/mcp/target";
import packageJson from "@/package.json";

/** One conversation with one server as one owner, after the handshake. */
export type Connection = {
  readonly client: Client;
  readonly calls: CallsUnderWay;
  readonly era: ProtocolEra;
  /** True until the first answer, if a stored protocol era replaced the handshake. */
  assumed: boolean;
  /** What was sent over it has been answered. */
  proven: boolean;
  /** Consecutive calls that ended without an answer in time. */
  silences: number;
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
/** For an answer to the first question once the older handshake was refused, in ms, and if something else may work. */
const LATE_MS = 20_000;
const LATE_BESIDE_MS = 5_000;
/** For telling a server that its session is over, in ms. */
const FAREWELL_MS = 2_000;
/** Pages of tools/list, beyond which the list counts as endless. */
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

/** The handshake failed. It stays within this folder: its cause contains the server's text. */
export class HandshakeFailure extends Error {
  readonly explained: UsherError;
  readonly next: NextTry | null;

  constructor(cause: unknown, explained: UsherError, next: NextTry | null) {
    super("The handshake failed", { cause });
    this.name = "HandshakeFailure";
    this.explained = explained;
    this.next = next;
  }
}

/**
 * Connects and shakes hands; `known` saves requests.
 *
 * @throws HandshakeFailure
 */
export async function connect(
  target: McpTarget,
  deps: ConnectionDeps,
  known: ProtocolEra | null,
  signal: AbortSignal,
  handshake: Handshake = usualHandshake,
): Promise<Connection> {
  const { transport: kind } = target.endpoint;
  const bearer = target.bearer ? createBearer(target.bearer, target.serverName) : null;
  const { transport, report } = await createTransport(target, bearer, deps);
  const words = serverWords(target, () => bearer?.sent() ?? none, report);
  const calls = new CallsUnderWay();
  if (transport instanceof StreamableHttpTransport) {
    transport.onactivity = (relatedCall) => calls.of(relatedCall)?.heard();
  } else {
    transport.onactivity = () => calls.only()?.heard();
  }
  const client = createElicitingClient(
    { name: "usher", title: "Usher", version: packageJson.version },
    {
      versionNegotiation: { mode: "auto", probe: { timeoutMs: PROBE_MS * 2 } },
      jsonSchemaValidator: acceptAll,
      listMaxPages: MAX_PAGES,
      // Otherwise the SDK's own, which include the newer era.
      ...(handshake === usualHandshake
        ? {}
        : { supportedProtocolVersions: [...handshake.versions] }),
    },
    handshake,
    (relatedCall) => (relatedCall === undefined ? calls.only() : calls.of(relatedCall)),
  );
  client.setNotificationHandler("notifications/tools/list_changed", () =>
    deps.onToolsChanged?.(target),
  );
  let closed = false;
  let onClose = () => {};
  client.onclose = () => {
    closed = true;
    onClose();
  };
  client.onerror = (error) => {
    deps.log.debug({ err: withoutText(error), serverId: target.serverId }, "mcp: transport error");
  };
  try {
    const prior = kind === "SSE" ? onlyLegacy : known ? priorOf(known) : undefined;
    if (handshake.versionHeader !== null) transport.setProtocolVersion(handshake.versionHeader);
    const connecting = client.connect(transport, { prior, timeout: CONNECT_MS[kind] });
    await withinTime(connecting, target, words, signal);
  } catch (error) {
    const plain = handshake === usualHandshake ? plainHandshake(error) : null;
    const late = await lateEra(transport, error, { hasOtherTry: plain !== null, signal });
    void transport.close().catch(() => {});
    const next = late ?? plain ?? (known === null ? nextTry(transport, error) : null);
    throw new HandshakeFailure(error, explainFailure(error, target, words, "handshake"), next);
  }
  if (transport instanceof StreamableHttpTransport) {
    transport.endProbe();
    if (hasNews(client, transport)) transport.listen();
  }
  const tokenWasReplaced = (bearer?.sent().length ?? 0) > 1;
  return {
    client,
    calls,
    // Keeps its date: what was not verified is not new.
    era: known ?? eraOf(client, tokenWasReplaced ? longAgo() : deps.now()),
    assumed: known?.era === "modern",
    proven: false,
    silences: 0,
    get hasSession() {
      return kind === "SSE" || ("sessionId" in transport && transport.sessionId !== undefined);
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

/** Without a session, a server cannot know whom to tell. */
function hasNews(client: Client, { sessionId }: StreamableHttpTransport): boolean {
  return sessionId !== undefined && client.getServerCapabilities()?.tools?.listChanged === true;
}

/** So that it is asked again: the first question met a refused token. */
function longAgo(): Date {
  return new Date(0);
}

/** Of a server that answered the first question after the older handshake had begun; null: it did not. */
async function lateEra(
  transport: StreamTransport | StreamableHttpTransport,
  error: unknown,
  { hasOtherTry, signal }: { hasOtherTry: boolean; signal: AbortSignal },
): Promise<ProtocolEra | null> {
  if (transport instanceof StreamTransport) {
    return transport.lateDiscovery === null ? null : modernEra(transport.lateDiscovery);
  }
  const waitMs = hasOtherTry ? LATE_BESIDE_MS : LATE_MS;
  const answer = await transport.lateDiscovery(isRefusal(error) ? waitMs : 0, signal);
  transport.endProbe();
  return modernEra(answer);
}

function nextTry(
  transport: StreamTransport | StreamableHttpTransport,
  error: unknown,
): NextTry | null {
  if (transport instanceof StreamTransport) return transport.closedByProbe ? "handshake" : null;
  return isRefusal(error) && transport.probeFailure !== undefined ? "probe" : null;
}

async function withinTime(
  connecting: Promise<void>,
  { serverName, endpoint }: McpTarget,
  words: ServerWords,
  signal: AbortSignal,
): Promise<void> {
  const limit = CONNECT_MS[endpoint.transport];
  const seconds = limit / 1000;
  const advice = () =>
    endpoint.transport === "STDIO"
      ? `did not get ready in ${seconds} seconds. Try its command by hand.${itSaid(words.ofProcess().wrote, "wrote")}`
      : `did not answer in ${seconds} seconds. Try again later.`;
  let timer: NodeJS.Timeout | undefined;
  let abort = () => {};
  const tooLate = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort);
    timer = setTimeout(
      () => reject(new UnreachableError("timeout", `${serverName} ${advice()}`)),
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
