import { testServerOnce } from "@/lib/calls/test-server";
import { handle } from "@/lib/http/handle";
import { jsonLines } from "@/lib/http/responses";

export const maxDuration = 60;

/** The steps as they happen, one JSON object per line. */
export const POST = handle<{ serverId: string }>("servers.test", async ({ app, user, params }) =>
  jsonLines(testServerOnce(app, params.serverId, user.id)),
);
