import { accessColumns, type StoredAccess } from "../accounts/access";
import type { Database } from "../client";
import type { Assistant } from "../generated/client";

export type AssistantListRow = Pick<
  Assistant,
  | "id"
  | "name"
  | "description"
  | "model"
  | "letsPeopleChoose"
  | "modelsToChoose"
  | "examplesVersion"
> &
  StoredAccess & {
    /** Those that an admin wrote, otherwise from its tools. Null: to be computed. */
    examples: string[] | null;
    examplesAreWritten: boolean;
    /** By name. */
    servers: ({ name: string } & StoredAccess)[];
  };

/** By name, with the part of each that one person may use. No list of tools is read, however many there are. */
export function listAssistants(db: Database, userId: string): Promise<AssistantListRow[]> {
  return db.$queryRaw<AssistantListRow[]>`
    SELECT a."id", a."name", a."description", a."model", a."letsPeopleChoose", a."modelsToChoose",
      CASE WHEN a."writtenExamples" = '{}' THEN a."examples" ELSE to_jsonb(a."writtenExamples") END AS "examples",
      a."writtenExamples" <> '{}' AS "examplesAreWritten", a."examplesVersion",
      ${accessColumns("assistantId", "a", userId)},
      (SELECT coalesce(jsonb_agg(used ORDER BY used."name"), '[]') FROM (
        SELECT s."name", ${accessColumns("serverId", "s", userId)}
        FROM "AssistantServer" l JOIN "McpServer" s ON s."id" = l."serverId"
        WHERE l."assistantId" = a."id") used) AS "servers"
    FROM "Assistant" a ORDER BY a."name"`;
}

/** Stores what was computed, unless its basis has changed since `version` was read. */
export async function saveExamples(
  db: Database,
  { id, version }: { id: string; version: number },
  examples: readonly string[],
): Promise<void> {
  await db.$executeRaw`
    UPDATE "Assistant" SET "examples" = ${JSON.stringify(examples)}::jsonb
    WHERE "id" = ${id} AND "examplesVersion" = ${version}`;
}
