import { queryOptions } from "@tanstack/react-query";
import type { McpServerDetail } from "@/lib/contracts/servers/mcp-server";
import { fetchJson } from "./fetch-json";
import { mcpServerChanged } from "./mcp-servers";

/**
 * Has due tools read again; once for each state they are in, however often the page
 * is shown.
 */
export function dueToolsQuery({ id, toolsDue }: Pick<McpServerDetail, "id" | "toolsDue">) {
  return queryOptions({
    queryKey: ["mcp-server-tools", id, toolsDue],
    queryFn: async ({ client }) => {
      const path = `/api/mcp-servers/${encodeURIComponent(id)}/tools`;
      const detail = await fetchJson<McpServerDetail>(path, { method: "POST" });
      await mcpServerChanged(client, id, detail);
      return detail.catalogue;
    },
    enabled: toolsDue !== null,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
}
