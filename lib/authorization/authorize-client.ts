import { randomUUID } from "node:crypto";
import {
  type AuthorizationRequestRow,
  consumeAuthorizationRequest,
  findAuthorizationRequestById,
  insertAuthorizationRequest,
} from "@/lib/db/authorization-request";
import { findTokenSet } from "@/lib/db/stored-token-set";
import { AuthorizationFailedError, ProviderError, UnreachableError } from "@/lib/errors";
import { createPkce, hashSecret, randomSecret } from "@/lib/oauth/authorization-request";
import { observed } from "@/lib/oauth/client";
import { scopeToAsk } from "@/lib/oauth/scope";
import { requestClientCredentials } from "@/lib/oauth/token-endpoint";
import { openAskingClient, resourceOf } from "@/lib/servers/oauth-client";
import { ownerKeyOf } from "@/lib/servers/open-endpoint";
import type { Actor } from "@/lib/session/session-user";
import { seal } from "@/lib/vault/sealed-box";
import { type AskedAuthorization, flowLifetimeMs, serverFor, verifierPlace } from "./begin";
import { callbackUrl } from "./client-document";
import type { CompletedAuthorization } from "./complete";
import type { AuthorizationContext, OAuthServer } from "./context";
import type { AskAccountTool } from "./learn-account";
import { cancelled, type GrantedTokens, takeGrant, untilKept } from "./take-grant";

/**
 * Connects a server by client credentials: Usher asks for tokens as the client, and nobody is sent anywhere.
 * Otherwise it is an authorization like any other, so links to it, its flow and its audit event are the same.
 *
 * @throws AuthorizationFailedError with `returnTo`; nothing is stored
 */
export async function authorizeAsClient(
  world: AuthorizationContext,
  user: Actor,
  asked: AskedAuthorization,
  askTool: AskAccountTool | null = null,
): Promise<Omit<CompletedAuthorization, "browserCookie">> {
  const { ctx, steps } = observed(world);
  const before = await serverFor(ctx, user, asked.serverId);
  const request = await consumedRequest(ctx, user, before, asked);
  const { id: flowId, serverId, ownerKey, returnTo } = request;
  // From here on, an edit that the tokens would not survive ends the request. One just before it is seen here.
  const server = await serverFor(ctx, user, serverId);
  if (server.version !== before.version) throw cancelled(returnTo);
  const record = (outcome: "succeeded" | "failed", reason: string | null) =>
    ctx.flows.record({
      ...{ flowId, serverId, ownerKey, kind: "AUTHORIZATION", trigger: "person" },
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
  return { serverId, serverName: server.name, ownerKey, returnTo };
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

/** Nobody comes back with it: it is there for whoever polls a link, and ends where settings change meanwhile. */
async function consumedRequest(
  ctx: AuthorizationContext,
  user: Actor,
  server: OAuthServer,
  { requestId, returnTo }: AskedAuthorization,
): Promise<AuthorizationRequestRow> {
  const id = requestId ?? randomUUID();
  const owner = { serverId: server.id, ownerKey: ownerKeyOf(server, user.id) };
  const scope = scopeToAsk(server.oauthClient.scope, await findTokenSet(ctx.db, owner));
  await insertAuthorizationRequest(ctx.db, {
    id,
    stateHash: hashSecret(randomSecret()),
    browserHash: hashSecret(randomSecret()),
    codeVerifierSealed: seal(ctx.keyring, createPkce().codeVerifier, verifierPlace(id)),
    ...owner,
    userId: user.id,
    redirectUri: callbackUrl(ctx.env.publicUrl),
    ...{ scope, resource: resourceOf(server) },
    ...{ issuer: server.oauthClient.issuer, issParameterRequired: false, returnTo },
    expiresAt: new Date(ctx.now().getTime() + flowLifetimeMs),
  });
  await consumeAuthorizationRequest(ctx.db, id, ctx.now());
  const request = await findAuthorizationRequestById(ctx.db, id);
  if (request === null) throw cancelled(returnTo);
  return request;
}
