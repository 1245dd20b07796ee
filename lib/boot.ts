import type { AppContext } from "@/lib/app/context";
import { inspectMigrations } from "@/lib/db/inspection/migrations";
import { databaseProblem, databaseProblemOf } from "@/lib/db/inspection/reach";
import { stdioServerNames } from "@/lib/db/mcp-server";
import { deleteAllIdentityTokens } from "@/lib/db/people/identity-tokens";
import { findCanary, insertCanaryOnce } from "@/lib/db/vault-canary";
import { ConfigurationError, TryLaterError, UsherError } from "@/lib/errors";
import { databaseTrouble } from "@/lib/http/database-trouble";
import { makeConfiguredAdmin, needsSetup, setupUrl } from "@/lib/people/first-admin";
import { startTelemetry } from "@/lib/telemetry/start";
import { CANARY_ID, checkCanary, makeCanary } from "@/lib/vault/canary";

/**
 * What must be true before the first request is answered.
 * @throws ConfigurationError the database cannot be used, the key is wrong, or stdio servers should run in a
 * sandbox that this machine does not have
 * @throws TryLaterError the database does not answer, or has not been created yet
 */
export async function boot(ctx: AppContext): Promise<void> {
  const problems = await ctx.stdio.check();
  if (problems.length > 0) throw new ConfigurationError(problems);
  ctx.telemetry.on ??= await startTelemetry(ctx);
  try {
    await checkMigrations(ctx);
    await checkKey(ctx);
    await tellOfStdioServers(ctx);
    // What was kept before OIDC_KEEP_TOKENS was turned off.
    if (!ctx.env.oidc?.keepTokens) await deleteAllIdentityTokens(ctx.db);
    await makeConfiguredAdmin(ctx);
    if (await needsSetup(ctx)) {
      // The only log line that grants access: it works until there is a first admin.
      ctx.log.info(`Usher has no admin yet. Open ${setupUrl(ctx.env)}`);
    }
  } catch (error) {
    throw await startProblem(ctx, error);
  }
  ctx.startup.isDone = true;
}

const unusable = "DATABASE_URL leads to a database that cannot be used.";
const unknown = 'Is it running, and did "npm run db:migrate" run? The log has the details.';
/** Conditions that others will soon resolve, by SQLSTATE: a start waits for them. */
const notYet: Readonly<Record<string, string>> = {
  "3D000": "The database that DATABASE_URL names does not exist.",
  "42P01": 'The database has no tables of Usher. Run "npm run db:migrate".',
};

async function startProblem(ctx: AppContext, error: unknown): Promise<unknown> {
  if (error instanceof UsherError) return error;
  const trouble = databaseTrouble(error);
  const code = String((error as { code?: unknown }).code);
  const waits = trouble !== null && trouble !== "refused" && trouble !== "read_only";
  const waitsFor = waits ? "The database at DATABASE_URL does not answer." : notYet[code];
  const inspected = () => databaseProblem(ctx.env.databaseUrl).catch(() => null);
  const unfit = code === "42P01" ? await inspected() : null;
  if (waitsFor && !unfit) return new TryLaterError(waitsFor, { retryAfterMs: 1000, cause: error });
  ctx.log.error({ err: error }, "the database cannot be used");
  const known = unfit ?? databaseProblemOf(code) ?? (await inspected());
  const words = known ? `${known.finding} ${known.fix}` : unknown;
  return new ConfigurationError([`${unusable} ${words}`]);
}

/**
 * An update starts before, while or after another process migrates. Without its columns, requests would fail one by one.
 * On Vercel the build migrates, and a preview may share a database.
 */
async function checkMigrations({ db, env, log }: AppContext): Promise<void> {
  if (!env.selfHosted) return;
  const { applied, pending, failed, unknown } = await inspectMigrations(db).catch((error) => {
    // A user for the app alone may read Usher's tables and not this one.
    if ((error as { code?: unknown }).code === "42501")
      return { applied: 0, pending: [], failed: [], unknown: [] };
    throw error;
  });
  if (unknown.length > 0) {
    // As every replica that is not updated yet: it is not refused.
    log.warn({ migrations: unknown }, "the database is newer than this version of Usher");
  }
  // An empty database is told by its missing tables.
  if (applied === 0 || pending.length === 0) return;
  const count =
    pending.length === 1
      ? "1 migration of this version is"
      : `${pending.length} migrations of this version are`;
  const state =
    failed.length > 0
      ? `The migration ${failed[0]} did not go through.`
      : `${count} missing in the database.`;
  throw new TryLaterError(`${state} Run "npm run db:migrate".`, { retryAfterMs: 1000 });
}

/** For installations whose stdio servers predate STDIO_SERVERS. */
async function tellOfStdioServers(ctx: AppContext): Promise<void> {
  const { unset } = ctx.env.stdio;
  if (!unset || !ctx.env.selfHosted) return;
  const names = await stdioServerNames(ctx.db);
  if (names.length === 0) return;
  ctx.log.warn(
    { servers: names },
    "These MCP servers use stdio and cannot be started, because STDIO_SERVERS is not set. Set it to sandbox (bubblewrap, or STDIO_USER), to trusted where their programs may read everything that Usher can, or to off to leave them off.",
  );
}

async function checkKey(ctx: AppContext): Promise<void> {
  const box = await stored(ctx);
  const check = checkCanary(ctx.keyring, box);
  if (!check.ok) throw new ConfigurationError([check.problem]);
}

async function stored(ctx: AppContext): Promise<string> {
  const found = await findCanary(ctx.db, CANARY_ID);
  if (found) return found;
  const box = makeCanary(ctx.keyring);
  await insertCanaryOnce(ctx.db, CANARY_ID, box);
  return (await findCanary(ctx.db, CANARY_ID)) ?? box;
}
