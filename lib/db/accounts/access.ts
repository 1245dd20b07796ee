import type { AccessFacts } from "@/lib/contracts/access";
import type { Database } from "../client";
import * as Prisma from "../generated/internal/prismaNamespace";
import { keysOf } from "../read-by-key";

/** The role is null if the id is not a person's, for example a service's. */
export type StoredAccess = Omit<AccessFacts, "role"> & { role: AccessFacts["role"] | null };

/**
 * What `decideAccess` needs to know about a person and each row of `Assistant` or `McpServer` in a statement.
 * @param table the alias of that table
 * @param userId an id, or the column that contains it
 */
export function accessColumns(
  kind: "assistantId" | "serverId",
  table: string,
  userId: string | Prisma.Sql,
): Prisma.Sql {
  const [row, subject] = [Prisma.raw(table), Prisma.raw(`g."${kind}"`)];
  return Prisma.sql`
    ${row}."access"::text AS "access",
    (SELECT u."role"::text FROM "User" u WHERE u."id" = ${userId}) AS "role",
    EXISTS (SELECT 1 FROM "User" u WHERE u."id" = ${userId} AND u."disabledAt" IS NOT NULL) AS "disabled",
    ${row}."access" = 'CHOSEN' AND EXISTS (SELECT 1 FROM "AccessGrant" g
      WHERE ${subject} = ${row}."id" AND g."userId" = ${userId}) AS "chosen",
    CASE ${row}."access" WHEN 'EVERYONE' THEN '{}' ELSE ARRAY(
      SELECT DISTINCT o."name" FROM "AccessGrant" g
      JOIN "GroupMember" m ON m."groupId" = g."groupId" AND m."userId" = ${userId}
      JOIN "Group" o ON o."id" = g."groupId"
      WHERE ${subject} = ${row}."id" ORDER BY o."name") END AS "groups"`;
}

const ofAssistant = (userId: string | Prisma.Sql) => Prisma.sql`
  SELECT 'assistant' AS "kind", a."id", ${accessColumns("assistantId", "a", userId)} FROM "Assistant" a`;
const ofServer = (userId: string | Prisma.Sql) => Prisma.sql`
  SELECT 'server' AS "kind", s."id", ${accessColumns("serverId", "s", userId)} FROM "McpServer" s`;

const wantedUser = Prisma.sql`wanted."userId"`;
const factsOfCall = Prisma.sql`
  SELECT wanted.place,
    (SELECT row_to_json(found) FROM (
      ${ofAssistant(wantedUser)} WHERE a."id" = wanted."assistantId") found) AS "assistant",
    (SELECT row_to_json(found) FROM (
      ${ofServer(wantedUser)} WHERE s."id" = wanted."serverId") found) AS "server"`.text;
const ofCall = `${factsOfCall}
  FROM ${keysOf.threeParts} AS wanted ("userId", "serverId", "assistantId", place)`;

/** Of one server, and of the assistant that calls it; asked at each call, with what others ask in the same moment. */
export async function findAccessOfCall(
  db: Pick<Database, "$byKey">,
  userId: string,
  { serverId, assistantId }: { serverId: string; assistantId: string | null },
): Promise<AccessRow[]> {
  type Found = Record<AccessRow["kind"], AccessRow | null>;
  // No id is empty.
  const row = await db.$byKey.find<Found>(ofCall, [userId, serverId, assistantId ?? ""]);
  return [row?.assistant ?? null, row?.server ?? null].filter((found) => found !== null);
}

export interface AskedAccess {
  assistantId?: string | null;
  /** By id, all of them, or those of `assistantId`. */
  servers: readonly string[] | "all" | "of-assistant";
}

export type AccessRow = StoredAccess & { kind: "assistant" | "server"; id: string };

/** In one statement. What does not exist has no row. */
export function readAccessFacts(
  db: Pick<Database, "$queryRaw">,
  userId: string,
  { assistantId = null, servers }: AskedAccess,
): Promise<AccessRow[]> {
  const ids = typeof servers === "string" ? [] : [...servers];
  return db.$queryRaw<AccessRow[]>`
    ${ofAssistant(userId)} WHERE a."id" = ${assistantId}
    UNION ALL
    ${ofServer(userId)} WHERE ${servers === "all"} OR s."id" = ANY(${ids})
      OR ${servers === "of-assistant"} AND s."id" IN (
        SELECT l."serverId" FROM "AssistantServer" l WHERE l."assistantId" = ${assistantId})`;
}
