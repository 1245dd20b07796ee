import { by } from "@/lib/db/audit-event";
import { handle } from "@/lib/http/handle";
import { duplicateServer } from "@/lib/servers/duplicate";
import { serverDetail } from "@/lib/tokens/server-detail";

type Params = { serverId: string };

/** Adds a server with the same settings and secrets. Accounts and assistants are not copied. */
export const POST = handle<Params>("servers.manage", async ({ app, user, params, ipAddress }) => {
  const copy = await duplicateServer(app, params.serverId, by({ ...user, ipAddress }));
  return Response.json(await serverDetail(app, copy.id, user.id), { status: 201 });
});
