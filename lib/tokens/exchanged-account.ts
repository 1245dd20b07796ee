import { insertAuditEvent } from "@/lib/db/audit-event";
import type { McpServerRow, OAuthClientRow } from "@/lib/db/mcp-server";
import { insertExpectedTokens } from "@/lib/db/refresh/expected-tokens";
import {
  findTokenSet,
  type Owner,
  type StoredTokenSetRow,
  type TokensOfServer,
} from "@/lib/db/stored-token-set";
import { findUserById } from "@/lib/db/user";
import type { Sealed } from "@/lib/vault/sealed-box";
import type { RefreshContext } from "./refresh-outcome";
import { revokeLate } from "./revocation/revoke-late";
import { hasExpired, type TokenSet } from "./token-set";
import { sealTokens } from "./token-store";

/**
 * The row of a person whose sign-in gives them an account: without tokens, and due at once, so that the first call
 * exchanges for them under the same lease as any refresh.
 * @returns null: the server has no such accounts, or the person may have none
 */
export async function expectAccount(
  ctx: Pick<RefreshContext, "db" | "keyring">,
  owner: Owner,
): Promise<TokensOfServer | null> {
  const longAgo = new Date(0);
  const tokens = sealTokens(ctx.keyring, owner, {
    ...{ accessToken: "", refreshToken: null, tokenType: "Bearer", scope: null },
    ...{ expiresAt: longAgo, obtainedAt: longAgo },
  });
  await insertExpectedTokens(ctx.db, owner, tokens.accessTokenSealed);
  return findTokenSet(ctx.db, owner);
}

/** In ms. A use is recorded at most once an hour. */
const idleAfterMs = 2 * 60 * 60_000;

/**
 * Exchanged tokens live for minutes, and everyone has some at many servers. Keeping them all valid would send
 * requests to the identity provider all day for no one.
 */
export function isIdle(
  { lastUsedAt, createdAt }: Pick<StoredTokenSetRow, "lastUsedAt" | "createdAt">,
  now: Date,
): boolean {
  return now.getTime() - (lastUsedAt ?? createdAt).getTime() > idleAfterMs;
}

/** Names the grant and the person in the audit, once per account: exchanges are many. */
export async function noteExchanged(
  ctx: Pick<RefreshContext, "db">,
  { serverId, ownerKey, grantType, accountName }: StoredTokenSetRow,
  { name: serverName }: Pick<McpServerRow, "name">,
  { scope }: Pick<TokenSet, "scope">,
): Promise<void> {
  await insertAuditEvent(ctx.db, {
    action: "connection.exchange",
    ...(await whoOwns(ctx, ownerKey)),
    ...{ serverId, serverName, ownerKey },
    details: { grantType, subject: accountName, scope },
  });
}

/**
 * The access token is still valid at the provider: it is revoked there, if the provider supports that. No one waits
 * for it.
 */
export async function endExchanged(
  ctx: RefreshContext,
  row: StoredTokenSetRow,
  server: McpServerRow & { oauthClient: OAuthClientRow },
  reason: string,
): Promise<void> {
  const { serverId, ownerKey, grantType, accountName } = row;
  // Refused before: it is reported once.
  if (row.rejectedAt !== null) return;
  await insertAuditEvent(ctx.db, {
    action: "connection.exchange-refused",
    ...(await whoOwns(ctx, ownerKey)),
    ...{ serverId, serverName: server.name, ownerKey },
    details: { grantType, subject: accountName, reason },
  });
  if (row.lastRefreshedAt === null || hasExpired(row, ctx.now())) return;
  const accessTokenSealed = row.accessTokenSealed as Sealed;
  const columns = { ...row, accessTokenSealed, refreshTokenSealed: null };
  const revoking = revokeLate(ctx, row, server, columns, accountName).catch((err) =>
    ctx.log.error({ err, serverId }, "a refused account's token was not revoked"),
  );
  void ctx.underWay.keep(revoking);
}

async function whoOwns({ db }: Pick<RefreshContext, "db">, ownerKey: string) {
  const user = await findUserById(db, ownerKey);
  return { actorId: ownerKey, actorEmail: user?.email ?? null };
}
