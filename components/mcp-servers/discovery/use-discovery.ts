import { useEffect, useRef, useState } from "react";
import type { DiscoveryLine, DiscoveryResult } from "@/lib/contracts/servers/discovery";
import { discoverMcpServer } from "@/lib/queries/discovery";
import { ProblemError } from "@/lib/queries/fetch-json";

export type DiscoveryEnd =
  | DiscoveryResult
  | { outcome: "cancelled" }
  /** Usher itself could not be asked. */
  | { outcome: "broken"; reason: string };

export type DiscoveryRun = {
  /** The URL that is asked about, whatever stands in the form meanwhile. */
  url: string;
  lines: readonly DiscoveryLine[];
  /** Null while it runs. */
  end: DiscoveryEnd | null;
};

/** One discovery at a time; leaving the page ends it. */
export function useDiscovery(onResult: (result: DiscoveryResult) => void) {
  const [run, setRun] = useState<DiscoveryRun | null>(null);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  async function watch(url: string, controller: AbortController) {
    setRun({ url, lines: [], end: null });
    const end = await follow(url, controller.signal, (line) =>
      setRun((old) => old && { ...old, lines: withLine(old.lines, line) }),
    );
    // Another one may have been begun, or this one taken off the page.
    if (running.current !== controller) return;
    running.current = null;
    setRun((old) => old && { ...old, end });
    if (end.outcome !== "cancelled" && end.outcome !== "broken") onResult(end);
  }

  function start(url: string) {
    running.current?.abort();
    running.current = new AbortController();
    void watch(url, running.current);
  }

  function cancel() {
    running.current?.abort();
  }

  function dismiss() {
    running.current?.abort();
    running.current = null;
    setRun(null);
  }

  return { run, start, cancel, dismiss };
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

/** A later line of the same id takes the place of the earlier one. */
function withLine(lines: readonly DiscoveryLine[], line: DiscoveryLine): DiscoveryLine[] {
  const known = lines.some(({ id }) => id === line.id);
  return known ? lines.map((one) => (one.id === line.id ? line : one)) : [...lines, line];
}
