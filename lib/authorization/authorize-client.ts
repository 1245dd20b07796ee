import type { AuthorizationRequestRow } from "@/lib/db/authorization-request";
import { findMcpServer } from "@/lib/db/mcp-server";
import { findTokenSet } from "@/lib/db/stored-token-set";
import { AuthorizationFailedError, ProviderError, UnreachableError } from "@/lib/errors";
import { observed } from "@/lib/oauth/client";
import { scopeToAsk } from "@/lib/oauth/scope";
import { requestClientCredentials } from "@/lib/oauth/token-endpoint";
import { openAskingClient, resourceOf } from "@/lib/servers/oauth-client";
import type { Actor } from "@/lib/session/session-user";
import { type ConsentFor, closedRequest, flowLifetimeMs } from "./begin";
import type { AuthorizationContext, OAuthServer } from "./context";
import type { AskAccountTool } from "./learn-account";
import { cancelled, type GrantedTokens, takeGrant, untilKept } from "./take-grant";

/**
 * Connects a server by client credentials: Usher requests tokens as the client, and no one is sent anywhere.
 * Otherwise it is an authorization like any other, so links to it, its flow and its audit event are the same.
 *
 * @param server by `serverFor`
 * @throws AuthorizationFailedError with `returnTo`; nothing is stored
 */
export async function authorizeAsClient(
  world: AuthorizationContext,
  user: Actor,
  server: OAuthServer,
  { requestId = null, returnTo, ownerKey }: ConsentFor,
  askTool: AskAccountTool,
): Promise<void> {
  const { ctx, steps } = observed(world);
  const owner = { serverId: server.id, ownerKey };
  const request = await closedRequest(ctx, user, server, {
    ...{
      requestId,
      returnTo,
      ownerKey,
      issuer: server.oauthClient.issuer,
      resource: resourceOf(server),
    },
    scope: scopeToAsk(server.oauthClient.scope, await findTokenSet(ctx.db, owner)),
    expiresAt: new Date(ctx.now().getTime() + flowLifetimeMs),
  });
  // From here on, an edit that the tokens would not survive ends the request. One just before it is detected here.
  const stored = await findMcpServer(ctx.db, server.id);
  if (stored?.version !== server.version) throw cancelled(returnTo);
  const record = (outcome: "succeeded" | "failed", reason: string | null) =>
    ctx.flows.record({
      ...{ flowId: request.id, ...owner, kind: "AUTHORIZATION", trigger: "person" },
      ...{ actorId: user.id, outcome, reason, steps: steps.read() },
    });
  await untilKept(ctx, request, async (onAway) => {
    try {
      await takeGrant(ctx, user, { request, server, askTool, onAway }, () =>
        askAsClient(ctx, server, request),
      );
      record("succeeded", null);
    } catch (error) {
      if (error instanceof AuthorizationFailedError) record("failed", error.userMessage);
      throw error;
    }
  });
}

async function askAsClient(
  ctx: AuthorizationContext,
  server: OAuthServer,
  { scope, resource, returnTo }: AuthorizationRequestRow,
): Promise<GrantedTokens> {
  const { grantType } = server.oauthClient;
  const client = await openAskingClient(ctx, server.oauthClient);
  try {
    const answer = await requestClientCredentials({ client, scope, resource }, ctx);
    return { ...answer, grantType, scope: answer.scope ?? scope };
  } catch (error) {
    if (!(error instanceof ProviderError || error instanceof UnreachableError)) throw error;
    ctx.log.warn({ err: error, serverId: server.id }, "client credentials got no token");
    const told = { cause: error, returnTo };
    throw new AuthorizationFailedError("provider_error", error.userMessage, told);
  }
}
