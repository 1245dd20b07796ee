import type { Database } from "@/lib/db/client";
import { countSealedElsewise, listSealedElsewise, replaceBox } from "@/lib/db/sealed-column";
import { findCanary } from "@/lib/db/vault-canary";
import { ConfigurationError, SealedBoxError } from "@/lib/errors";
import { CANARY_ID, checkCanary } from "@/lib/vault/canary";
import type { Keyring } from "@/lib/vault/keyring";
import {
  currentKeyPrefix,
  open,
  type Sealed,
  type SealedPlace,
  seal,
} from "@/lib/vault/sealed-box";
import { canaryColumn, type RotatedColumn, rotatedColumns } from "./sealed-columns";

export interface RotationContext {
  db: Database;
  keyring: Keyring;
}

/** Called after each page. */
export interface RotationProgress {
  table: string;
  column: string;
  /** Boxes checked in this pass, and the total when it started. */
  done: number;
  total: number;
}

export interface RotationResult {
  resealed: number;
  /** By `table.column`: boxes still under another key. */
  left: Record<string, number>;
  /** `table.column` and row id of each box that no configured key opens, which stays unchanged. */
  unopened: string[];
}

/** Boxes written under the old key during a pass are found by the next one. */
const mostPasses = 3;

/**
 * Re-seals every box under the current key, alongside a running installation. It may be killed at
 * any moment and run again: each box is replaced by one statement, and one already under the current
 * key is not changed.
 *
 * @throws ConfigurationError neither key is the one that sealed the database
 */
export async function rotateSecrets(
  ctx: RotationContext,
  onProgress: (progress: RotationProgress) => void = () => undefined,
): Promise<RotationResult> {
  const canary = await findCanary(ctx.db, CANARY_ID);
  const check = canary === null ? { ok: true as const } : checkCanary(ctx.keyring, canary);
  if (!check.ok) throw new ConfigurationError([check.problem]);

  let resealed = 0;
  let unopened: string[] = [];
  for (let pass = 1; pass <= mostPasses; pass += 1) {
    const columns: ResealedColumn[] = [];
    for (const column of rotatedColumns) columns.push(await resealColumn(ctx, column, onProgress));
    resealed += columns.reduce((sum, each) => sum + each.resealed, 0);
    unopened = columns.flatMap((each) => each.unopened);
    const remaining = Object.values(await countLeft(ctx)).reduce((sum, count) => sum + count, 0);
    // The canary comes last: under the new key it says that the old one is no longer needed.
    if (remaining <= unopened.length + (canary === null ? 0 : 1)) {
      resealed += (await resealColumn(ctx, canaryColumn, onProgress)).resealed;
      break;
    }
  }
  return { resealed, unopened, left: await countLeft(ctx) };
}

async function countLeft({ db, keyring }: RotationContext): Promise<Record<string, number>> {
  const prefix = currentKeyPrefix(keyring);
  const counts: Record<string, number> = {};
  for (const column of [...rotatedColumns, canaryColumn]) {
    const count = await countSealedElsewise(db, column, prefix);
    if (count > 0) counts[`${column.table}.${column.column}`] = count;
  }
  return counts;
}

export interface ResealedColumn {
  resealed: number;
  unopened: string[];
}

/** Boxes read at once; a page is a few kilobytes. */
const pageSize = 100;

export async function resealColumn(
  { db, keyring }: { db: Database; keyring: Keyring },
  column: RotatedColumn,
  onProgress: (progress: { table: string; column: string; done: number; total: number }) => void,
): Promise<ResealedColumn> {
  const prefix = currentKeyPrefix(keyring);
  const total = await countSealedElsewise(db, column, prefix);
  const result: ResealedColumn = { resealed: 0, unopened: [] };
  let done = 0;
  for (let afterId = ""; ; ) {
    const rows = await listSealedElsewise(db, column, prefix, afterId, pageSize);
    const last = rows.at(-1);
    if (!last) return result;
    const places = await column.placesOf(
      db,
      rows.map(({ id }) => id),
    );
    for (const row of rows) {
      const place = places.get(row.id);
      if (!place) continue;
      const box = reseal(keyring, row.box, place);
      if (box === null) result.unopened.push(`${column.table}.${column.column} ${row.id}`);
      // Not replaced: a refresh or a person stored something newer in the meantime.
      else if (await replaceBox(db, column, row, box)) result.resealed += 1;
    }
    afterId = last.id;
    done += rows.length;
    const { table, column: name } = column;
    onProgress({ table, column: name, done, total: Math.max(total, done) });
  }
}

/** Null if the box does not open. */
function reseal(keyring: Keyring, box: string, place: SealedPlace): Sealed | null {
  try {
    return seal(keyring, open(keyring, box, place), place);
  } catch (error) {
    if (error instanceof SealedBoxError) return null;
    throw error;
  }
}
