import type { McpServerDetail } from "@/lib/contracts/servers/mcp-server";
import { fetchJson, withPerson } from "./fetch-json";
import { mcpServerPath } from "./mcp-servers";

export function switchMcpServer(serverId: string, on: boolean): Promise<McpServerDetail> {
  return fetchJson(`${mcpServerPath(serverId)}/switch`, { method: "PUT", body: { on } });
}

/** The copy. */
export function duplicateMcpServer(serverId: string): Promise<McpServerDetail> {
  return fetchJson(`${mcpServerPath(serverId)}/duplicate`, { method: "POST" });
}

export function deleteMcpServer(serverId: string): Promise<void> {
  return fetchJson(mcpServerPath(serverId), { method: "DELETE" });
}

/** For a download by the browser. */
export function supportBundleUrl(serverId: string): string {
  return withPerson(`${mcpServerPath(serverId)}/support-bundle`);
}
