import type { Sealed } from "@/lib/vault/sealed-box";
import type { Database, DatabaseTransaction } from "./client";
import type { ClientKey, Prisma } from "./generated/client";

export type ClientKeyRow = ClientKey;

/** Oldest first. There are at most a few. */
export function listClientKeys(db: Database | DatabaseTransaction): Promise<ClientKeyRow[]> {
  return db.clientKey.findMany({ orderBy: [{ usedFrom: "asc" }, { id: "asc" }] });
}

export async function insertClientKey(
  tx: DatabaseTransaction,
  key: Pick<ClientKeyRow, "id" | "algorithm" | "usedFrom"> & {
    publicKey: Prisma.InputJsonObject;
    privateKeySealed: Sealed;
  },
): Promise<void> {
  await tx.clientKey.create({ data: key });
}

export async function deleteClientKeys(
  tx: DatabaseTransaction,
  ids: readonly string[],
): Promise<void> {
  await tx.clientKey.deleteMany({ where: { id: { in: [...ids] } } });
}

/** Replicas that find a key missing at the same time must not each create one. Held until the transaction ends. */
export async function lockClientKeys(tx: DatabaseTransaction): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('usher.client-keys'))`;
}
