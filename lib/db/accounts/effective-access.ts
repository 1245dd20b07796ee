import type { Database } from "../client";
import * as Prisma from "../generated/internal/prismaNamespace";
import { accessColumns, type StoredAccess } from "./access";

export type PersonAtServer = StoredAccess & {
  id: string;
  name: string;
  email: string;
  connected: boolean;
  accountName: string | null;
};

/** Everyone who may sign in, by name, with their access to one server. */
export function listPeopleAtServer(
  db: Database,
  serverId: string,
  limit: number,
): Promise<PersonAtServer[]> {
  return db.$queryRaw<PersonAtServer[]>`
    SELECT p."id", p."name", p."email", ${accessColumns("serverId", "s", Prisma.sql`p."id"`)},
      t."id" IS NOT NULL OR k."id" IS NOT NULL AS "connected",
      coalesce(t."accountName", k."accountName") AS "accountName"
    FROM "McpServer" s CROSS JOIN "User" p
    LEFT JOIN LATERAL (
      SELECT o."id", o."accountName" FROM "StoredTokenSet" o
      WHERE o."serverId" = s."id" AND o."userId" = p."id"
      ORDER BY o."isDefault" DESC, o."ownerKey" LIMIT 1
    ) t ON true
    LEFT JOIN "PersonalKey" k ON k."serverId" = s."id" AND k."userId" = p."id"
    WHERE s."id" = ${serverId} AND p."disabledAt" IS NULL
    ORDER BY p."name", p."email" LIMIT ${limit}`;
}

export type NamedAccess = StoredAccess & { id: string; name: string };

/** By name, with one person's access to each. */
export function listAssistantAccess(db: Database, userId: string): Promise<NamedAccess[]> {
  return db.$queryRaw<NamedAccess[]>`
    SELECT a."id", a."name", ${accessColumns("assistantId", "a", userId)}
    FROM "Assistant" a ORDER BY a."name"`;
}
