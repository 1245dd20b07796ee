import type { Database, DatabaseTransaction } from "../client";
import type { OfferedModel } from "../generated/client";
import * as Prisma from "../generated/internal/prismaNamespace";
import { isUniqueViolation } from "../unique-violation";

export type OfferedModelRow = OfferedModel;

export function findOfferedModel(db: Database, id: string): Promise<OfferedModelRow | null> {
  return db.offeredModel.findUnique({ where: { id } });
}

export type OfferedModelInput = Pick<OfferedModelRow, "name" | "label" | "audience">;

/** The first one for everyone becomes the default. */
export async function insertOfferedModel(
  db: Database,
  columns: OfferedModelInput,
): Promise<OfferedModelRow | "name_taken"> {
  try {
    return await db.$transaction(async (tx) => {
      await lockOfferedModels(tx);
      const row = await tx.offeredModel.create({ data: columns });
      if (row.audience !== "EVERYONE" || (await hasDefault(tx))) return row;
      return tx.offeredModel.update({ where: { id: row.id }, data: { isDefault: true } });
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
export async function updateOfferedModel(
  db: Database,
  id: string,
  { label, audience }: Pick<OfferedModelInput, "label" | "audience">,
): Promise<OfferedModelRow | null> {
  const [row] = await db.offeredModel.updateManyAndReturn({
    where: { id, ...(audience === "ADMINS" ? { isDefault: false } : {}) },
    data: { label, audience },
  });
  return row ?? null;
}

export async function deleteOfferedModel(
  db: Database,
  id: string,
): Promise<OfferedModelRow | null> {
  try {
    return await db.offeredModel.delete({ where: { id } });
  } catch (error) {
    if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === "P2025")
      return null;
    throw error;
  }
}

/** Null as `id`: none. @returns the new default; null: it is gone, or not for everyone */
export function setDefaultModel(db: Database, id: string | null): Promise<OfferedModelRow | null> {
  return db.$transaction(async (tx) => {
    await lockOfferedModels(tx);
    const where = { id: id ?? "", audience: "EVERYONE" } as const;
    if (id !== null && (await tx.offeredModel.count({ where })) === 0) return null;
    await tx.offeredModel.updateMany({ where: { isDefault: true }, data: { isDefault: false } });
    if (id === null) return null;
    return tx.offeredModel.update({ where: { id }, data: { isDefault: true } });
  });
}
