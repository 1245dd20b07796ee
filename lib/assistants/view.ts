import type { AssistantDetail, AssistantSummary } from "@/lib/contracts/assistant";
import type { ToolReview } from "@/lib/contracts/servers/tool-policy";
import type { AssistantRow } from "@/lib/db/assistant";
import type { Database, DatabaseTransaction } from "@/lib/db/client";
import { toolsOf } from "@/lib/servers/view";
import { reviewTools } from "./tool-reviews";

export function viewAssistantSummary(row: AssistantRow): AssistantSummary {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    serverNames: row.servers.map(({ server }) => server.name),
  };
}

export async function viewAssistant(
  db: Database | DatabaseTransaction,
  row: AssistantRow,
): Promise<AssistantDetail> {
  const reviews = new Map<string, ToolReview[]>();
  for (const server of row.servers) {
    reviews.set(server.serverId, await reviewTools(db, server));
  }
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
        toolReviews: reviews.get(serverId) ?? [],
        missingToolNames: allTools ? [] : toolNames.filter((name) => !listed.has(name)),
      };
    }),
    updatedAt: row.updatedAt.toISOString(),
  };
}
