import type { Sealed } from "@/lib/vault/sealed-box";
import type { Database } from "./client";

export async function findCanary(db: Database, id: string): Promise<string | null> {
  const row = await db.vaultCanary.findUnique({ where: { id } });
  return row?.boxSealed ?? null;
}

/** Two first starts at once: the first one's canary stays. */
export async function insertCanaryOnce(db: Database, id: string, box: Sealed): Promise<void> {
  await db.vaultCanary.createMany({ data: [{ id, boxSealed: box }], skipDuplicates: true });
}
