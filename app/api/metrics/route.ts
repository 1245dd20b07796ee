import { NotFoundError, NotSignedInError } from "@/lib/errors";
import { errorResponse } from "@/lib/http/error-response";
import { handlePublic, isBearer } from "@/lib/http/handle";

/** For Prometheus. Without METRICS_TOKEN this route does not exist. */
export const GET = handlePublic(
  async ({ app, request }) => {
    const { metricsToken } = app.env;
    const exposition = app.telemetry.on?.exposition ?? null;
    if (metricsToken === null || exposition === null) {
      throw new NotFoundError("There are no metrics here: METRICS_TOKEN is not set.");
    }
    if (!isBearer(request, metricsToken)) {
      const refusal = new NotSignedInError("This needs the METRICS_TOKEN as a bearer token.");
      return errorResponse(refusal, app.log, { "www-authenticate": "Bearer" });
    }
    const { contentType, text } = await exposition();
    return new Response(text, {
      headers: { "content-type": contentType, "cache-control": "no-store" },
    });
  },
  { answersBeforeStart: true },
);
