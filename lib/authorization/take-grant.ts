import { by, insertAuditEvent } from "@/lib/db/audit-event";
import {
  type AuthorizationRequestRow,
  saveAuthorizationFailure,
} from "@/lib/db/authorization-request";
import { saveClientTaken } from "@/lib/db/oauth-client";
import { findTokenSet } from "@/lib/db/stored-token-set";
import { AuthorizationFailedError } from "@/lib/errors";
import type { TokenResponse } from "@/lib/oauth/token-response";
import type { Actor } from "@/lib/session/session-user";
import { revokeLate } from "@/lib/tokens/revocation/revoke-late";
import { isRefreshable, type TokenSet } from "@/lib/tokens/token-set";
import { sealTokens } from "@/lib/tokens/token-store";
import type { AuthorizationContext, OAuthServer } from "./context";
import { type AskAccountTool, learnAccount } from "./learn-account";
import { mayStillAuthorize, noLongerAllowed, saveGrant } from "./save-grant";

export type GrantedTokens = TokenSet & Pick<TokenResponse, "toldAccount" | "workingAuthMethod">;

interface Grant {
  /** Consumed: no one else can take it. */
  request: AuthorizationRequestRow;
  server: OAuthServer;
  askTool: AskAccountTool | null;
  /** The database does not respond: this continues, and no one should wait for it. */
  onAway: () => void;
}

/**
 * Requests tokens once, stores them, and finds out whose account it is.
 * @throws AuthorizationFailedError nothing is stored
 */
export async function takeGrant(
  ctx: AuthorizationContext,
  user: Actor,
  { request, server, askTool, onAway }: Grant,
  ask: () => Promise<GrantedTokens>,
): Promise<void> {
  const { returnTo, serverId, ownerKey } = request;
  const { oauthClient } = server;
  const failed = async (error: unknown) => {
    if (error instanceof AuthorizationFailedError) {
      await saveAuthorizationFailure(ctx.db, request.id, error);
    }
    throw error;
  };
  if (!(await ctx.db.$transaction((tx) => mayStillAuthorize(tx, user, request)))) {
    return failed(noLongerAllowed(returnTo));
  }
  const owner = { serverId, ownerKey };
  const before = await findTokenSet(ctx.db, owner);
  // From here to the save the database is not queried: a code works once.
  const tokens = await ask().catch(failed);
  const told = tokens.toldAccount(oauthClient);
  const account = told.account ?? told.id;
  const saved = await saveGrant(ctx, user, request, server, tokens, { account, onAway });
  ctx.forget(serverId, ownerKey);
  if (saved !== "saved") {
    // These are left to expire: many providers would revoke the newer consent with them.
    const newer = await findTokenSet(ctx.db, owner);
    if (newer === null) {
      const columns = sealTokens(ctx.keyring, owner, tokens);
      await revokeLate(ctx, owner, server, columns, account?.name ?? null);
    }
    throw saved === "forbidden" ? noLongerAllowed(returnTo) : cancelled(returnTo);
  }
  const tookMs = ctx.now().getTime() - request.createdAt.getTime();
  ctx.telemetry?.on?.time("usher_consent_duration_seconds", tookMs, {});
  await saveClientTaken(ctx.db, oauthClient, tokens.workingAuthMethod);
  const previous = before?.accountName ?? null;
  const consent = { ...owner, consentId: request.id, previous, tokens, told };
  const learned = await learnAccount(ctx, user, server, consent, askTool);
  await insertAuditEvent(ctx.db, {
    action: "connection.authorize",
    ...by(user),
    serverId,
    serverName: server.name,
    ownerKey,
    details: {
      account: learned,
      ...(before === null ? {} : { previousAccount: previous }),
      grantType: tokens.grantType ?? "AUTHORIZATION_CODE",
      scope: tokens.scope,
      refreshable: isRefreshable(tokens.refreshToken, tokens.grantType),
    },
  });
}

/** Runs to its end even if the person leaves, who waits no longer than the database responds. */
export function untilKept<Kept>(
  ctx: AuthorizationContext,
  { returnTo }: Pick<AuthorizationRequestRow, "returnTo">,
  take: (onAway: () => void) => Promise<Kept>,
): Promise<Kept> {
  let onAway = () => {};
  const away = new Promise<never>((_, reject) => {
    onAway = () => reject(databaseAway(returnTo));
  });
  return Promise.race([ctx.underWay.keep(take(() => onAway())), away]);
}

function databaseAway(returnTo: string): AuthorizationFailedError {
  return new AuthorizationFailedError(
    "database_away",
    "The database does not answer. Usher saves this connection once it does. Look again in a minute.",
    { returnTo },
  );
}

export function cancelled(returnTo: string): AuthorizationFailedError {
  return new AuthorizationFailedError(
    "cancelled",
    "The server's settings changed or its access was revoked in the meantime. Nothing was connected. Authorize again.",
    { returnTo },
  );
}
