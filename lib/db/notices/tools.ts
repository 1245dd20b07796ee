import type { ToolsFacts } from "@/lib/contracts/notices/tools-notice";
import type { Database, DatabaseTransaction } from "../client";
import * as Prisma from "../generated/internal/prismaNamespace";

export type ServerToReview = ToolsFacts & { serverId: string; serverName: string };

/**
 * Servers with unreviewed tools. Fingerprints are compared, so no tool definition is read. The rules are those of
 * `standingOf` and of the reviews on a server's page.
 * @param of these servers; `noticed`: those that have an open notice about it; null: all
 */
export function listServersToReview(
  db: Database | DatabaseTransaction,
  of: readonly string[] | "noticed" | null,
): Promise<ServerToReview[]> {
  return db.$queryRaw<ServerToReview[]>`
    SELECT s."id" AS "serverId", s."name" AS "serverName", s."switchedOffAt" IS NOT NULL AS "serverSwitchedOff",
      waiting."tools" AS "toolsToReview"
    FROM "McpServer" s JOIN "ToolCatalogue" k ON k."serverId" = s."id"
    CROSS JOIN LATERAL (
      SELECT count(DISTINCT f."key")::int AS "tools"
      FROM "AssistantServer" l CROSS JOIN LATERAL jsonb_each_text(k."toolFingerprints") f
      LEFT JOIN "AssistantTool" t ON t."assistantId" = l."assistantId" AND t."serverId" = l."serverId"
        AND t."toolName" = f."key"
      WHERE l."serverId" = s."id" AND l."toolsAcceptedAt" IS NOT NULL
        AND (l."allTools" OR f."key" = ANY (l."toolNames"))
        AND t."policy" IS DISTINCT FROM 'NEVER' AND t."acceptedFingerprint" IS DISTINCT FROM f."value"
    ) waiting
    WHERE waiting."tools" > 0 ${which(of)}`;
}

function which(of: Parameters<typeof listServersToReview>[1]): Prisma.Sql {
  if (of === null) return Prisma.empty;
  return of === "noticed"
    ? Prisma.sql`AND s."id" IN (
        SELECT n."serverId" FROM "Notice" n WHERE n."kind" = 'tools_to_review' AND n."closedAt" IS NULL)`
    : Prisma.sql`AND s."id" = ANY (${[...of]}::text[])`;
}
