import { deleteServer } from "@/lib/authorization/revoke";
import { renewCatalogue } from "@/lib/calls/renew-catalogue";
import { mcpServerInput } from "@/lib/contracts/servers/mcp-server";
import { by } from "@/lib/db/audit-event";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { noticesChanged } from "@/lib/notices/notices-changed";
import { updateServer } from "@/lib/servers/save";
import { serverDetail } from "@/lib/tokens/server-detail";

type Params = { serverId: string };

export const GET = handle<Params>("servers.manage", ({ app, user, params }) =>
  serverDetail(app, params.serverId, user.id),
);

export const PUT = handle<Params>("servers.manage", async (handled) => {
  const { app, user, params, request, ipAddress } = handled;
  const input = await readJson(request, mcpServerInput);
  await updateServer(app, params.serverId, input, by({ ...user, ipAddress }));
  app.afterResponse(() => renewCatalogue(app, params.serverId, user.id));
  noticesChanged(app, params);
  return serverDetail(app, params.serverId, user.id);
});

export const DELETE = handle<Params>("servers.manage", async ({ app, user, params }) => {
  const { name } = await serverDetail(app, params.serverId, user.id);
  await deleteServer(app, user, params.serverId, name);
  app.afterResponse(() => app.stdio.forget(params.serverId));
  noticesChanged(app, params);
});
