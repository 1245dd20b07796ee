import { needsConsent } from "@/lib/contracts/servers/kinds";
import type { Actor } from "@/lib/session/session-user";
import { authorizeAsClient } from "./authorize-client";
import {
  type AskedAuthorization,
  type BegunAuthorization,
  beginAuthorization,
  serverFor,
} from "./begin";
import type { CompletedAuthorization } from "./complete";
import type { AuthorizationContext } from "./context";
import type { AskAccountTool } from "./learn-account";

/** Either the person goes on at the provider, or there is nobody to ask and it is done. */
export type StartedAuthorization =
  | { begun: BegunAuthorization }
  | { completed: Omit<CompletedAuthorization, "browserCookie"> };

/** Authorizes a server by its grant type. @throws AuthorizationFailedError | NotFoundError | ForbiddenError */
export async function startAuthorization(
  ctx: AuthorizationContext,
  user: Actor,
  asked: AskedAuthorization,
  askTool: AskAccountTool,
): Promise<StartedAuthorization> {
  const { oauthClient } = await serverFor(ctx, user, asked.serverId);
  return needsConsent(oauthClient.grantType)
    ? { begun: await beginAuthorization(ctx, user, asked) }
    : { completed: await authorizeAsClient(ctx, user, asked, askTool) };
}
