import type { Database, DatabaseTransaction } from "../client";
import type { StoredTokenSet } from "../generated/client";
import type { Owner } from "../stored-token-set";

export type OwnAccountRow = StoredTokenSet & { authorizedBy: { name: string } | null };

/** Of a person at a server, oldest first, and the team's. Nothing is unsealed. */
export function listAccountsOf(
  db: Database,
  serverId: string,
  userId: string,
): Promise<OwnAccountRow[]> {
  return db.storedTokenSet.findMany({
    where: { serverId, OR: [{ userId }, { userId: null }] },
    include: { authorizedBy: { select: { name: true } } },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
  });
}

export function countAccountsOf(db: Database, serverId: string, userId: string): Promise<number> {
  return db.storedTokenSet.count({ where: { serverId, userId } });
}

/** False: it is no longer stored. */
export async function labelAccount(
  tx: DatabaseTransaction,
  { serverId, ownerKey }: Owner,
  label: string | null,
): Promise<boolean> {
  const { count } = await tx.storedTokenSet.updateMany({
    where: { serverId, ownerKey },
    data: { label },
  });
  return count > 0;
}

/** Makes it the person's only default, or leaves them without one. False: it is no longer stored. */
export async function setDefaultAccount(
  tx: DatabaseTransaction,
  { serverId, ownerKey, userId }: Owner & { userId: string },
  isDefault: boolean,
): Promise<boolean> {
  const changed = await tx.storedTokenSet.updateManyAndReturn({
    where: { serverId, ownerKey, userId },
    data: { isDefault },
    select: { id: true },
  });
  if (changed.length === 0) return false;
  if (isDefault) {
    await tx.storedTokenSet.updateMany({
      where: { serverId, userId, ownerKey: { not: ownerKey } },
      data: { isDefault: false },
    });
  }
  return true;
}
