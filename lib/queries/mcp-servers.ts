import { type QueryClient, queryOptions } from "@tanstack/react-query";
import type * as z from "zod";
import type { FlowList } from "@/lib/contracts/servers/flow";
import type { McpServerDetail, mcpServerList } from "@/lib/contracts/servers/mcp-server";
import { fetchJson } from "./fetch-json";
import { untilStandingChanges } from "./standing-changes";

const base = "/api/mcp-servers";

/** Prefix of every query about MCP servers. */
export const mcpServersKey = ["mcp-servers"] as const;

export function mcpServerPath(serverId: string): string {
  return `${base}/${encodeURIComponent(serverId)}`;
}

export function mcpServersQuery() {
  return queryOptions({
    queryKey: [...mcpServersKey, "list"],
    queryFn: ({ signal }) => fetchJson<z.infer<typeof mcpServerList>>(base, { signal }),
    refetchInterval: ({ state }) => untilStandingChanges(state.data?.servers ?? []),
  });
}

export function mcpServerQuery(serverId: string) {
  return queryOptions({
    queryKey: [...mcpServersKey, "detail", serverId],
    queryFn: ({ signal }) => fetchJson<McpServerDetail>(mcpServerPath(serverId), { signal }),
    refetchInterval: ({ state }) => untilStandingChanges(state.data ? [state.data] : []),
  });
}

export function flowsQuery(serverId: string) {
  return queryOptions({
    queryKey: [...mcpServersKey, "flows", serverId],
    queryFn: ({ signal }) => fetchJson<FlowList>(`${mcpServerPath(serverId)}/flows`, { signal }),
    // Pending authorizations change without us.
    refetchInterval: ({ state }) =>
      state.data?.flows.some(({ outcome }) => outcome === "waiting") ? 5000 : false,
  });
}

/** After a change to one server: shows the API's response and refetches everything else. */
export async function mcpServerChanged(
  queryClient: QueryClient,
  serverId: string,
  detail?: McpServerDetail,
): Promise<void> {
  if (detail) queryClient.setQueryData(mcpServerQuery(serverId).queryKey, detail);
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: mcpServersKey }),
    queryClient.invalidateQueries({ queryKey: ["connections"] }),
  ]);
}
