import { ownedBy } from "@/lib/authorization/own-account";
import { revoke } from "@/lib/authorization/revoke";
import { sharedOwnerKey } from "@/lib/contracts/connections/account";
import { revokeInput } from "@/lib/contracts/connections/connection";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { noticesChanged } from "@/lib/notices/notices-changed";
import { checkPermission } from "@/lib/session/caller";

const permissionFor = {
  mine: "connections.revoke-own",
  team: "connections.revoke-server",
  server: "connections.revoke-server",
} as const;

export const POST = handle<{ serverId: string }>("connections.use", async (handled) => {
  const { app, user, params, request } = handled;
  const { what, account = null } = await readJson(request, revokeInput);
  checkPermission(user, permissionFor[what], request.method);
  const { serverId } = params;
  const owner = {
    mine: async () => ownedBy(app.db, user, serverId, account),
    team: async () => ({ ownerKey: sharedOwnerKey }),
    server: async () => ({}),
  };
  const result = await revoke(app, user, { serverId, ...(await owner[what]()) });
  noticesChanged(app, params);
  return result;
});
