import type { Database } from "@/lib/db/client";
import type { Log } from "@/lib/log";
import { type NoticeContext, reconcileNotices } from "./reconcile-notices";

/** What of them: one server, or all and the installation. */
type Change = { serverId: string } | "any";

type ChangeContext = NoticeContext & {
  log: Log;
  afterResponse: (work: () => Promise<void>) => void;
};

interface Waiting {
  any: boolean;
  serverIds: Set<string>;
  running: Promise<void> | null;
}

/** One for each pool. */
const underWay = new WeakMap<Database, Waiting>();

/** In ms, of one statement. */
const statementMs = 15_000;

/**
 * Something changed that may open or close a notice. They are compared after the answer, one comparison at a time, so
 * that many changes take one connection. What fails is left to the next sweep.
 */
export function noticesChanged(ctx: ChangeContext, change: Change): void {
  const waiting = underWay.get(ctx.db) ?? { any: false, serverIds: new Set(), running: null };
  underWay.set(ctx.db, waiting);
  ctx.afterResponse(() => {
    if (change === "any") waiting.any = true;
    else waiting.serverIds.add(change.serverId);
    waiting.running ??= compare(ctx, waiting).finally(() => {
      waiting.running = null;
    });
    return waiting.running;
  });
}

async function compare(ctx: ChangeContext, waiting: Waiting): Promise<void> {
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
}
