import { mayUseServer } from "@/lib/access/read-access";
import { personOfOwnerKey, sharedOwnerKey } from "@/lib/contracts/connections/account";
import {
  type AuthorizationRequestRow,
  endAuthorizationRequest,
  finishAuthorizationRequest,
  markLinkConnected,
} from "@/lib/db/authorization-request";
import type { DatabaseTransaction } from "@/lib/db/client";
import { findTokenSet, saveAuthorizedTokens } from "@/lib/db/stored-token-set";
import { holdActiveUser } from "@/lib/db/user";
import { AuthorizationFailedError } from "@/lib/errors";
import type { AccountName } from "@/lib/oauth/account/told-account";
import { authorizePermission, permits } from "@/lib/session/permissions";
import type { Actor } from "@/lib/session/session-user";
import type { TokenSet } from "@/lib/tokens/token-set";
import { sealTokens } from "@/lib/tokens/token-store";
import { keepTrying, untilOver } from "@/lib/work-under-way";
import type { AuthorizationContext, OAuthServer } from "./context";

/** In ms; a person waits. */
const saveForMs = 20_000;

/**
 * Stores the tokens, retrying while the database restarts: a code works once.
 * @param onAway the database does not respond: this continues, and no one should wait for it
 * @returns why nothing was stored: the flow was cancelled in the meantime, or the person lost the right to it
 */
export async function saveGrant(
  ctx: AuthorizationContext,
  user: Actor,
  request: AuthorizationRequestRow,
  { id: serverId, oauthClient }: OAuthServer,
  tokens: TokenSet,
  { account, onAway }: { account: AccountName | null; onAway: () => void },
): Promise<"saved" | "cancelled" | "forbidden"> {
  const { ownerKey, scope: requestedScope } = request;
  const owner = { serverId, ownerKey };
  const columns = sealTokens(ctx.keyring, owner, tokens);
  const grant = {
    ...owner,
    userId: personOfOwnerKey(ownerKey),
    authorizedById: user.id,
    requestedScope,
    grantType: tokens.grantType ?? "AUTHORIZATION_CODE",
    clientId: oauthClient.clientId,
    tokenEndpoint: oauthClient.tokenEndpoint,
    accountName: account?.name ?? null,
    accountSource: account?.source ?? null,
    consentId: request.id,
  };
  const save = () =>
    ctx.db.$transaction(async (tx) => {
      if (!(await finishAuthorizationRequest(tx, request.id, ctx.now()))) return "cancelled";
      if (!(await mayStillAuthorize(tx, user, request))) {
        await endAuthorizationRequest(tx, request.id);
        return "forbidden";
      }
      await saveAuthorizedTokens(tx, grant, columns);
      await markLinkConnected(tx, request.id);
      return "saved";
    });
  const patience = untilOver(saveForMs);
  const saved = await keepTrying(save, {
    what: "a new connection",
    log: ctx.log,
    mayPause: (ms) => {
      const isAway = ctx.db.$isAway();
      if (isAway) onAway();
      return isAway || patience(ms);
    },
  });
  if (saved !== "cancelled") return saved;
  // The connection broke after the commit: the retry finds the flow completed by this very save.
  const stored = await findTokenSet(ctx.db, owner);
  return stored?.accessTokenSealed === columns.accessTokenSealed ? "saved" : "cancelled";
}

/** Checked in the transaction that stores the tokens: the person who started the flow may have lost the right. */
export async function mayStillAuthorize(
  tx: DatabaseTransaction,
  user: Actor,
  { ownerKey, serverId }: AuthorizationRequestRow,
): Promise<boolean> {
  const now = await holdActiveUser(tx, user.id);
  const permission = authorizePermission(ownerKey === sharedOwnerKey ? "SHARED" : "PER_USER");
  if (now === null || !permits(now.role, permission)) return false;
  return mayUseServer(tx, { id: user.id, role: now.role }, serverId);
}

export function noLongerAllowed(returnTo: string): AuthorizationFailedError {
  return new AuthorizationFailedError(
    "forbidden",
    "You may no longer authorize this account. Nothing was connected. Ask an admin.",
    { returnTo },
  );
}
