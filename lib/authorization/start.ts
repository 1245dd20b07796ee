import { needsConsent } from "@/lib/contracts/servers/kinds";
import type { Actor } from "@/lib/session/session-user";
import { authorizeAsClient } from "./authorize-client";
import {
  type AskedAuthorization,
  type BegunAuthorization,
  beginAuthorization,
  serverFor,
} from "./begin";
import type { AuthorizationContext } from "./context";
import type { AskAccountTool } from "./learn-account";

/**
 * Authorizes a server by its grant type.
 * @returns where the person goes on; null: nobody had to be asked, and it is done
 * @throws AuthorizationFailedError | NotFoundError | ForbiddenError
 */
export async function startAuthorization(
  ctx: AuthorizationContext,
  user: Actor,
  asked: AskedAuthorization & { serverId: string },
  askTool: AskAccountTool,
): Promise<BegunAuthorization | null> {
  const server = await serverFor(ctx, user, asked.serverId);
  if (needsConsent(server.oauthClient.grantType)) {
    return beginAuthorization(ctx, user, server, asked);
  }
  await authorizeAsClient(ctx, user, server, asked, askTool);
  return null;
}
