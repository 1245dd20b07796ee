import { after } from "next/server";
import type { AppContext } from "@/lib/app/context";

/**
 * Next bundles instrumentation, pages and routes separately; they meet in the process. Only instrumentation creates
 * the context, so that no other bundle holds the code for it.
 */
const place: { usherApp?: AppContext } = globalThis as { usherApp?: AppContext };

/** This process's single context. Next runs instrumentation before it answers any request. */
export function app(): AppContext {
  if (!place.usherApp) throw new Error("Usher has no context yet: instrumentation has not run.");
  return place.usherApp;
}

/** For instrumentation, and for tests, which run many installations in one process. */
export function installApp(context: AppContext): void {
  place.usherApp = context;
}

/** Writes queued records before a process may be frozen or end. Never throws. */
export async function flushRecords(ctx: Pick<AppContext, "flows" | "toolCalls">): Promise<void> {
  await Promise.all([ctx.flows.flush(), ctx.toolCalls.flush()]);
}

/** Keeps the platform from freezing this process until the work is done and its records are written. */
export function keepAwake(ctx: Pick<AppContext, "flows" | "toolCalls">) {
  return (work: Promise<void>): void => after(work.then(() => flushRecords(ctx)));
}

/** Flushes records after the response, or at once if the platform suspends the process then. */
export function writeRecords(ctx: AppContext): void {
  const { flows, toolCalls, webhooks, mail } = ctx;
  const queues = [webhooks, mail].filter((queue) => queue?.isAwake());
  if (flows.isEmpty() && toolCalls.isEmpty() && queues.length === 0) return;
  ctx.afterResponse(async () => {
    await flushRecords(ctx);
    await Promise.all(queues.map((queue) => queue?.deliverDue()));
  });
}
