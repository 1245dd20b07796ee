import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { AppContext } from "@/lib/app/context";
import { flushRecords } from "@/lib/app/current";
import { type OpenRequests, watchOpenRequests } from "@/lib/http/open-requests";
import { patiently } from "@/lib/work-under-way";

/** Token requests end within 20 s and are then saved; a restarting database needs longer. */
const savingMs = 40_000;
/** For closing MCP sessions and programs, and for writing the last records. */
const closingMs = 5_000;
/** How long load balancers may take to notice, if any poll: two polls of ten seconds. */
const noticeMs = 25_000;
/** What a load balancer sent before it read our answer arrives within this time. */
const onTheWayMs = 500;

/** SIGHUP comes from a terminal that is closed. Node ends by it even under `nohup`. */
const signals = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/**
 * Ends the process in order on these signals: no sweep starts, polling load balancers are told, and once they
 * know, arriving turns are refused. Turns that arrived before continue for `SHUTDOWN_SECONDS` and are then interrupted,
 * and what was sent to a provider is waited for and saved. Then the previous listener, which is Next, stops serving.
 * Its exit is held back until everything is done, because a response may still start a refresh.
 *
 * @param stopTimers so that nothing starts automatically any more
 */
export function endInOrder(ctx: AppContext, stopTimers: () => void): void {
  let ending = false;
  const requests = watchOpenRequests();
  const others = process.listeners("SIGTERM");
  for (const signal of signals) {
    process.removeAllListeners(signal);
    // Stays registered: a second signal, such as one to the process group, must not cut the shutdown short.
    process.on(signal, () => {
      if (ending) return;
      ending = true;
      stopTimers();
      void end(ctx, signal, others, requests);
    });
  }
}

async function end(
  ctx: AppContext,
  signal: (typeof signals)[number],
  others: NodeJS.SignalsListener[],
  requests: OpenRequests,
): Promise<void> {
  const { shutdownMs } = ctx.env;
  ctx.log.info({ seconds: shutdownMs / 1000 }, "stopping: work under way is finished first");
  ctx.stop();
  const deadline = performance.now() + shutdownMs;
  await patiently(lastArrived(ctx, requests), Math.min(noticeMs, shutdownMs), leftBehind);
  ctx.turns.refuseNew();
  await patiently(ctx.turns.settled(), Math.max(deadline - performance.now(), 0), leftBehind);
  ctx.turns.interruptAll();
  const saved = Promise.all([ctx.turns.settled(), ctx.underWay.settled()]);
  await patiently(saved, savingMs, leftBehind);

  const exit = process.exit.bind(process);
  const served = new Promise<void>((resolve) => {
    process.exit = (() => resolve()) as () => never;
    if (others.length === 0) resolve();
  });
  for (const listener of others) listener.call(process, signal);
  await patiently(served, Math.max(deadline - performance.now(), closingMs), leftBehind);
  await patiently(ctx.underWay.settled(), savingMs, leftBehind);
  const closed = Promise.all([ctx.mcp.close(), flushRecords(ctx), ctx.telemetry.on?.stop()]);
  await patiently(closed, closingMs, leftBehind);
  if (signal === "SIGHUP") {
    // Node's own exit resets the terminal, which is gone, and would abort.
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  } else exit(128 + constants.signals[signal]);
}

/** Resolves when no one sends a turn here any more and each one that was sent has started. */
async function lastArrived(ctx: AppContext, requests: OpenRequests): Promise<void> {
  const wasAsked = await ctx.probes.allKnow(() => ctx.now().getTime());
  if (wasAsked) await sleep(onTheWayMs);
  await requests.answered();
}

/** Work that does not end in time must not block the exit. */
function leftBehind(): undefined {}
