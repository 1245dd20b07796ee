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
> & {
  /** Those that an admin wrote, else from its tools. Null: to be worked out. */
  examples: string[] | null;
  /** By name. */
  serverNames: string[];
};

/** By name. No list of tools is read, however many there are. */
export function listAssistants(db: Database): Promise<AssistantListRow[]> {
  return db.$queryRaw<AssistantListRow[]>`
    SELECT a."id", a."name", a."description", a."model", a."letsPeopleChoose", a."modelsToChoose",
      CASE WHEN a."writtenExamples" = '{}' THEN a."examples" ELSE to_jsonb(a."writtenExamples") END AS "examples",
      a."examplesVersion",
      ARRAY(SELECT s."name" FROM "AssistantServer" l JOIN "McpServer" s ON s."id" = l."serverId"
        WHERE l."assistantId" = a."id" ORDER BY s."name") AS "serverNames"
    FROM "Assistant" a ORDER BY a."name"`;
}

/** Stores what was worked out, unless something that it comes from has changed since `version` was read. */
export async function saveExamples(
  db: Database,
  { id, version }: { id: string; version: number },
  examples: readonly string[],
): Promise<void> {
  await db.$executeRaw`
    UPDATE "Assistant" SET "examples" = ${JSON.stringify(examples)}::jsonb
    WHERE "id" = ${id} AND "examplesVersion" = ${version}`;
}
