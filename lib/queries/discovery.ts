import type { DiscoveryEvent } from "@/lib/contracts/servers/discovery";
import { fetchResponse, ProblemError, readJsonLines } from "./fetch-json";

/**
 * What an MCP server's URL tells of how to authorize there, as it is found out; the result last.
 * @throws ProblemError also where the stream breaks off
 */
export async function* discoverMcpServer(
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
    const message = "The connection to Usher broke off on the way. Try again.";
    throw new ProblemError(0, { code: "unreachable", message }, { cause });
  }
}
