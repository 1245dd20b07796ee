import type { Database } from "@/lib/db/client";
import { migrationNames } from "@/lib/db/generated/migrations";

export interface MigrationState {
  applied: number;
  /** In this version, not in the database yet; oldest first. */
  pending: string[];
  /** Started and not finished. */
  failed: string[];
  /** In the database, but not in this version: a newer one was here. */
  unknown: string[];
}

type Row = { name: string; finished: boolean };

export async function inspectMigrations(db: Database): Promise<MigrationState> {
  const table = await db.$statement<{ isThere: boolean }>(
    `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS "isThere"`,
    [],
  );
  if (!table.rows[0]?.isThere) {
    return { applied: 0, pending: [...migrationNames], failed: [], unknown: [] };
  }
  const { rows } = await db.$statement<Row>(
    `SELECT migration_name AS "name", finished_at IS NOT NULL AS "finished"
     FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY migration_name`,
    [],
  );
  const known = new Set<string>(migrationNames);
  const done = new Set(rows.filter(({ finished }) => finished).map(({ name }) => name));
  return {
    applied: done.size,
    pending: migrationNames.filter((name) => !done.has(name)),
    failed: rows.filter(({ finished }) => !finished).map(({ name }) => name),
    unknown: [...done].filter((name) => !known.has(name)),
  };
}
