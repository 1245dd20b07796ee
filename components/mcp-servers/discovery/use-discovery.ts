import { useEffect, useRef, useState } from "react";
import type {
  DiscoveryEvent,
  DiscoveryLine,
  DiscoveryResult,
} from "@/lib/contracts/servers/discovery";
import { fetchResponse, ProblemError, readJsonLines } from "@/lib/queries/fetch-json";

export type DiscoveryEnd =
  | DiscoveryResult
  | { outcome: "cancelled" }
  /** Usher could not be reached. */
  | { outcome: "broken"; reason: string };

export type DiscoveryRun = {
  /** The URL discovery runs for, even if the form's URL changes in the meantime. */
  url: string;
  lines: readonly DiscoveryLine[];
  end: DiscoveryEnd | null;
};

/** One discovery at a time; leaving the page ends it. */
export function useDiscovery(onResult: (result: DiscoveryResult) => void = () => {}) {
  const [run, setRun] = useState<DiscoveryRun | null>(null);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  async function watch(url: string, controller: AbortController) {
    setRun({ url, lines: [], end: null });
    const end = await follow(url, controller.signal, (line) =>
      setRun((old) => old && { ...old, lines: withLine(old.lines, line) }),
    );
    // Another discovery may have started, or the page was left.
    if (running.current !== controller) return end;
    running.current = null;
    setRun((old) => old && { ...old, end });
    if (end.outcome !== "cancelled" && end.outcome !== "broken") onResult(end);
    return end;
  }

  /** Resolves to its end, whatever the outcome; it does not reject. */
  function start(url: string): Promise<DiscoveryEnd> {
    running.current?.abort();
    running.current = new AbortController();
    return watch(url, running.current);
  }

  function cancel() {
    running.current?.abort();
  }

  return { run, start, cancel };
}

async function follow(
  url: string,
  signal: AbortSignal,
  onLine: (line: DiscoveryLine) => void,
): Promise<DiscoveryEnd> {
  let result: DiscoveryResult | null = null;
  try {
    for await (const event of discoverMcpServer(url, signal)) {
      if (signal.aborted) break;
      if ("line" in event) onLine(event.line);
      else result = event.result;
    }
  } catch (cause) {
    if (!signal.aborted) return { outcome: "broken", reason: problemInWords(cause) };
  }
  return signal.aborted || result === null ? { outcome: "cancelled" } : result;
}

function problemInWords(cause: unknown): string {
  if (cause instanceof ProblemError) return cause.fields.url ?? cause.message;
  return "Something went wrong on this page. Try again.";
}

function withLine(lines: readonly DiscoveryLine[], line: DiscoveryLine): DiscoveryLine[] {
  const known = lines.some(({ id }) => id === line.id);
  return known ? lines.map((one) => (one.id === line.id ? line : one)) : [...lines, line];
}

/**
 * Discovers how to authorize at an MCP server, step by step; the result comes last.
 * @throws ProblemError also if the stream breaks off
 */
async function* discoverMcpServer(
  url: string,
  signal: AbortSignal,
): AsyncGenerator<DiscoveryEvent> {
  const response = await fetchResponse("/api/mcp-servers/discover", {
    method: "POST",
    body: { url },
    signal,
  });
  try {
    let ended = false;
    if (response.body) {
      for await (const event of readJsonLines<DiscoveryEvent>(response.body)) {
        ended = "result" in event;
        yield event;
      }
    }
    if (!ended) throw new Error("The stream has no result.");
  } catch (cause) {
    if (signal.aborted) throw cause;
    const message = "The connection to Usher was lost. Try again.";
    throw new ProblemError(0, { code: "unreachable", message }, { cause });
  }
}
