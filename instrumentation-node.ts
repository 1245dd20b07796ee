import { setTimeout as sleep } from "node:timers/promises";
import { createApp } from "@/lib/app";
import type { AppContext } from "@/lib/app/context";
import { app, installApp } from "@/lib/app/current";
import { boot } from "@/lib/boot";
import { exportNextAuthVariables, readEnv } from "@/lib/env";
import { ConfigurationError, TryLaterError } from "@/lib/errors";
import { outliveOutput } from "@/lib/log";
import { endInOrder } from "@/lib/shutdown";
import { startSweepTimer } from "@/lib/tokens/sweep-timer";

/** In ms after the start. */
const warmUpAfterMs = 2000;
/** In ms: how often a start that waits says so. */
const sayEveryMs = 30_000;

/** What neither the first answer of a new process nor its first tool call should wait for. */
function warmUp(ctx: AppContext): void {
  void import("@/lib/mcp/client/kept-client");
  void import("@/lib/net/dispatcher");
  // Whoever needs it and finds no database says so.
  ctx.db.$connect().catch(() => {});
}

/**
 * A bad configuration stops the start, with the names of the variables. A database that is not there yet
 * does not: the process lives, is not ready, and goes on once the database answers. If it ended, whatever
 * restarts it would do so in a loop.
 */
export async function start(): Promise<void> {
  outliveOutput();
  try {
    const env = readEnv();
    exportNextAuthVariables(env);
    const ctx = createApp(env);
    installApp(ctx);
    let stopTimers = () => {};
    if (env.selfHosted) endInOrder(ctx, () => stopTimers());
    const begin = () => {
      if (!env.selfHosted || ctx.stopping.aborted) return;
      setTimeout(() => warmUp(ctx), warmUpAfterMs).unref();
      stopTimers = startSweepTimer(ctx);
    };
    if (await boots(ctx)) begin();
    else void untilBooted(ctx).then(begin, endForGood);
  } catch (error) {
    endForGood(error);
  }
}

/** False: not yet. */
async function boots(ctx: AppContext): Promise<boolean> {
  try {
    await boot(ctx);
    return true;
  } catch (error) {
    if (!(error instanceof TryLaterError)) throw error;
    ctx.startup.waitsFor = error.userMessage;
    return false;
  }
}

async function untilBooted(ctx: AppContext): Promise<void> {
  let saidAt = Number.NEGATIVE_INFINITY;
  do {
    if (performance.now() - saidAt > sayEveryMs) {
      ctx.log.warn(`Waiting to start: ${ctx.startup.waitsFor}`);
      saidAt = performance.now();
    }
    await sleep(1000);
  } while (!ctx.stopping.aborted && !(await boots(ctx)));
  if (!ctx.stopping.aborted) ctx.log.info("Started: the database answers");
}

function endForGood(error: unknown): void {
  if (!(error instanceof ConfigurationError)) throw error;
  process.stderr.write(`\n${error.message}\n\n`);
  process.exit(1);
}

export function tellOfPageError(error: unknown, request: { method: string; route: string }): void {
  const digest = (error as { digest?: unknown }).digest;
  app().log.error({ err: error, ...request, digest }, "a page could not be shown");
}
