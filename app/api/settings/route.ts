import { callbackUrl } from "@/lib/authorization/callback-url";
import { describeDefaultModel } from "@/lib/chat/model-problem";
import { findLastSweepRun } from "@/lib/db/sweep-run";
import { handle } from "@/lib/http/handle";
import packageJson from "@/package.json";

export const GET = handle("settings.view", async ({ app }) => {
  const { env } = app;
  const sweep = await findLastSweepRun(app.db);
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
      startedAt: sweep.startedAt,
      finishedAt: sweep.finishedAt,
      refreshed: sweep.refreshed,
      failed: sweep.failed,
      deferred: sweep.deferred,
      error: sweep.error,
    },
  };
});
