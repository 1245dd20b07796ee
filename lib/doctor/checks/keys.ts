import { decideInstallationNotice } from "@/lib/contracts/notices/installation-notice";
import { findInstallationFacts } from "@/lib/db/notices/installation";
import { countByPrefix } from "@/lib/db/sealed-column";
import { findCanary } from "@/lib/db/vault-canary";
import type { DoctorCheck } from "@/lib/doctor/check";
import { counted, failed, ok, warning } from "@/lib/doctor/check";
import type { DoctorRun } from "@/lib/doctor/run";
import { canaryColumn, rotatedColumns } from "@/lib/rotation/sealed-columns";
import { CANARY_ID, checkCanary } from "@/lib/vault/canary";
import { keyPrefix } from "@/lib/vault/sealed-box";

/** Whether the keys open what is stored, and whether an old one is still needed. */
export const keysCheck: DoctorCheck<DoctorRun> = {
  id: "keys",
  needsDatabase: true,
  async run({ env: { keyring }, db, now }) {
    const canary = await findCanary(db, CANARY_ID);
    const check = canary === null ? { ok: true as const } : checkCanary(keyring, canary);
    if (!check.ok) {
      return failed(
        "SECRETS_ENCRYPTION_KEY does not open what this database holds.",
        "Set the key that was used before, or add it to SECRETS_ENCRYPTION_KEYS_OLD.",
      );
    }
    const current = keyPrefix(keyring.current);
    const old = keyring.old.map(keyPrefix);
    const counts = { current: 0, old: 0, unknown: 0 };
    for (const column of [...rotatedColumns, canaryColumn]) {
      for (const [prefix, count] of await countByPrefix(db, column, current.length)) {
        if (prefix === current) counts.current += count;
        else if (old.includes(prefix)) counts.old += count;
        else counts.unknown += count;
      }
    }
    if (counts.unknown > 0) {
      return failed(
        `${counted(counts.unknown, "stored secret is", "stored secrets are")} encrypted with a key that is not set.`,
        "Add that key to SECRETS_ENCRYPTION_KEYS_OLD and restart. If it is lost, enter these secrets again and authorize again.",
      );
    }
    if (counts.old > 0) {
      return warning(
        `${counted(counts.old, "stored secret is", "stored secrets are")} still encrypted with an old key.`,
        'Run "npm run secrets:rotate".',
      );
    }
    const sealed = `${counted(counts.current, "stored secret is", "stored secrets are")} encrypted with the current key.`;
    if (old.length > 0) {
      return warning(
        `${sealed} Old keys are set, but nothing needs them any more.`,
        "Empty SECRETS_ENCRYPTION_KEYS_OLD and restart every process.",
      );
    }
    const age = decideInstallationNotice(
      "encryption_key_old",
      await findInstallationFacts(db),
      now(),
    );
    if (age.should) {
      return warning(
        "The encryption key has been in use for more than a year.",
        'Set a new SECRETS_ENCRYPTION_KEY, move the present one to SECRETS_ENCRYPTION_KEYS_OLD, restart, and run "npm run secrets:rotate".',
      );
    }
    return ok(sealed);
  },
};
