import {
  DEFAULT_INHERITED_ENV_VARS,
  StdioClientTransport,
} from "@modelcontextprotocol/client/stdio";
import type { McpEndpoint } from "./target";

type StdioEndpoint = Extract<McpEndpoint, { transport: "STDIO" }>;

const STDERR_KEPT_CHARACTERS = 4_000;

/** A server that runs as a child process, without a shell. */
export function createStdioTransport(endpoint: StdioEndpoint): {
  transport: StdioClientTransport;
  /** The end of what the process wrote to stderr, as it is. */
  stderr: () => string;
} {
  const transport = new StdioClientTransport({
    command: endpoint.command,
    args: [...endpoint.args],
    env: cleanEnvironment(endpoint.environment),
    stderr: "pipe",
    maxBufferSize: 16 * 1024 * 1024,
  });
  let tail = "";
  transport.stderr?.on("data", (chunk: Buffer) => {
    tail = (tail + chunk.toString("utf8")).slice(-STDERR_KEPT_CHARACTERS);
  });
  return { transport, stderr: () => tail };
}

/**
 * PATH and what the admin entered. The SDK adds some of Usher's own variables (HOME, USER, …) below
 * these; node leaves out a variable that is undefined. None of Usher's secrets is among them, but a
 * server has no business with the operator's home either.
 */
function cleanEnvironment(environment: Readonly<Record<string, string>>): Record<string, string> {
  const removed = DEFAULT_INHERITED_ENV_VARS.filter((name) => name !== "PATH");
  const clean: Record<string, string | undefined> = {
    ...Object.fromEntries(removed.map((name) => [name, undefined])),
    ...environment,
  };
  return clean as Record<string, string>;
}
