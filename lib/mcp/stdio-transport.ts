import {
  DEFAULT_INHERITED_ENV_VARS,
  StdioClientTransport,
} from "@modelcontextprotocol/client/stdio";
import type { Launch } from "./stdio/launch";

const STDERR_KEPT_CHARACTERS = 4_000;

/** A server that runs as a child process, without a shell of Usher's user in between. */
export function createStdioTransport({ command, args, environment, cwd }: Launch): {
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
