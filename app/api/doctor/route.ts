import { runDoctor } from "@/lib/doctor/doctor";
import { doctorRun } from "@/lib/doctor/run";
import { handle } from "@/lib/http/handle";
import { jsonLines } from "@/lib/http/responses";
import { doctorRunsPerUser, enforceRateLimit } from "@/lib/session/rate-limit";

export const maxDuration = 60;

/**
 * Checks the installation: one result per line, as they arrive. A GET, so that it also works if PUBLIC_URL is
 * wrong, where changes are refused.
 */
export const GET = handle("settings.view", async ({ app, user, request: { headers } }) => {
  await enforceRateLimit(app, doctorRunsPerUser, user.id);
  return jsonLines(runDoctor(doctorRun(app, { requestHeaders: headers })));
});
