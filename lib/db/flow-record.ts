import type { Database } from "./client";
import type { FlowRecord } from "./generated/client";

export type FlowRecordRow = FlowRecord;
export type NewFlowRecord = Omit<FlowRecord, "steps"> & { steps: object };

/** A record that arrives after its server was deleted is dropped. */
export async function insertFlowRecords(
  db: Database,
  records: readonly NewFlowRecord[],
): Promise<void> {
  await db.$executeRaw`
    INSERT INTO "FlowRecord" ("id", "flowId", "serverId", "kind", "ownerKey", "actorId", "trigger",
      "at", "outcome", "reason", "steps")
    SELECT r."id", r."flowId", r."serverId", r."kind"::"FlowKind", r."ownerKey", r."actorId",
      r."trigger", r."at", r."outcome", r."reason", r."steps"
    FROM jsonb_to_recordset(${JSON.stringify(records)}::jsonb) AS r ("id" text, "flowId" text,
      "serverId" text, "kind" text, "ownerKey" text, "actorId" text, "trigger" text,
      "at" timestamptz, "outcome" text, "reason" text, "steps" jsonb)
    JOIN "McpServer" s ON s."id" = r."serverId"
    ON CONFLICT ("id") DO NOTHING`;
}

/** Newest first: as many successful refreshes as other records. */
export async function listFlowRecords(
  db: Database,
  serverId: string,
  limit: number,
): Promise<FlowRecordRow[]> {
  const routine = { kind: "REFRESH" as const, outcome: "succeeded" };
  const newest = { orderBy: [{ at: "desc" as const }, { id: "desc" as const }], take: limit };
  const [refreshes, others] = await Promise.all([
    db.flowRecord.findMany({ where: { serverId, ...routine }, ...newest }),
    db.flowRecord.findMany({ where: { serverId, NOT: routine }, ...newest }),
  ]);
  return [...refreshes, ...others].sort((a, b) => b.at.getTime() - a.at.getTime());
}

/** Deletes older records, and all except the newest `most` of either kind for each server. */
export function deleteFlowRecordsBeyond(
  db: Database,
  { before, most }: { before: Date; most: number },
): Promise<number> {
  return db.$executeRaw`
    DELETE FROM "FlowRecord" WHERE "at" < ${before} OR "id" IN (
      SELECT "id" FROM (
        SELECT "id", row_number() OVER (
          PARTITION BY "serverId", "kind" = 'REFRESH' AND "outcome" = 'succeeded'
          ORDER BY "at" DESC, "id" DESC) AS place
        FROM "FlowRecord") ranked
      WHERE place > ${most})`;
}
