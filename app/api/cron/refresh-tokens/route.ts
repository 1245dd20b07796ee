import { createHash, timingSafeEqual } from "node:crypto";
import { NotSignedInError } from "@/lib/errors";
import { errorResponse } from "@/lib/http/error-response";
import { handlePublic } from "@/lib/http/handle";
import { deleteOutlived, runRefreshSweep, sweepConcurrency } from "@/lib/tokens/refresh-sweep";

/** The platform's limit for one invocation, in seconds. */
export const maxDuration = 60;

export const GET = handlePublic(async ({ app, request }) => {
  const expected = app.env.cronSecret;
  const given = request.headers.get("authorization") ?? "";
  if (expected === null || !constantTimeEqual(given, `Bearer ${expected}`)) {
    const refusal = new NotSignedInError("This needs the CRON_SECRET as a bearer token.");
    return errorResponse(refusal, app.log, { "www-authenticate": "Bearer" });
  }
  const result = await runRefreshSweep(app, {
    trigger: "cron",
    claimForMs: (maxDuration - 25) * 1000,
    concurrency: sweepConcurrency,
  });
  await deleteOutlived(app);
  return result;
});

/** Hashed first, so that not even the length can be measured. */
function constantTimeEqual(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
