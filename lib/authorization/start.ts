import { grantedFor } from "@/lib/contracts/servers/kinds";
import { asksPeople } from "@/lib/contracts/servers/oauth-client";
import { oauthSettings } from "@/lib/contracts/servers/oauth-settings";
import { readSettings } from "@/lib/contracts/servers/settings";
import { AuthorizationFailedError } from "@/lib/errors";
import type { Actor } from "@/lib/session/session-user";
import { exchangeNow } from "@/lib/tokens/refresh-now";
import type { RefreshContext } from "@/lib/tokens/refresh-outcome";
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
 * Authorizes a server by its grant type. Where an organization's sign-in gives access, a consent is a person's own
 * account instead, if the server lets them.
 * @returns where the person goes on; null: nobody had to be asked, and it is done
 * @throws AuthorizationFailedError | NotFoundError | ForbiddenError
 */
export async function startAuthorization(
  ctx: AuthorizationContext & RefreshContext,
  user: Actor,
  asked: AskedAuthorization & { serverId: string },
  askTool: AskAccountTool,
): Promise<BegunAuthorization | null> {
  const server = await serverFor(ctx, user, asked.serverId);
  const { grantType, settings } = server.oauthClient;
  if (asksPeople({ grantType, ...readSettings(oauthSettings, settings) })) {
    return beginAuthorization(ctx, user, server, asked);
  }
  if (grantedFor(grantType) === "client") {
    await authorizeAsClient(ctx, user, server, asked, askTool);
    return null;
  }
  const outcome = await exchangeNow(ctx, { serverId: server.id, ownerKey: user.id });
  if (outcome.outcome === "refreshed") return null;
  const { returnTo } = asked;
  throw new AuthorizationFailedError("provider_error", outcome.reason, { returnTo });
}
