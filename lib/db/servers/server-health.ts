import type { Database } from "../client";
import type { ServerHealth } from "../generated/client";

export type ServerHealthRow = ServerHealth;

const longestError = 1_000;

/** Each server's newest is kept, whichever process saw it. A server deleted in the meantime is left out. */
export async function saveServerHealth(
  db: Database,
  seen: readonly ServerHealthRow[],
): Promise<void> {
  if (seen.length === 0) return;
  await db.$executeRaw`
    INSERT INTO "ServerHealth" ("serverId", "answeredAt", "failedAt", "error")
    SELECT s."id", seen."answeredAt", seen."failedAt", left(seen."error", ${longestError})
    FROM unnest(
      ${seen.map(({ serverId }) => serverId)}::text[],
      ${seen.map(({ answeredAt }) => answeredAt)}::timestamptz[],
      ${seen.map(({ failedAt }) => failedAt)}::timestamptz[],
      ${seen.map(({ error }) => error)}::text[]
    ) AS seen ("serverId", "answeredAt", "failedAt", "error")
    JOIN "McpServer" s ON s."id" = seen."serverId"
    ORDER BY s."id"
    ON CONFLICT ("serverId") DO UPDATE SET
      "answeredAt" = greatest("ServerHealth"."answeredAt", excluded."answeredAt"),
      "failedAt" = greatest("ServerHealth"."failedAt", excluded."failedAt"),
      "error" = CASE
        WHEN excluded."failedAt" >= coalesce("ServerHealth"."failedAt", '-infinity')
        THEN excluded."error" ELSE "ServerHealth"."error" END`;
}
