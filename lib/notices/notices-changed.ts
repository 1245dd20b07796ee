import type { Database } from "@/lib/db/client";
import type { Log } from "@/lib/log";
import { type NoticeContext, reconcileNotices } from "./reconcile-notices";

/** Which of them: one server's, or all and the installation's. */
type Change = { serverId: string } | "any";

export type CompareContext = NoticeContext & { log: Log };

type ChangeContext = CompareContext & { afterResponse: (work: () => Promise<void>) => void };

interface Waiting {
  any: boolean;
  serverIds: Set<string>;
  running: Promise<void> | null;
}

/** One for each pool. */
const underWay = new WeakMap<Database, Waiting>();

/** In ms, for one statement. */
const statementMs = 15_000;

/** Something changed that may open or close a notice. They are compared after the response. */
export function noticesChanged(ctx: ChangeContext, change: Change): void {
  ctx.afterResponse(() => compareNotices(ctx, change));
}

/**
 * The same immediately, for changes outside a request. One comparison at a time, so many changes use one connection.
 * Never rejects: failures are left to the next sweep.
 */
export function compareNotices(ctx: CompareContext, change: Change): Promise<void> {
  const waiting = underWay.get(ctx.db) ?? { any: false, serverIds: new Set(), running: null };
  underWay.set(ctx.db, waiting);
  if (change === "any") waiting.any = true;
  else waiting.serverIds.add(change.serverId);
  waiting.running ??= compare(ctx, waiting);
  return waiting.running;
}

async function compare(ctx: CompareContext, waiting: Waiting): Promise<void> {
  while (waiting.any || waiting.serverIds.size > 0) {
    const serverIds = waiting.any ? null : [...waiting.serverIds];
    waiting.any = false;
    waiting.serverIds.clear();
    try {
      await ctx.db.$within(statementMs, () => reconcileNotices(ctx, serverIds));
    } catch (error) {
      ctx.log.warn({ err: error }, "notices are not up to date; the next sweep compares them");
    }
  }
  // Not in a later microtask: what changes before it would wait for the sweep.
  waiting.running = null;
}
