import { saveOwnKey } from "@/lib/authorization/save-personal-key";
import { nameKeyOwner } from "@/lib/calls/account-tool";
import { renewCatalogue } from "@/lib/calls/renew-catalogue";
import { personalKeyInput } from "@/lib/contracts/connections/connection";
import { NotFoundError } from "@/lib/errors";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { findConnection } from "@/lib/tokens/own-connections";

/** Stores the person's own key. No route returns one; `/oauth/revoke` deletes it. */
export const PUT = handle<{ serverId: string }>("connections.authorize-own", async (handled) => {
  const { app, user, params, request } = handled;
  const { serverId } = params;
  await saveOwnKey(app, user, serverId, await readJson(request, personalKeyInput));
  app.afterResponse(async () => {
    await renewCatalogue(app, serverId, user.id);
    await nameKeyOwner(app, serverId, user.id);
  });
  const connection = await findConnection(app, user, serverId);
  if (!connection) throw new NotFoundError("This MCP server was deleted.");
  return connection;
});
