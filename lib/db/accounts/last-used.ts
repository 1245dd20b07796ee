import type { Database } from "../client";
import type { Owner } from "../stored-token-set";

export interface AccountUse extends Owner {
  at: Date;
}

/**
 * Records when these tokens and keys were last used, unless a later use is known. A row that is being changed
 * right now is skipped: this waits for no one, and the next use is recorded instead.
 */
export async function saveLastUsed(db: Database, uses: readonly AccountUse[]): Promise<void> {
  if (uses.length === 0) return;
  const servers = uses.map(({ serverId }) => serverId);
  const owners = uses.map(({ ownerKey }) => ownerKey);
  const times = uses.map(({ at }) => at);
  await db.$executeRaw`
    WITH used AS (
      SELECT * FROM unnest(${servers}::text[], ${owners}::text[], ${times}::timestamptz[])
        AS u ("serverId", "ownerKey", "at")
    ), tokens AS (
      SELECT t."id", used."at" FROM used JOIN "StoredTokenSet" t USING ("serverId", "ownerKey")
      WHERE t."lastUsedAt" IS NULL OR t."lastUsedAt" < used."at"
      FOR UPDATE OF t SKIP LOCKED
    ), keys AS (
      SELECT k."id", used."at" FROM used JOIN "PersonalKey" k
        ON k."serverId" = used."serverId" AND k."userId" = used."ownerKey"
      WHERE k."lastUsedAt" IS NULL OR k."lastUsedAt" < used."at"
      FOR UPDATE OF k SKIP LOCKED
    ), noted AS (
      UPDATE "StoredTokenSet" t SET "lastUsedAt" = tokens."at" FROM tokens WHERE tokens."id" = t."id"
    )
    UPDATE "PersonalKey" k SET "lastUsedAt" = keys."at" FROM keys WHERE keys."id" = k."id"`;
}
