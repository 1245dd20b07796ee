import { mayDisconnect } from "@/lib/authorization/may-disconnect";
import { revoke } from "@/lib/authorization/revoke";
import { revokeInput } from "@/lib/contracts/connections/connection";
import { NotFoundError } from "@/lib/errors";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { noticesChanged } from "@/lib/notices/notices-changed";
import { checkPermission } from "@/lib/session/caller";

const permissionFor = {
  mine: "connections.revoke-own",
  server: "connections.revoke-server",
} as const;

export const POST = handle<{ serverId: string }>("connections.use", async (handled) => {
  const { app, user, params, request } = handled;
  const { what } = await readJson(request, revokeInput);
  checkPermission(user, permissionFor[what], request.method);
  if (what === "mine" && !(await mayDisconnect(app.db, user, params.serverId))) {
    throw new NotFoundError("This MCP server was deleted, and its tokens with it.");
  }
  const ownerKey = what === "mine" ? { ownerKey: user.id } : {};
  const result = await revoke(app, user, { serverId: params.serverId, ...ownerKey });
  noticesChanged(app, params);
  return result;
});
