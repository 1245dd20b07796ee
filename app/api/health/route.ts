import { handlePublic } from "@/lib/http/handle";
import { readinessResponse } from "@/lib/http/readiness";

/** The same as /api/health/ready. */
export const GET = handlePublic(({ app, request }) => readinessResponse(app, request), {
  answersBeforeStart: true,
});
