import { queryOptions } from "@tanstack/react-query";
import type { TestStep } from "@/lib/contracts/servers/catalogue";
import type { AcceptToolsInput, ServerToolReviews } from "@/lib/contracts/servers/tool-policy";
import { fetchJson, fetchResponse, ProblemError, readJsonLines } from "./fetch-json";
import { mcpServerPath, mcpServersKey } from "./mcp-servers";

export function toolReviewsQuery(serverId: string) {
  return queryOptions({
    queryKey: [...mcpServersKey, "tool-reviews", serverId],
    queryFn: ({ signal }) =>
      fetchJson<ServerToolReviews>(`${mcpServerPath(serverId)}/tool-reviews`, { signal }),
  });
}

export function acceptTools(serverId: string, input: AcceptToolsInput): Promise<ServerToolReviews> {
  return fetchJson(`${mcpServerPath(serverId)}/tool-reviews`, { method: "POST", body: input });
}

/**
 * The steps of a connection test, as they happen.
 * @throws ProblemError also if the stream breaks off
 */
export async function* testMcpServer(
  serverId: string,
  signal: AbortSignal,
): AsyncGenerator<TestStep> {
  const response = await fetchResponse(`${mcpServerPath(serverId)}/test`, {
    method: "POST",
    signal,
  });
  try {
    if (response.body) yield* readJsonLines<TestStep>(response.body);
  } catch (cause) {
    if (signal.aborted) throw cause;
    const message = "The connection to Usher broke off during the test. Test again.";
    throw new ProblemError(0, { code: "unreachable", message }, { cause });
  }
}
