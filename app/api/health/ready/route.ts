import { handlePublic } from "@/lib/http/handle";
import { readinessResponse } from "@/lib/http/readiness";

/** Whether requests may be sent here. */
export const GET = handlePublic(({ app, request }) => readinessResponse(app, request), {
  answersBeforeStart: true,
});
