// Re-seals every stored secret under SECRETS_ENCRYPTION_KEY, while Usher runs. SECRETS_ENCRYPTION_KEYS_OLD
// contains the key they are now under. It may be stopped at any moment and run again.
//   npm run secrets:rotate

import { createDatabase } from "@/lib/db/client";
import { readVaultEnv } from "@/lib/env";
import { type RotationResult, rotateSecrets } from "@/lib/rotation/rotate-secrets";
import { explain, readArguments } from "@/scripts/command";
import { loadEnvFiles } from "@/scripts/env-files.mjs";

readArguments({ options: {} }, { use: "npm run secrets:rotate" });
let askedUrl: string | null = null;

try {
  await loadEnvFiles();
  const { databaseUrl, keyring } = readVaultEnv();
  askedUrl = databaseUrl;
  const db = createDatabase(databaseUrl, {
    connections: 1,
    statementMs: 60_000,
    connectMs: 10_000,
  });
  const result = await rotateSecrets({ db, keyring }, ({ table, column, done, total }) => {
    console.log(`${table}.${column}: ${done} of ${total}`);
  });
  await db.$disconnect();
  process.exitCode = tell(result);
} catch (error) {
  console.error(await explain(error, askedUrl));
  process.exitCode = 1;
}

/** @returns 0 if the old key is no longer needed */
function tell({ resealed, left, unopened }: RotationResult): number {
  const count = Object.values(left).reduce((sum, each) => sum + each, 0);
  console.log(`Re-sealed: ${resealed}. Still sealed with an old key: ${count}.`);
  for (const [column, each] of Object.entries(left)) console.log(`  ${column}: ${each}`);
  for (const place of unopened) console.log(`  does not open: ${place}`);
  if (count === 0) {
    console.log(
      "SECRETS_ENCRYPTION_KEYS_OLD can go once every process has started with the new key.",
    );
  } else if (count > unopened.length) {
    console.log("Is a process still running with the old key? Restart it, then run this again.");
  } else {
    console.log(
      "No configured key opens these. Enter them again or authorize again, on their pages.",
    );
  }
  return count === 0 ? 0 : 1;
}
