import { revoke } from "@/lib/authorization/revoke";
import { revokeInput } from "@/lib/contracts/connections/connection";
import { ForbiddenError } from "@/lib/errors";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { permits } from "@/lib/session/permissions";

export const POST = handle<{ serverId: string }>("connections.revoke-own", async (handled) => {
  const { app, user, params, request } = handled;
  const { what } = await readJson(request, revokeInput);
  if (what === "server" && !permits(user.role, "connections.revoke-server")) {
    throw new ForbiddenError("Only an admin can revoke a server for everybody.");
  }
  const ownerKey = what === "mine" ? { ownerKey: user.id } : {};
  return revoke(app, user, { serverId: params.serverId, ...ownerKey });
});
