import type { Sealed } from "@/lib/vault/sealed-box";
import { insertAuditEvent, type NewAuditEvent } from "../audit-event";
import type { Database, DatabaseTransaction } from "../client";
import type { SecondStep } from "../generated/client";
import { endAccess, type UserRow } from "../user";

export type SecondStepRow = SecondStep;

export function findSecondStep(db: Database, userId: string): Promise<SecondStepRow | null> {
  return db.secondStep.findUnique({ where: { userId } });
}

/** The owner of each row. */
export async function findSecondStepOwners(
  db: Database,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const rows = await db.secondStep.findMany({
    where: { id: { in: [...ids] } },
    select: { id: true, userId: true },
  });
  return new Map(rows.map(({ id, userId }) => [id, userId]));
}

/** Replaces an unconfirmed one. False, storing nothing, if the person already has a second step. */
export function storeSecondStep(
  db: Database,
  step: { userId: string; secretSealed: Sealed; createdAt: Date },
): Promise<boolean> {
  return db.$transaction(async (tx) => {
    if ((await holdUser(tx, step.userId))?.secondStepSince !== null) return false;
    const { userId } = step;
    const data = { ...step, lastTimeStep: null };
    await tx.secondStep.upsert({ where: { userId }, create: data, update: data });
    return true;
  });
}

/**
 * Turns it on with the secret just confirmed. False, changing nothing, if another secret has replaced
 * it, or it is already on.
 */
export function confirmSecondStep(
  db: Database,
  confirmed: {
    step: SecondStepRow;
    timeStep: number;
    codeHashes: readonly string[];
    now: Date;
  },
  event: NewAuditEvent,
): Promise<boolean> {
  const { step, timeStep, codeHashes, now } = confirmed;
  const { userId } = step;
  return db.$transaction(async (tx) => {
    if ((await holdUser(tx, userId))?.secondStepSince !== null) return false;
    const { count } = await tx.secondStep.updateMany({
      where: { userId, secretSealed: step.secretSealed },
      data: { lastTimeStep: timeStep },
    });
    if (count === 0) return false;
    await tx.user.update({ where: { id: userId }, data: { secondStepSince: now } });
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
  const { count } = await db.secondStep.updateMany({
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

/** The earlier ones stop working. False, changing nothing, if the person has no second step. */
export function replaceRecoveryCodes(
  db: Database,
  userId: string,
  codeHashes: readonly string[],
  event: NewAuditEvent,
): Promise<boolean> {
  return db.$transaction(async (tx) => {
    if (!(await holdUser(tx, userId))?.secondStepSince) return false;
    await storeCodes(tx, userId, codeHashes);
    await insertAuditEvent(db, event, tx);
    return true;
  });
}

/** With its recovery codes. False: there was none. */
export function deleteSecondStep(
  db: Database,
  userId: string,
  event: NewAuditEvent,
): Promise<boolean> {
  return db.$transaction(async (tx) => {
    if (!(await holdUser(tx, userId))?.secondStepSince) return false;
    await tx.user.update({ where: { id: userId }, data: { secondStepSince: null } });
    await deleteSecrets(tx, userId);
    await insertAuditEvent(db, event, tx);
    return true;
  });
}

/** For another person's: ends their sessions and their reset link too. */
export async function deleteSecondStepOf(
  db: Database,
  userId: string,
  event: NewAuditEvent,
): Promise<boolean> {
  const deleted = await db.$transaction(async (tx) => {
    if (!(await holdUser(tx, userId))?.secondStepSince) return false;
    await tx.user.update({
      where: { id: userId },
      data: { secondStepSince: null, sessionVersion: { increment: 1 } },
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
  await tx.secondStep.deleteMany({ where: { userId } });
  await tx.recoveryCode.deleteMany({ where: { userId } });
}

/** Until the transaction ends it cannot be turned on or off elsewhere. */
async function holdUser(
  tx: DatabaseTransaction,
  id: string,
): Promise<Pick<UserRow, "secondStepSince"> | null> {
  const rows = await tx.$queryRaw<Pick<UserRow, "secondStepSince">[]>`
    SELECT "secondStepSince" FROM "User" WHERE "id" = ${id} FOR UPDATE`;
  return rows[0] ?? null;
}
