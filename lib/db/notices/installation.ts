import type { InstallationFacts } from "@/lib/contracts/notices/installation-notice";
import type { Database, DatabaseTransaction } from "../client";

/** In one statement: every page that an admin opens needs it. */
export async function findInstallationFacts(
  db: Database | DatabaseTransaction,
): Promise<InstallationFacts> {
  const [facts] = await db.$queryRaw<InstallationFacts[]>`
    SELECT (SELECT max("startedAt") FROM "SweepRun") AS "lastSweepAt",
      (SELECT min("createdAt") FROM "VaultCanary") AS "installedAt",
      (SELECT min("keySince") FROM "VaultCanary") AS "keySince"`;
  return facts ?? { lastSweepAt: null, installedAt: null, keySince: null };
}
