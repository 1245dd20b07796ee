import { mcpServerInput } from "@/lib/contracts/servers/mcp-server";
import { by } from "@/lib/db/audit-event";
import { listMcpServers } from "@/lib/db/lists/mcp-servers";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { noticesChanged } from "@/lib/notices/notices-changed";
import { createServer } from "@/lib/servers/save";
import { viewSummary } from "@/lib/servers/view";
import { viewConnectionSummary } from "@/lib/tokens/connection-view";
import { serverDetail } from "@/lib/tokens/server-detail";

export const GET = handle("servers.manage", async ({ app, user }) => {
  const rows = await listMcpServers(app.db, user.id);
  const now = app.now();
  return {
    servers: rows.map((row) => viewSummary(row, viewConnectionSummary(row, user.id, now))),
  };
});

export const POST = handle("servers.manage", async ({ app, user, request, ipAddress }) => {
  const input = await readJson(request, mcpServerInput);
  const id = await createServer(app, input, { by: by({ ...user, ipAddress }) });
  noticesChanged(app, { serverId: id });
  return Response.json(await serverDetail(app, id, user.id), { status: 201 });
});
