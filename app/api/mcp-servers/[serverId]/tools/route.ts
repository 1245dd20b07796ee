import { renewCatalogue } from "@/lib/calls/renew-catalogue";
import { handle } from "@/lib/http/handle";
import { serverDetail } from "@/lib/tokens/connection-view";

export const maxDuration = 60;

/** Has the tools read again where that is due. The answer comes when they are, or when that failed. */
export const POST = handle<{ serverId: string }>("servers.test", async ({ app, user, params }) => {
  await renewCatalogue(app, params.serverId, user.id);
  return serverDetail(app, params.serverId, user.id);
});
