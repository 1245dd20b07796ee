import { NotSignedInError } from "@/lib/errors";
import { errorResponse } from "@/lib/http/error-response";
import { handlePublic, isBearer } from "@/lib/http/handle";
import { deleteOutlived, runRefreshSweep, sweepConcurrency } from "@/lib/tokens/refresh-sweep";

/** The platform's limit for one invocation, in seconds. */
export const maxDuration = 60;

export const GET = handlePublic(async ({ app, request }) => {
  const expected = app.env.cronSecret;
  if (expected === null || !isBearer(request, expected)) {
    const refusal = new NotSignedInError("This needs the CRON_SECRET as a bearer token.");
    return errorResponse(refusal, app.log, { "www-authenticate": "Bearer" });
  }
  const result = await runRefreshSweep(app, {
    trigger: "cron",
    claimForMs: (maxDuration - 25) * 1000,
    concurrency: sweepConcurrency,
  });
  // What the sweep published and queued goes with it.
  await Promise.all([app.webhooks.deliverDue(), app.mail?.deliverDue()]);
  await deleteOutlived(app);
  return result;
});
