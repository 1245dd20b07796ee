import type { Database } from "../client";
import { isExchangedSql, type Owner } from "../stored-token-set";

/** Whose connection it is. */
export interface ConnectionOwner extends Owner {
  serverName: string;
  /** Null: shared by everyone. */
  person: { name: string; email: string; disabled: boolean } | null;
  /** Their sign-in was exchanged for it. */
  managedByOrganization: boolean;
}

interface Row extends Owner {
  id: string;
  serverName: string;
  name: string | null;
  email: string | null;
  disabled: boolean;
  managedByOrganization: boolean;
}

/** By the ids of stored tokens and of keys. Deleted ones are left out. */
export async function findConnectionOwners(
  db: Database,
  ids: readonly string[],
): Promise<Map<string, ConnectionOwner>> {
  const rows = await db.$queryRaw<Row[]>`
    SELECT c."id", c."serverId", c."ownerKey", s."name" AS "serverName", u."name", u."email",
      u."disabledAt" IS NOT NULL AS "disabled", c."managedByOrganization"
    FROM (
      SELECT t."id", t."serverId", t."ownerKey", t."userId", ${isExchangedSql("t")} AS "managedByOrganization"
      FROM "StoredTokenSet" t WHERE t."id" = ANY (${ids}::text[])
      UNION ALL
      SELECT "id", "serverId", "userId", "userId", false FROM "PersonalKey" WHERE "id" = ANY (${ids}::text[])
    ) c JOIN "McpServer" s ON s."id" = c."serverId" LEFT JOIN "User" u ON u."id" = c."userId"`;
  return new Map(rows.map((row) => [row.id, viewOwner(row)]));
}

function viewOwner({ name, email, disabled, ...row }: Row): ConnectionOwner {
  const { serverId, ownerKey, serverName, managedByOrganization } = row;
  const person = name === null || email === null ? null : { name, email, disabled };
  return { serverId, ownerKey, serverName, person, managedByOrganization };
}
