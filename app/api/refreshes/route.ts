import { handle } from "@/lib/http/handle";
import { refreshOverview } from "@/lib/tokens/refresh-overview";
import { runRefreshSweep, sweepConcurrency } from "@/lib/tokens/refresh-sweep";

export const maxDuration = 60;

export const GET = handle("refreshes.view", async ({ app }) => refreshOverview(app));

/** Runs the sweep by hand, for an admin who does not want to wait for the next one. */
export const POST = handle("settings.view", async ({ app }) => {
  await runRefreshSweep(app, {
    trigger: "manual",
    claimForMs: (maxDuration - 25) * 1000,
    concurrency: sweepConcurrency,
  });
  return refreshOverview(app);
});
