import { type AppContext, app } from "@/lib/app";
import { boot } from "@/lib/boot";
import { ConfigurationError } from "@/lib/errors";
import { endInOrder } from "@/lib/shutdown";
import { startSweepTimer } from "@/lib/tokens/refresh-sweep";

/** In ms after the start. */
const warmUpAfterMs = 2000;

/** What neither the first answer of a new process nor its first tool call should wait for. */
function warmUp(ctx: AppContext): void {
  void import("@/lib/mcp/client/kept-client");
  void import("@/lib/net/dispatcher");
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
    endInOrder(ctx, startSweepTimer(ctx));
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`\n${error.message}\n\n`);
    process.exit(1);
  }
}
