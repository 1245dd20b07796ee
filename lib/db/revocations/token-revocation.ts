import { insertAuditEvent, type NewAuditEvent } from "../audit-event";
import type { Database } from "../client";
import type { RevocationOutcome, TokenRevocation } from "../generated/client";
import { exchangedGrants } from "../stored-token-set";
import type { CopiedClient } from "./take-tokens";

export type { RevocationOutcome };

/** With the tokens, which no one else opens while the lease lasts. */
export type TokenRevocationRow = Omit<TokenRevocation, "client"> & { client: StoredClient | null };

/** Times are text in JSON. */
type StoredClient = Omit<CopiedClient, "clientSecretExpiresAt"> & {
  clientSecretExpiresAt: string | null;
};

/** Which revocations to try: these now, or all that are due. */
type Wanted = { ids: readonly string[] } | { dueAt: Date };

/**
 * Claims up to `limit` that have not ended, longest due first, on the database's clock. Rows being claimed by another
 * process are skipped.
 */
export async function claimRevocations(
  db: Database,
  wanted: Wanted,
  limit: number,
  lease: { leaseId: string; leaseMs: number },
): Promise<TokenRevocationRow[]> {
  const ids = "ids" in wanted ? wanted.ids : null;
  const dueAt = "dueAt" in wanted ? wanted.dueAt : null;
  const { rows } = await db.$statement<TokenRevocationRow>(
    `UPDATE "TokenRevocation"
     SET "leaseId" = $3, "leaseUntil" = now() + make_interval(secs => $4),
       "attempts" = "attempts" + 1
     WHERE "id" IN (
       SELECT "id" FROM "TokenRevocation"
       WHERE "outcome" = 'PENDING' AND ("leaseUntil" IS NULL OR "leaseUntil" <= now())
         AND ($1::text[] IS NULL OR "id" = ANY ($1::text[]))
         AND ($5::timestamptz IS NULL OR "nextAttemptAt" <= $5)
       ORDER BY "nextAttemptAt", "id"
       LIMIT $2
       FOR UPDATE SKIP LOCKED)
     RETURNING *`,
    [ids, limit, lease.leaseId, lease.leaseMs / 1000, dueAt],
  );
  return rows;
}

/** Whether its owner has authorized since, and the account at the provider may be the same. */
export async function isAuthorizedAgain(
  db: Database,
  { serverId, ownerKey, accountName }: TokenRevocationRow,
): Promise<boolean> {
  const sameAccount = accountName === null ? {} : { OR: [{ accountName: null }, { accountName }] };
  const found = await db.storedTokenSet.findFirst({
    where: {
      ...{ serverId, ownerKey, ...sameAccount },
      // A refused row is not an account: it waits to be admitted again.
      NOT: { rejectedAt: { not: null }, grantType: { in: exchangedGrants } },
    },
    select: { id: true },
  });
  return found !== null;
}

type Held = Pick<TokenRevocationRow, "id" | "leaseId">;

/**
 * From now on the row is the receipt, without secrets. False: another process now holds it.
 * @param eventOf what the audit records about it, in the same transaction. The row may have lost its person's name
 *   since it was claimed.
 */
export function endRevocation(
  db: Database,
  { id, leaseId }: Held,
  end: { outcome: RevocationOutcome; answer: string; accessUntil: Date | null },
  answeredAt: Date,
  eventOf: ((row: TokenRevocation) => NewAuditEvent) | null,
): Promise<boolean> {
  return db.$transaction(async (tx) => {
    const [row] = await tx.tokenRevocation.updateManyAndReturn({
      where: { id, leaseId, outcome: "PENDING" },
      data: {
        ...{ ...end, answeredAt, leaseId: null, leaseUntil: null },
        ...{ accessTokenSealed: null, refreshTokenSealed: null, clientSecretSealed: null },
      },
    });
    if (row && eventOf) await insertAuditEvent(db, eventOf(row), tx);
    return row !== undefined;
  });
}

export async function postponeRevocation(
  db: Database,
  { id, leaseId }: Held,
  { nextAttemptAt, answer }: { nextAttemptAt: Date; answer: string },
  answeredAt: Date,
): Promise<void> {
  await db.tokenRevocation.updateMany({
    where: { id, leaseId, outcome: "PENDING" },
    data: { nextAttemptAt, answer, answeredAt, leaseId: null, leaseUntil: null },
  });
}

/** The places that the sealed boxes of these rows are bound to. */
export async function findRevocationPlaces(
  db: Database,
  ids: readonly string[],
): Promise<Pick<TokenRevocation, "id" | "serverId" | "ownerKey" | "clientRowId">[]> {
  return db.tokenRevocation.findMany({
    where: { id: { in: [...ids] } },
    select: { id: true, serverId: true, ownerKey: true, clientRowId: true },
  });
}

/** Only receipts: what is still to be revoked stays. */
export async function deleteReceiptsBefore(db: Database, before: Date): Promise<number> {
  const { count } = await db.tokenRevocation.deleteMany({
    where: { createdAt: { lt: before }, outcome: { not: "PENDING" } },
  });
  return count;
}
