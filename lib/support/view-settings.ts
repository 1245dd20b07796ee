import { callbackUrl } from "@/lib/authorization/client-document";
import { defaultModel } from "@/lib/chat/model/model-choice";
import type { SettingsView } from "@/lib/contracts/settings";
import type { Database } from "@/lib/db/client";
import { readModelSetup } from "@/lib/db/models/model-setup";
import { findLastSweepRun } from "@/lib/db/sweep-run";
import type { Env } from "@/lib/env";
import packageJson from "@/package.json";

export async function viewSettings({ env, db }: { env: Env; db: Database }): Promise<SettingsView> {
  const [sweep, setup] = await Promise.all([findLastSweepRun(db), readModelSetup(db, env.model)]);
  const { name, builtIn } = defaultModel(setup);
  return {
    publicUrl: env.publicUrl,
    callbackUrl: callbackUrl(env.publicUrl),
    version: packageJson.version,
    model: { name, builtIn },
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
