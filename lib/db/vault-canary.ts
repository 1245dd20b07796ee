import type { Sealed } from "@/lib/vault/sealed-box";
import type { Database } from "./client";

export async function findCanary(db: Database, id: string): Promise<string | null> {
  // Queried at startup: Prisma's way would be most of the start's waiting time.
  const { rows } = await db.$statement<{ boxSealed: string }>(
    `SELECT "boxSealed" FROM "VaultCanary" WHERE "id" = $1`,
    [id],
  );
  return rows[0]?.boxSealed ?? null;
}

/** Two concurrent first starts: the first one's canary stays. */
export async function insertCanaryOnce(db: Database, id: string, box: Sealed): Promise<void> {
  await db.vaultCanary.createMany({ data: [{ id, boxSealed: box }], skipDuplicates: true });
}
