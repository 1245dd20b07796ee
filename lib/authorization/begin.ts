import { randomUUID } from "node:crypto";
import { mayUseServer } from "@/lib/access/read-access";
import { sharedOwnerKey, teamAccount } from "@/lib/contracts/connections/account";
import { accountPromptOf, withAccountPrompt } from "@/lib/contracts/servers/provider-presets";
import { by, insertAuditEvent } from "@/lib/db/audit-event";
import {
  type AuthorizationRequestRow,
  insertAuthorizationRequest,
  insertConsumedRequest,
  saveAuthorizationFailure,
} from "@/lib/db/authorization-request";
import { findMcpServer } from "@/lib/db/mcp-server";
import { findTokenSet } from "@/lib/db/stored-token-set";
import { AuthorizationFailedError, ForbiddenError, NotFoundError } from "@/lib/errors";
import {
  buildAuthorizationUrl,
  createPkce,
  hashSecret,
  randomSecret,
} from "@/lib/oauth/authorization-request";
import { observed } from "@/lib/oauth/client";
import { recordNavigation } from "@/lib/oauth/recorded-exchange";
import { scopeToAsk } from "@/lib/oauth/scope";
import { openOAuthClient, resourceOf } from "@/lib/servers/oauth-client";
import { hasAccount } from "@/lib/servers/open-endpoint";
import { authorizePermission, permits } from "@/lib/session/permissions";
import type { Actor } from "@/lib/session/session-user";
import { seal } from "@/lib/vault/sealed-box";
import { callbackUrl } from "./client-document";
import type { AuthorizationContext, OAuthServer } from "./context";
import { type ReadyClient, readyClient } from "./ready-client";

/** How long a person has on the provider's pages. */
export const flowLifetimeMs = 10 * 60_000;

export interface BegunAuthorization {
  /** At the provider; contains `state`, so it goes only to this person's browser and into no log. */
  url: string;
  /** Set for the callback path: only the browser that started the flow may finish it. */
  browserCookie: { name: string; value: string; maxAgeSeconds: number };
}

export interface AskedAuthorization {
  returnTo: string;
  /** The person should choose another account at the provider. */
  otherAccount?: boolean;
  /** The authorization request's, if a program polls for it. Null: a new one. */
  requestId?: string | null;
}

/** Whose tokens the consent is for. */
export type ConsentFor = AskedAuthorization & { ownerKey: string };

/** Starts an Authorization Code flow with PKCE. @param stored from `serverFor` */
export async function beginAuthorization(
  ctx: AuthorizationContext,
  user: Actor,
  stored: OAuthServer,
  request: ConsentFor,
): Promise<BegunAuthorization> {
  const { server, issParameterRequired } = await readyFor(ctx, user, stored, request);
  const { oauthClient } = server;
  const owner = { serverId: server.id, ownerKey: request.ownerKey };

  const id = request.requestId ?? randomUUID();
  const state = randomSecret();
  const browser = randomSecret();
  const pkce = createPkce();
  const redirectUri = callbackUrl(ctx.env.publicUrl);
  const resource = resourceOf(server);
  const scope = scopeToAsk(oauthClient.scope, await findTokenSet(ctx.db, owner));
  const url = buildAuthorizationUrl({
    client: openOAuthClient(ctx.keyring, oauthClient),
    redirectUri,
    state,
    codeChallenge: pkce.codeChallenge,
    scope,
    resource,
    extraParameters: extraParameters(oauthClient, request.otherAccount ?? false),
  });
  await insertAuthorizationRequest(ctx.db, {
    id,
    stateHash: hashSecret(state),
    browserHash: hashSecret(browser),
    codeVerifierSealed: seal(ctx.keyring, pkce.codeVerifier, verifierPlace(id)),
    ...owner,
    userId: user.id,
    redirectUri,
    scope,
    resource,
    issuer: oauthClient.issuer,
    issParameterRequired,
    returnTo: request.returnTo,
    expiresAt: new Date(ctx.now().getTime() + flowLifetimeMs),
  });
  ctx.flows.record({
    ...{ flowId: id, ...owner, kind: "AUTHORIZATION", trigger: "person", actorId: user.id },
    outcome: "waiting",
    steps: [recordNavigation("authorization_request", ctx.now(), url)],
  });
  return {
    url,
    browserCookie: {
      name: browserCookieName(state),
      value: browser,
      maxAgeSeconds: flowLifetimeMs / 1000,
    },
  };
}

/** As an admin entered them, and if the person wants another account, with the prompt for one. */
function extraParameters(client: OAuthServer["oauthClient"], otherAccount: boolean) {
  const entered = client.extraAuthorizationParameters as Record<string, string>;
  const asks = otherAccount ? accountPromptOf(client) : null;
  if (asks === null) return entered;
  const { authorizationEndpoint } = client;
  const queried = new URL(authorizationEndpoint).searchParams.get("prompt") ?? undefined;
  const prompt = withAccountPrompt(entered.prompt ?? queried, asks, authorizationEndpoint);
  return { ...entered, prompt };
}

/**
 * @param account to be authorized; null: by the server's token sharing
 * @throws NotFoundError | ForbiddenError | AuthorizationFailedError
 */
export async function serverFor(
  ctx: AuthorizationContext,
  user: Actor,
  serverId: string,
  account: string | null = null,
): Promise<OAuthServer> {
  const server = await findMcpServer(ctx.db, serverId);
  if (!server || !(await mayUseServer(ctx.db, user, serverId))) {
    throw new NotFoundError("This MCP server was deleted.");
  }
  const { oauthClient } = server;
  if (!oauthClient) {
    throw new NotFoundError(
      "This MCP server does not use OAuth 2.0; there is nothing to authorize.",
    );
  }
  const isTeams = account === teamAccount;
  const sharing = isTeams ? "SHARED" : oauthClient.tokenSharing;
  if (!permits(user.role, authorizePermission(sharing))) {
    throw new ForbiddenError(
      "This account is shared by the team, so an admin authorizes it. Ask an admin.",
    );
  }
  if (isTeams && !hasAccount(server, sharedOwnerKey)) {
    throw new AuthorizationFailedError(
      "not_offered",
      "This MCP server does not offer the team’s account. An admin can turn it on in its settings.",
    );
  }
  return { ...server, oauthClient };
}

/** A registration shows in the audit and on the server's page. */
async function readyFor(
  world: AuthorizationContext,
  user: Actor,
  stored: OAuthServer,
  { returnTo, requestId, ownerKey }: ConsentFor,
): Promise<ReadyClient> {
  const { ctx, steps } = observed(world);
  const record = (outcome: "succeeded" | "failed", reason: string | null) => {
    const owner = { serverId: stored.id, ownerKey };
    const whose = { ...owner, trigger: "person" as const, actorId: user.id };
    ctx.flows.record({ ...whose, kind: "REGISTRATION", outcome, reason, steps: steps.read() });
  };
  const ready = await readyClient(ctx, stored).catch(async (error: unknown) => {
    if (!(error instanceof AuthorizationFailedError)) throw error;
    const { reason, userMessage } = error;
    record("failed", userMessage);
    // Stored as a failed flow: the page it started on says why.
    const nothing = { scope: null, resource: null, issuer: null, expiresAt: ctx.now() };
    const { id } = await closedRequest(ctx, user, stored, {
      ...{ requestId, returnTo, ownerKey, ...nothing },
    });
    await saveAuthorizationFailure(ctx.db, id, error);
    throw new AuthorizationFailedError(reason, userMessage, { cause: error, returnTo });
  });
  if (ready.registered !== null) {
    record("succeeded", null);
    const { registration, registeredIssuer } = ready.server.oauthClient;
    await insertAuditEvent(ctx.db, {
      action: "client.register",
      ...by(user),
      serverId: stored.id,
      serverName: stored.name,
      details: { because: ready.registered, issuer: registeredIssuer, registration },
    });
  }
  return ready;
}

/**
 * A request that no one returns with. It exists for the program that polls a link and for the page that shows the
 * outcome, and it ends if the settings change in the meantime.
 */
export function closedRequest(
  ctx: AuthorizationContext,
  user: Actor,
  server: OAuthServer,
  closed: Pick<ConsentFor, "requestId" | "returnTo" | "ownerKey"> &
    Pick<AuthorizationRequestRow, "scope" | "resource" | "issuer" | "expiresAt">,
): Promise<AuthorizationRequestRow> {
  const { requestId, ...rest } = closed;
  const id = requestId ?? randomUUID();
  const request = {
    id,
    stateHash: hashSecret(randomSecret()),
    browserHash: hashSecret(randomSecret()),
    codeVerifierSealed: seal(ctx.keyring, createPkce().codeVerifier, verifierPlace(id)),
    ...{ serverId: server.id, userId: user.id },
    redirectUri: callbackUrl(ctx.env.publicUrl),
    issParameterRequired: false,
    ...rest,
  };
  return insertConsumedRequest(ctx.db, request, ctx.now());
}

/** One cookie for each flow, so that two tabs do not overwrite each other's; found again by `state`. */
export function browserCookieName(state: string): string {
  return `usher_flow_${hashSecret(state).slice(0, 16)}`;
}

export function verifierPlace(requestId: string) {
  return { table: "AuthorizationRequest", column: "codeVerifierSealed", rowId: requestId };
}
