import type { Database } from "./client";
import type { Owner } from "./stored-token-set";

/** Whose tokens these rows are, by row id. */
export async function findTokenOwners(
  db: Database,
  ids: readonly string[],
): Promise<Map<string, Owner>> {
  const rows = await db.storedTokenSet.findMany({
    where: { id: { in: [...ids] } },
    select: { id: true, serverId: true, ownerKey: true },
  });
  return new Map(rows.map(({ id, serverId, ownerKey }) => [id, { serverId, ownerKey }]));
}
