import type { Database } from "./client";
import type { Owner } from "./stored-token-set";

export interface AccountRow extends Owner {
  accountName: string | null;
  authorizedByName: string | null;
}

/** What is known of whose account each of these tokens are; those that are gone are left out. */
export function listAccounts(db: Database, owners: readonly Owner[]): Promise<AccountRow[]> {
  return db.$queryRaw<AccountRow[]>`
    SELECT t."serverId", t."ownerKey", t."accountName", u."name" AS "authorizedByName"
    FROM unnest(${owners.map(({ serverId }) => serverId)}::text[],
      ${owners.map(({ ownerKey }) => ownerKey)}::text[]) AS wanted ("serverId", "ownerKey")
    JOIN "StoredTokenSet" t
      ON t."serverId" = wanted."serverId" AND t."ownerKey" = wanted."ownerKey"
    LEFT JOIN "User" u ON u."id" = t."authorizedById"`;
}
