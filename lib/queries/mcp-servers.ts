import { type QueryClient, queryOptions } from "@tanstack/react-query";
import type { z } from "zod";
import type { FlowList } from "@/lib/contracts/servers/flow";
import type { mcpServerFormContext } from "@/lib/contracts/servers/form-context";
import type {
  McpServerDetail,
  McpServerInput,
  mcpServerList,
} from "@/lib/contracts/servers/mcp-server";
import { fetchJson, withPerson } from "./fetch-json";
import { untilStandingChanges } from "./standing-changes";

export type McpServerFormContext = z.infer<typeof mcpServerFormContext>;

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

/** For a download by the browser. */
export function supportBundleUrl(serverId: string): string {
  return withPerson(`${mcpServerPath(serverId)}/support-bundle`);
}

export function mcpServerFormContextQuery() {
  return queryOptions({
    queryKey: [...mcpServersKey, "form-context"],
    queryFn: ({ signal }) => fetchJson<McpServerFormContext>(`${base}/form-context`, { signal }),
    // The operator's settings do not change while the page is open.
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** @throws ProblemError with `fields` where the input needs a correction */
export function saveMcpServer(
  serverId: string | null,
  input: McpServerInput,
): Promise<McpServerDetail> {
  return serverId === null
    ? fetchJson(base, { method: "POST", body: input })
    : fetchJson(mcpServerPath(serverId), { method: "PUT", body: input });
}

export function deleteMcpServer(serverId: string): Promise<void> {
  return fetchJson(mcpServerPath(serverId), { method: "DELETE" });
}

export function switchMcpServer(serverId: string, on: boolean): Promise<McpServerDetail> {
  return fetchJson(`${mcpServerPath(serverId)}/switch`, { method: "PUT", body: { on } });
}

export function duplicateMcpServer(serverId: string): Promise<McpServerDetail> {
  return fetchJson(`${mcpServerPath(serverId)}/duplicate`, { method: "POST" });
}

/** After a change of one server: shows the API's answer and fetches everything else again. */
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
