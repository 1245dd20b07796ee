import { app } from "@/lib/app";
import { boot } from "@/lib/boot";
import { ConfigurationError } from "@/lib/errors";
import { startSweepTimer } from "@/lib/tokens/sweep-timer";

/** A bad configuration stops the start, with the names of the variables. */
export async function start(): Promise<void> {
  try {
    const ctx = app();
    await boot(ctx);
    if (!ctx.env.selfHosted) return;
    startSweepTimer(ctx);
    // Next ends the process itself; the programs of stdio servers are told before.
    process.once("SIGTERM", () => void ctx.mcp.close());
    process.once("SIGINT", () => void ctx.mcp.close());
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`\n${error.message}\n\n`);
    process.exit(1);
  }
}
