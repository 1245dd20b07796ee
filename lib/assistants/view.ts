import type { AssistantDetail, AssistantSummary } from "@/lib/contracts/assistant";
import type { AssistantRow } from "@/lib/db/assistant";
import { toolsOf } from "@/lib/servers/view";

export function viewAssistantSummary(row: AssistantRow): AssistantSummary {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    serverNames: row.servers.map(({ server }) => server.name),
  };
}

export function viewAssistant(row: AssistantRow): AssistantDetail {
  return {
    ...viewAssistantSummary(row),
    instructions: row.instructions,
    model: row.model,
    servers: row.servers.map(({ serverId, allTools, toolNames, tools, server }) => {
      const listed = new Set(
        server.catalogue ? toolsOf(server.catalogue).map((tool) => tool.name) : [],
      );
      return {
        serverId,
        serverName: server.name,
        allTools,
        toolNames,
        toolPolicies: Object.fromEntries(
          tools.flatMap(({ toolName, policy }) => (policy ? [[toolName, policy]] : [])),
        ),
        missingToolNames: allTools ? [] : toolNames.filter((name) => !listed.has(name)),
      };
    }),
    updatedAt: row.updatedAt.toISOString(),
  };
}
