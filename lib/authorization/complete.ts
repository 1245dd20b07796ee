import { by, insertAuditEvent } from "@/lib/db/audit-event";
import {
  type AuthorizationRequestRow,
  consumeAuthorizationRequest,
  findAuthorizationRequest,
  saveAuthorizationFailure,
} from "@/lib/db/authorization-request";
import { findMcpServer } from "@/lib/db/mcp-server";
import { saveClientTaken } from "@/lib/db/oauth-client";
import { findTokenSet } from "@/lib/db/stored-token-set";
import { AuthorizationFailedError } from "@/lib/errors";
import type { FlowMoment } from "@/lib/flows/recorder";
import { hashSecret, secretsEqual } from "@/lib/oauth/authorization-request";
import { type ObservedSteps, observed } from "@/lib/oauth/client";
import { recordNavigation } from "@/lib/oauth/recorded-exchange";
import type { Actor } from "@/lib/session/session-user";
import { revokeLate } from "@/lib/tokens/revocation/revoke-late";
import { sealTokens } from "@/lib/tokens/token-store";
import { browserCookieName } from "./begin";
import { callbackUrl } from "./client-document";
import type { AuthorizationContext } from "./context";
import { type AskAccountTool, learnAccount } from "./learn-account";
import { requestTokens } from "./request-tokens";
import { mayStillAuthorize, noLongerAllowed, saveGrant } from "./save-grant";

/** The callback's parameters. All of it is untrusted. */
export interface Callback {
  parameters: URLSearchParams;
  cookies: Readonly<Record<string, string>>;
}

export interface CompletedAuthorization {
  serverId: string;
  serverName: string;
  ownerKey: string;
  returnTo: string;
  browserCookie: string;
}

/**
 * Completes a flow once, for the person and browser that started it. It runs to its end even if the browser
 * leaves or the process is told to stop, since the provider accepts a code once.
 * @throws AuthorizationFailedError nothing is stored; `returnTo` is set once the flow was found to be this
 * person's
 */
export async function completeAuthorization(
  world: AuthorizationContext,
  user: Actor,
  callback: Callback,
  askTool: AskAccountTool | null = null,
): Promise<CompletedAuthorization> {
  const { ctx, steps } = observed(world);
  const state = callback.parameters.get("state") ?? "";
  const request = await findAuthorizationRequest(ctx.db, hashSecret(state));
  if (!request) throw unknownState();
  let onAway = () => {};
  const away = new Promise<never>((_, reject) => {
    onAway = () => reject(databaseAway(request.returnTo));
  });
  const completing = ctx.underWay.keep(
    recordCallback(ctx, request, user, callback.parameters, steps, () =>
      complete(ctx, user, callback, { request, askTool, onAway }),
    ),
  );
  return Promise.race([completing, away]);
}

interface Completing {
  request: AuthorizationRequestRow;
  askTool: AskAccountTool | null;
  onAway: () => void;
}

async function complete(
  ctx: AuthorizationContext,
  user: Actor,
  callback: Callback,
  { request, askTool, onAway }: Completing,
): Promise<CompletedAuthorization> {
  const state = callback.parameters.get("state") ?? "";
  checkBinding(ctx, request, user, callback.cookies[browserCookieName(state)]);
  const { returnTo, serverId } = request;
  // Read before the request is consumed: a change of the settings ends the request, so that these
  // are the settings that it was made with, and the code goes to no other provider.
  const server = await findMcpServer(ctx.db, serverId);
  if (!(await consumeAuthorizationRequest(ctx.db, request.id, ctx.now()))) {
    throw unknownState(returnTo);
  }
  if (!server?.oauthClient || server.oauthClient.issuer !== request.issuer) {
    throw cancelled(returnTo);
  }
  const { oauthClient } = server;
  if (!(await ctx.db.$transaction((tx) => mayStillAuthorize(tx, user, request)))) {
    throw noLongerAllowed(returnTo);
  }

  const asked = { ...server, oauthClient };
  const owner = { serverId, ownerKey: request.ownerKey };
  const before = await findTokenSet(ctx.db, owner);
  // From here to the save the database is not asked: a code works once.
  const tokens = await requestTokens(ctx, asked, request, callback.parameters).catch(
    async (error: unknown) => {
      if (error instanceof AuthorizationFailedError) {
        await saveAuthorizationFailure(ctx.db, request.id, error.userMessage);
      }
      throw error;
    },
  );
  const told = tokens.toldAccount(oauthClient);
  const account = told.account ?? told.id;
  const saved = await saveGrant(ctx, user, request, asked, tokens, { account, onAway });
  ctx.forget(serverId, request.ownerKey);
  if (saved !== "saved") {
    // These are left to expire: many providers would revoke the newer consent with them.
    const newer = await findTokenSet(ctx.db, owner);
    if (newer === null) {
      const columns = sealTokens(ctx.keyring, owner, tokens);
      await revokeLate(ctx, owner, asked, columns, account?.name ?? null);
    }
    throw saved === "forbidden" ? noLongerAllowed(returnTo) : cancelled(returnTo);
  }
  const tookMs = ctx.now().getTime() - request.createdAt.getTime();
  ctx.telemetry?.on?.time("usher_consent_duration_seconds", tookMs, {});
  await saveClientTaken(ctx.db, oauthClient, tokens.workingAuthMethod);
  const previous = before?.accountName ?? null;
  const consent = { ...owner, consentId: request.id, previous, tokens, told };
  const learned = await learnAccount(ctx, user, asked, consent, askTool);
  await insertAuditEvent(ctx.db, {
    action: "connection.authorize",
    ...by(user),
    serverId,
    serverName: server.name,
    ownerKey: request.ownerKey,
    details: {
      account: learned,
      ...(before === null ? {} : { previousAccount: previous }),
      scope: tokens.scope,
      refreshable: tokens.refreshToken !== null,
    },
  });
  return {
    serverId,
    serverName: server.name,
    ownerKey: request.ownerKey,
    returnTo,
    browserCookie: browserCookieName(state),
  };
}

/**
 * A forwarded link must not connect the wrong person's account: same person, same browser, in time.
 * Otherwise the request stays as it is, for its owner.
 */
function checkBinding(
  ctx: AuthorizationContext,
  request: AuthorizationRequestRow,
  user: Actor,
  browser: string | undefined,
): void {
  if (request.userId !== user.id) {
    throw new AuthorizationFailedError(
      "wrong_user",
      "Somebody else started this authorization. Nothing was connected. Start your own in Usher.",
    );
  }
  if (browser === undefined || !secretsEqual(hashSecret(browser), request.browserHash)) {
    throw new AuthorizationFailedError(
      "wrong_browser",
      "This authorization was started in another browser. Nothing was connected. Start it again here.",
    );
  }
  if (request.consumedAt !== null) throw unknownState(request.returnTo);
  if (request.expiresAt <= ctx.now()) {
    throw new AuthorizationFailedError(
      "expired",
      "The authorization took longer than 10 minutes and has ended. Authorize again.",
      { returnTo: request.returnTo },
    );
  }
}

function unknownState(returnTo?: string): AuthorizationFailedError {
  return new AuthorizationFailedError(
    "unknown_state",
    "This authorization was already used or is not known. Nothing was connected by it. Authorize again.",
    returnTo === undefined ? {} : { returnTo },
  );
}

function databaseAway(returnTo: string): AuthorizationFailedError {
  return new AuthorizationFailedError(
    "database_away",
    "The database does not answer. Usher saves this connection once it does. Look again in a minute.",
    { returnTo },
  );
}

function cancelled(returnTo: string): AuthorizationFailedError {
  return new AuthorizationFailedError(
    "cancelled",
    "The server's settings changed or its access was revoked meanwhile. Nothing was connected. Authorize again.",
    { returnTo },
  );
}

/**
 * For the flow inspector: what came back, what was exchanged for it, and what it led to.
 * @param steps where `complete` leaves what it sent
 */
export async function recordCallback<Completed>(
  ctx: AuthorizationContext,
  { id: flowId, serverId, ownerKey }: AuthorizationRequestRow,
  user: { id: string },
  parameters: URLSearchParams,
  steps: ObservedSteps,
  complete: () => Promise<Completed>,
): Promise<Completed> {
  const url = `${callbackUrl(ctx.env.publicUrl)}?${parameters}`;
  const cameBack = recordNavigation("authorization_response", ctx.now(), url);
  const record = (outcome: FlowMoment["outcome"], reason: string | null) =>
    ctx.flows.record({
      ...{ flowId, serverId, ownerKey, kind: "AUTHORIZATION", trigger: "person" },
      ...{ actorId: user.id, outcome, reason, steps: [cameBack, ...steps.read()] },
    });
  try {
    const completed = await complete();
    record("succeeded", null);
    return completed;
  } catch (error) {
    if (error instanceof AuthorizationFailedError) {
      record(isForeign(error) ? "refused" : "failed", error.userMessage);
    }
    throw error;
  }
}

/** Another person's, another browser's, or used already: the flow itself continues. */
function isForeign({ reason }: AuthorizationFailedError): boolean {
  return reason === "wrong_user" || reason === "wrong_browser" || reason === "unknown_state";
}
