import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/client";
import {
  DEFAULT_INHERITED_ENV_VARS,
  StdioClientTransport,
} from "@modelcontextprotocol/client/stdio";
import { isTooDeep } from "@/lib/bounded-json";
import type { Bearer } from "@/lib/mcp/client/bearer";
import { tooDeepAnswer } from "@/lib/mcp/failure";
import { serverFetch } from "@/lib/mcp/http/server-fetch";
import { SseTransport } from "@/lib/mcp/http/sse";
import { StreamableHttpTransport } from "@/lib/mcp/http/transport";
import type { Launch } from "@/lib/mcp/stdio/launch";
import type { ConnectionDeps, McpTarget } from "@/lib/mcp/target";

/**
 * The way to a server, not yet started; `stderr` is what a stdio server has written there, else "".
 *
 * @throws McpServerError a program of the server's cannot be started here
 */
export async function createTransport(
  target: McpTarget,
  bearer: Bearer | null,
  deps: Omit<ConnectionDeps, "log">,
): Promise<{ transport: Transport; stderr: () => string }> {
  const { endpoint, serverId, serverName } = target;
  if (endpoint.transport === "STDIO") {
    const launch = await deps.stdio.launch({ serverId, serverName, ...endpoint });
    const { transport, stderr } = createStdioTransport(launch);
    return { transport: onlyShallow(transport), stderr };
  }
  const url = new URL(endpoint.url);
  const options = {
    fetch: serverFetch(target, url, bearer, deps),
    headers: endpoint.headers,
  };
  const transport =
    endpoint.transport === "SSE"
      ? onlyShallow(new SseTransport(url, options))
      : new StreamableHttpTransport({ url, ...options });
  return { transport, stderr: () => "" };
}

const STDERR_KEPT_CHARACTERS = 4_000;

/** A server that runs as a child process, without a shell of Usher's user in between. */
function createStdioTransport({ command, args, environment, cwd }: Launch): {
  transport: StdioClientTransport;
  /** The end of what the process wrote to stderr, as it is. */
  stderr: () => string;
} {
  const transport = new StdioClientTransport({
    command,
    args: [...args],
    env: onlyThese(environment),
    stderr: "pipe",
    maxBufferSize: 16 * 1024 * 1024,
    ...(cwd === undefined ? {} : { cwd }),
  });
  let tail = "";
  transport.stderr?.on("data", (chunk: Buffer) => {
    tail = (tail + chunk.toString("utf8")).slice(-STDERR_KEPT_CHARACTERS);
  });
  return { transport, stderr: () => tail };
}

/**
 * The SDK adds some of Usher's own variables (HOME, USER, …) below these; node leaves out a variable
 * that is undefined. None of Usher's secrets is among them, but a server has no business with the
 * operator's home either.
 */
function onlyThese(environment: Readonly<Record<string, string>>): Record<string, string> {
  const clean: Record<string, string | undefined> = {
    ...Object.fromEntries(DEFAULT_INHERITED_ENV_VARS.map((name) => [name, undefined])),
    ...environment,
  };
  return clean as Record<string, string>;
}

/**
 * For a transport of the SDK's, which parses by itself: a message that nests too deep is not handed on.
 * What was asked gets an error in its place, so that nobody waits for it.
 */
function onlyShallow<T extends Transport>(transport: T): T {
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
