import { insertAuditEvent, type NewAuditEvent } from "../audit-event";
import type { Database, DatabaseTransaction } from "../client";
import type { OfferedModel } from "../generated/client";
import * as Prisma from "../generated/internal/prismaNamespace";
import { isUniqueViolation } from "../unique-violation";

export type OfferedModelRow = OfferedModel;

export function findOfferedModel(db: Database, id: string): Promise<OfferedModelRow | null> {
  return db.offeredModel.findUnique({ where: { id } });
}

export type OfferedModelInput = Pick<OfferedModelRow, "name" | "label" | "audience">;

/** The first one for everyone becomes the default. @param eventsOf what the audit records about it */
export async function insertOfferedModel(
  db: Database,
  columns: OfferedModelInput,
  eventsOf: (row: OfferedModelRow) => NewAuditEvent[],
): Promise<OfferedModelRow | "name_taken"> {
  try {
    return await db.$transaction(async (tx) => {
      await lockOfferedModels(tx);
      const isDefault = columns.audience === "EVERYONE" && !(await hasDefault(tx));
      const row = await tx.offeredModel.create({ data: { ...columns, isDefault } });
      for (const event of eventsOf(row)) await insertAuditEvent(db, event, tx);
      return row;
    });
  } catch (error) {
    if (isUniqueViolation(error)) return "name_taken";
    throw error;
  }
}

/** One change of the default at a time: two defaults would collide in the index. */
async function lockOfferedModels(tx: DatabaseTransaction): Promise<void> {
  await tx.$executeRaw`LOCK TABLE "OfferedModel" IN SHARE ROW EXCLUSIVE MODE`;
}

async function hasDefault(tx: DatabaseTransaction): Promise<boolean> {
  return (await tx.offeredModel.count({ where: { isDefault: true } })) > 0;
}

/** Null: there is no such model, or it is the default, which everyone may use. */
export function updateOfferedModel(
  db: Database,
  id: string,
  { label, audience }: Pick<OfferedModelInput, "label" | "audience">,
  eventOf: (row: OfferedModelRow) => NewAuditEvent,
): Promise<OfferedModelRow | null> {
  return db.$transaction(async (tx) => {
    const [row] = await tx.offeredModel.updateManyAndReturn({
      where: { id, ...(audience === "ADMINS" ? { isDefault: false } : {}) },
      data: { label, audience },
    });
    if (row) await insertAuditEvent(db, eventOf(row), tx);
    return row ?? null;
  });
}

/** @returns false: there was none */
export async function deleteOfferedModel(
  db: Database,
  id: string,
  eventOf: (row: OfferedModelRow) => NewAuditEvent,
): Promise<boolean> {
  try {
    await db.$transaction(async (tx) => {
      const row = await tx.offeredModel.delete({ where: { id } });
      await insertAuditEvent(db, eventOf(row), tx);
    });
    return true;
  } catch (error) {
    if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === "P2025")
      return false;
    throw error;
  }
}

/**
 * @param id null: none
 * @returns false, with nothing changed: it is gone, or not for everyone
 */
export function setDefaultModel(
  db: Database,
  id: string | null,
  eventOf: (row: OfferedModelRow | null) => NewAuditEvent,
): Promise<boolean> {
  return db.$transaction(async (tx) => {
    await lockOfferedModels(tx);
    const where = { id: id ?? "", audience: "EVERYONE" } as const;
    if (id !== null && (await tx.offeredModel.count({ where })) === 0) return false;
    await tx.offeredModel.updateMany({ where: { isDefault: true }, data: { isDefault: false } });
    const data = { isDefault: true };
    const row = id === null ? null : await tx.offeredModel.update({ where: { id }, data });
    await insertAuditEvent(db, eventOf(row), tx);
    return true;
  });
}
