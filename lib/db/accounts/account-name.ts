import type { Database } from "../client";
import type { Owner } from "../stored-token-set";

/** What was learned about the account after the consent. False: another consent has replaced it in the meantime. */
export async function saveAccountName(
  db: Database,
  { serverId, ownerKey, consentId }: Owner & { consentId: string },
  account: { accountName: string; accountSource: string },
): Promise<boolean> {
  const { count } = await db.storedTokenSet.updateMany({
    where: { serverId, ownerKey, consentId },
    data: account,
  });
  return count > 0;
}

export interface NamedAccount extends Owner {
  accountName: string | null;
  authorizedByName: string | null;
  /** It is a key that the person entered. */
  isKey: boolean;
  lastUsedAt: Date | null;
}

/** Names of these owners' tokens and keys; deleted ones are left out. */
export function listAccounts(db: Database, owners: readonly Owner[]): Promise<NamedAccount[]> {
  return db.$queryRaw<NamedAccount[]>`
    WITH wanted AS (
      SELECT * FROM unnest(${owners.map(({ serverId }) => serverId)}::text[],
        ${owners.map(({ ownerKey }) => ownerKey)}::text[]) AS w ("serverId", "ownerKey")
    )
    SELECT t."serverId", t."ownerKey", t."accountName", u."name" AS "authorizedByName",
      false AS "isKey", t."lastUsedAt"
    FROM wanted JOIN "StoredTokenSet" t USING ("serverId", "ownerKey")
    LEFT JOIN "User" u ON u."id" = t."authorizedById"
    UNION ALL
    SELECT k."serverId", k."userId", k."accountName", NULL, true, k."lastUsedAt"
    FROM wanted JOIN "PersonalKey" k
      ON k."serverId" = wanted."serverId" AND k."userId" = wanted."ownerKey"`;
}
