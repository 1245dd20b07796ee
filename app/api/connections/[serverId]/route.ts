import { NotFoundError } from "@/lib/errors";
import { handle } from "@/lib/http/handle";
import { authorizePermission, permits } from "@/lib/session/permissions";
import { findConnection } from "@/lib/tokens/own-connections";

export const GET = handle<{ serverId: string }>("connections.view", async (handled) => {
  const { app, user, params } = handled;
  const connection = await findConnection(app, user, params.serverId);
  if (!connection) throw new NotFoundError("This server was deleted or no longer uses OAuth 2.0.");
  return {
    ...connection,
    mayAuthorize: permits(user.role, authorizePermission(connection.tokenSharing)),
  };
});
