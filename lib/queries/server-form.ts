import { queryOptions } from "@tanstack/react-query";
import type * as z from "zod";
import type { mcpServerFormContext } from "@/lib/contracts/servers/form-context";
import type { McpServerDetail, McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { fetchJson } from "./fetch-json";
import { mcpServerPath, mcpServersKey } from "./mcp-servers";

export type McpServerFormContext = z.infer<typeof mcpServerFormContext>;

export function mcpServerFormContextQuery() {
  return queryOptions({
    queryKey: [...mcpServersKey, "form-context"],
    queryFn: ({ signal }) =>
      fetchJson<McpServerFormContext>("/api/mcp-servers/form-context", { signal }),
    // The operator's settings do not change while the page is open.
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** @throws ProblemError with `fields` if the input needs a correction */
export function saveMcpServer(
  serverId: string | null,
  input: McpServerInput,
): Promise<McpServerDetail> {
  return serverId === null
    ? fetchJson("/api/mcp-servers", { method: "POST", body: input })
    : fetchJson(mcpServerPath(serverId), { method: "PUT", body: input });
}
