import type { Sealed } from "@/lib/vault/sealed-box";
import type { Database } from "./client";
import * as Prisma from "./generated/internal/prismaNamespace";

/** A column that contains sealed boxes. The names are our own constants, never input. */
export interface SealedColumn {
  table: string;
  column: string;
}

export interface SealedRow {
  id: string;
  box: string;
}

/** The next boxes, by row id, that do not start with `prefix`. @param afterId exclusive; "" starts */
export function listSealedElsewise(
  db: Database,
  column: SealedColumn,
  prefix: string,
  afterId: string,
  limit: number,
): Promise<SealedRow[]> {
  const { table, box } = identifiers(column);
  return db.$queryRaw<SealedRow[]>`
    SELECT "id", ${box} AS "box" FROM ${table}
    WHERE "id" > ${afterId} AND NOT starts_with(${box}, ${prefix})
    ORDER BY "id" LIMIT ${limit}`;
}

export async function countSealedElsewise(
  db: Database,
  column: SealedColumn,
  prefix: string,
): Promise<number> {
  const { table, box } = identifiers(column);
  const [row] = await db.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS "count" FROM ${table} WHERE NOT starts_with(${box}, ${prefix})`;
  return row?.count ?? 0;
}

/**
 * Compare-and-set: false if the box has since been replaced by a newer one, or is gone. No other
 * column changes, so that no holder loses a version or a lease.
 */
export async function replaceBox(
  db: Database,
  column: SealedColumn,
  row: SealedRow,
  resealed: Sealed,
): Promise<boolean> {
  const { table, box } = identifiers(column);
  const count = await db.$executeRaw`
    UPDATE ${table} SET ${box} = ${resealed} WHERE "id" = ${row.id} AND ${box} = ${row.box}`;
  return count > 0;
}

/** The number of boxes under each key, by the first `length` characters of the boxes. */
export async function countByPrefix(
  db: Database,
  column: SealedColumn,
  length: number,
): Promise<Map<string, number>> {
  const { table, box } = identifiers(column);
  const rows = await db.$queryRaw<{ prefix: string; count: number }[]>`
    SELECT left(${box}, ${length}::int) AS "prefix", count(*)::int AS "count" FROM ${table}
    WHERE ${box} IS NOT NULL GROUP BY 1`;
  return new Map(rows.map(({ prefix, count }) => [prefix, count]));
}

function identifiers({ table, column }: SealedColumn) {
  return { table: Prisma.raw(`"${table}"`), box: Prisma.raw(`"${column}"`) };
}
