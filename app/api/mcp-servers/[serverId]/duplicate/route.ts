import { insertAuditEvent } from "@/lib/db/audit-event";
import { handle } from "@/lib/http/handle";
import { duplicateServer } from "@/lib/servers/duplicate";
import { serverDetail } from "@/lib/tokens/server-detail";

type Params = { serverId: string };

/** Adds a server with the same settings and secrets. Accounts and assistants are not copied. */
export const POST = handle<Params>("servers.manage", async ({ app, user, params, ipAddress }) => {
  const copy = await duplicateServer(app, params.serverId);
  await insertAuditEvent(app.db, {
    ...{ action: "server.create", serverId: copy.id, serverName: copy.name },
    ...{ actorId: user.id, actorEmail: user.email, ipAddress },
    details: { copyOf: params.serverId },
  });
  return Response.json(await serverDetail(app, copy.id, user.id), { status: 201 });
});
