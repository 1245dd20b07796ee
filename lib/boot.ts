import type { AppContext } from "@/lib/app";
import { findCanary, insertCanaryOnce } from "@/lib/db/vault-canary";
import { ConfigurationError } from "@/lib/errors";
import { makeConfiguredAdmin, needsSetup, setupUrl } from "@/lib/people/first-admin";
import { CANARY_ID, checkCanary, makeCanary } from "@/lib/vault/canary";

/**
 * What has to be right before the first request is answered.
 * @throws ConfigurationError the database cannot be reached or used, or the key is a wrong one
 */
export async function boot(ctx: AppContext): Promise<void> {
  await checkKey(ctx);
  await makeConfiguredAdmin(ctx);
  if (await needsSetup(ctx)) {
    // The one line of the log that lets somebody in: it works until the first admin is there.
    ctx.log.info(`Usher has no admin yet. Open ${setupUrl(ctx.env)}`);
  }
}

async function checkKey(ctx: AppContext): Promise<void> {
  const box = await stored(ctx);
  const check = checkCanary(ctx.keyring, box);
  if (!check.ok) throw new ConfigurationError([check.problem]);
}

async function stored(ctx: AppContext): Promise<string> {
  try {
    const found = await findCanary(ctx.db, CANARY_ID);
    if (found) return found;
    const box = makeCanary(ctx.keyring);
    await insertCanaryOnce(ctx.db, CANARY_ID, box);
    return (await findCanary(ctx.db, CANARY_ID)) ?? box;
  } catch (error) {
    ctx.log.error({ err: error }, "the database cannot be used");
    throw new ConfigurationError([
      'DATABASE_URL leads to a database that cannot be used. Is it running, and did "npm run db:migrate" run? The log has the details.',
    ]);
  }
}
