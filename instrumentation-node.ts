import { type AppContext, app, flushRecords } from "@/lib/app";
import { boot } from "@/lib/boot";
import { ConfigurationError } from "@/lib/errors";
import { startSweepTimer } from "@/lib/tokens/sweep-timer";

/** In ms after the start. */
const warmUpAfterMs = 2000;

/** What neither the first answer of a new process nor its first tool call should wait for. */
function warmUp(ctx: AppContext): void {
  void import("@/lib/mcp/kept-connections");
  void import("@/lib/net/guarded-dispatcher");
  // Whoever needs it and finds no database says so.
  ctx.db.$connect().catch(() => {});
}

/** A bad configuration stops the start, with the names of the variables. */
export async function start(): Promise<void> {
  try {
    const ctx = app();
    await boot(ctx);
    if (!ctx.env.selfHosted) return;
    setTimeout(() => warmUp(ctx), warmUpAfterMs).unref();
    startSweepTimer(ctx);
    // Next ends the process itself; the programs of stdio servers are told before, and what waits to
    // be written is.
    const end = () => void Promise.all([ctx.mcp.close(), flushRecords(ctx)]);
    process.once("SIGTERM", end);
    process.once("SIGINT", end);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`\n${error.message}\n\n`);
    process.exit(1);
  }
}
