import { renewCatalogue } from "@/lib/calls/renew-catalogue";
import { findCatalogue } from "@/lib/db/tool-catalogue";
import { handle } from "@/lib/http/handle";
import { viewToolChoices } from "@/lib/servers/view";
import { serverDetail } from "@/lib/tokens/server-detail";

export const maxDuration = 60;

/** As last read, to choose from; empty if they have not been read yet. */
export const GET = handle<{ serverId: string }>("assistants.manage", async ({ app, params }) => ({
  tools: viewToolChoices(await findCatalogue(app.db, params.serverId)),
}));

/** Has the tools read again if due. Responds once they have been read, or once that failed. */
export const POST = handle<{ serverId: string }>("servers.test", async ({ app, user, params }) => {
  await renewCatalogue(app, params.serverId, user.id);
  return serverDetail(app, params.serverId, user.id);
});
