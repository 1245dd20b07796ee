import { callbackUrl } from "@/lib/authorization/client-document";
import { describeDefaultModel } from "@/lib/chat/model/model";
import type { SettingsView } from "@/lib/contracts/settings";
import type { Database } from "@/lib/db/client";
import { findLastSweepRun } from "@/lib/db/sweep-run";
import type { Env } from "@/lib/env";
import packageJson from "@/package.json";

export async function viewSettings({ env, db }: { env: Env; db: Database }): Promise<SettingsView> {
  const sweep = await findLastSweepRun(db);
  return {
    publicUrl: env.publicUrl,
    callbackUrl: callbackUrl(env.publicUrl),
    version: packageJson.version,
    model: describeDefaultModel(env.model),
    oidcIssuer: env.oidc?.issuer ?? null,
    selfHosted: env.selfHosted,
    cronSecretSet: env.cronSecret !== null,
    database: env.embeddedDatabase ? "embedded" : "external",
    lastSweep: sweep && {
      startedAt: sweep.startedAt.toISOString(),
      finishedAt: sweep.finishedAt?.toISOString() ?? null,
      refreshed: sweep.refreshed,
      failed: sweep.failed,
      deferred: sweep.deferred,
      error: sweep.error,
    },
  };
}
