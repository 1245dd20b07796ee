import type { Sealed } from "@/lib/vault/sealed-box";
import { insertAuditEvent, type NewAuditEvent } from "../audit-event";
import type { Database, DatabaseTransaction } from "../client";
import type { TwoFactor } from "../generated/client";
import { endAccess, type UserRow } from "../user";

export type TwoFactorRow = TwoFactor;

export function findTwoFactor(db: Database, userId: string): Promise<TwoFactorRow | null> {
  return db.twoFactor.findUnique({ where: { userId } });
}

/** The owner of each row. */
export async function findTwoFactorOwners(
  db: Database,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const rows = await db.twoFactor.findMany({
    where: { id: { in: [...ids] } },
    select: { id: true, userId: true },
  });
  return new Map(rows.map(({ id, userId }) => [id, userId]));
}

/** Replaces an unconfirmed one. False, storing nothing, if two-factor authentication is already on. */
export function storeTwoFactor(
  db: Database,
  row: { userId: string; secretSealed: Sealed; createdAt: Date },
): Promise<boolean> {
  return db.$transaction(async (tx) => {
    if ((await holdUser(tx, row.userId))?.twoFactorSince !== null) return false;
    const { userId } = row;
    const data = { ...row, lastTimeStep: null };
    await tx.twoFactor.upsert({ where: { userId }, create: data, update: data });
    return true;
  });
}

/**
 * Turns it on with the secret just confirmed. False, changing nothing, if another secret has replaced
 * it, or it is already on.
 */
export function confirmTwoFactor(
  db: Database,
  confirmed: {
    row: TwoFactorRow;
    timeStep: number;
    codeHashes: readonly string[];
    now: Date;
  },
  event: NewAuditEvent,
): Promise<boolean> {
  const { row, timeStep, codeHashes, now } = confirmed;
  const { userId } = row;
  return db.$transaction(async (tx) => {
    if ((await holdUser(tx, userId))?.twoFactorSince !== null) return false;
    const { count } = await tx.twoFactor.updateMany({
      where: { userId, secretSealed: row.secretSealed },
      data: { lastTimeStep: timeStep },
    });
    if (count === 0) return false;
    await tx.user.update({ where: { id: userId }, data: { twoFactorSince: now } });
    await storeCodes(tx, userId, codeHashes);
    await insertAuditEvent(db, event, tx);
    return true;
  });
}

/** Each time step counts once, and none after a later one. One statement: of two concurrent ones, one gets it. */
export async function claimTimeStep(
  db: Database,
  userId: string,
  timeStep: number,
): Promise<boolean> {
  const { count } = await db.twoFactor.updateMany({
    where: { userId, OR: [{ lastTimeStep: null }, { lastTimeStep: { lt: timeStep } }] },
    data: { lastTimeStep: timeStep },
  });
  return count > 0;
}

export async function claimRecoveryCode(
  db: Database,
  userId: string,
  codeHash: string,
): Promise<boolean> {
  const { count } = await db.recoveryCode.deleteMany({ where: { userId, codeHash } });
  return count > 0;
}

export function countRecoveryCodes(db: Database, userId: string): Promise<number> {
  return db.recoveryCode.count({ where: { userId } });
}

/** The earlier ones stop working. False, changing nothing, if two-factor authentication is off. */
export function replaceRecoveryCodes(
  db: Database,
  userId: string,
  codeHashes: readonly string[],
  event: NewAuditEvent,
): Promise<boolean> {
  return db.$transaction(async (tx) => {
    if (!(await holdUser(tx, userId))?.twoFactorSince) return false;
    await storeCodes(tx, userId, codeHashes);
    await insertAuditEvent(db, event, tx);
    return true;
  });
}

/** With its recovery codes. False: it was off. */
export function deleteTwoFactor(
  db: Database,
  userId: string,
  event: NewAuditEvent,
): Promise<boolean> {
  return db.$transaction(async (tx) => {
    if (!(await holdUser(tx, userId))?.twoFactorSince) return false;
    await tx.user.update({ where: { id: userId }, data: { twoFactorSince: null } });
    await deleteSecrets(tx, userId);
    await insertAuditEvent(db, event, tx);
    return true;
  });
}

/** For another person's: ends their sessions and their reset link too. */
export async function deleteTwoFactorOf(
  db: Database,
  userId: string,
  event: NewAuditEvent,
): Promise<boolean> {
  const deleted = await db.$transaction(async (tx) => {
    if (!(await holdUser(tx, userId))?.twoFactorSince) return false;
    await tx.user.update({
      where: { id: userId },
      data: { twoFactorSince: null, sessionVersion: { increment: 1 } },
    });
    await endAccess(tx, userId);
    await deleteSecrets(tx, userId);
    await insertAuditEvent(db, event, tx);
    return true;
  });
  db.$signInEnded();
  return deleted;
}

async function storeCodes(
  tx: DatabaseTransaction,
  userId: string,
  codeHashes: readonly string[],
): Promise<void> {
  await tx.recoveryCode.deleteMany({ where: { userId } });
  await tx.recoveryCode.createMany({ data: codeHashes.map((codeHash) => ({ userId, codeHash })) });
}

async function deleteSecrets(tx: DatabaseTransaction, userId: string): Promise<void> {
  await tx.twoFactor.deleteMany({ where: { userId } });
  await tx.recoveryCode.deleteMany({ where: { userId } });
}

/** Until the transaction ends it cannot be turned on or off elsewhere. */
async function holdUser(
  tx: DatabaseTransaction,
  id: string,
): Promise<Pick<UserRow, "twoFactorSince"> | null> {
  const rows = await tx.$queryRaw<Pick<UserRow, "twoFactorSince">[]>`
    SELECT "secondStepSince" AS "twoFactorSince" FROM "User" WHERE "id" = ${id} FOR UPDATE`;
  return rows[0] ?? null;
}
