import type { Database } from "@/lib/db/client";

/**
 * URLs of MCP servers and token endpoints, without a guarantee that they parse. They may contain secrets.
 * @param serverId of this server alone; null: of all
 */
export async function listServerUrls(
  db: Database,
  serverId: string | null,
  limit: number,
): Promise<string[]> {
  const { rows } = await db.$statement<{ url: string }>(
    `SELECT "url" FROM "McpServer" WHERE "url" IS NOT NULL AND ($1::text IS NULL OR "id" = $1)
     UNION SELECT "tokenEndpoint" FROM "OAuthClient" WHERE $1::text IS NULL OR "serverId" = $1
     LIMIT $2`,
    [serverId, limit],
  );
  return rows.map(({ url }) => url);
}

/** Models that assistants name themselves. */
export async function listAssistantModels(db: Database, limit: number): Promise<string[]> {
  const { rows } = await db.$statement<{ model: string }>(
    `SELECT DISTINCT "model" FROM "Assistant" WHERE "model" IS NOT NULL ORDER BY 1 LIMIT $1`,
    [limit],
  );
  return rows.map(({ model }) => model);
}
