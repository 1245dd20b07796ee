import type { Database } from "@/lib/db/client";
import { countSealedElsewise, listSealedElsewise, replaceBox } from "@/lib/db/sealed-column";
import { SealedBoxError } from "@/lib/errors";
import type { Keyring } from "@/lib/vault/keyring";
import {
  currentKeyPrefix,
  open,
  type Sealed,
  type SealedPlace,
  seal,
} from "@/lib/vault/sealed-box";
import type { RotatedColumn } from "./sealed-columns";

export interface ResealedColumn {
  resealed: number;
  unopened: string[];
}

/** Boxes read at once; a page is a few kilobytes. */
const pageSize = 100;

/** One pass over one column, page after page by row id. */
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
      // Where it is not replaced, a refresh or a person stored something newer meanwhile.
      else if (await replaceBox(db, column, row, box)) result.resealed += 1;
    }
    afterId = last.id;
    done += rows.length;
    const { table, column: name } = column;
    onProgress({ table, column: name, done, total: Math.max(total, done) });
  }
}

/** Null where the box does not open. */
function reseal(keyring: Keyring, box: string, place: SealedPlace): Sealed | null {
  try {
    return seal(keyring, open(keyring, box, place), place);
  } catch (error) {
    if (error instanceof SealedBoxError) return null;
    throw error;
  }
}
