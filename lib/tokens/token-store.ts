import type { TokensToCall } from "@/lib/db/servers/server-to-call";
import type { Owner, StoredTokenSetRow, TokenColumns } from "@/lib/db/stored-token-set";
import type { Keyring } from "@/lib/vault/keyring";
import { open, type SealedPlace, seal } from "@/lib/vault/sealed-box";
import { isRefreshable, nextRefreshAt, type TokenFacts, type TokenSet } from "./token-set";

type TokenColumn = "accessTokenSealed" | "refreshTokenSealed";

/** The only place where tokens are sealed. */
export function sealTokens(keyring: Keyring, owner: Owner, tokens: TokenSet): TokenColumns {
  return {
    accessTokenSealed: seal(keyring, tokens.accessToken, tokenPlace(owner, "accessTokenSealed")),
    refreshTokenSealed:
      tokens.refreshToken === null
        ? null
        : seal(keyring, tokens.refreshToken, tokenPlace(owner, "refreshTokenSealed")),
    tokenType: tokens.tokenType,
    scope: tokens.scope,
    expiresAt: tokens.expiresAt,
    obtainedAt: tokens.obtainedAt,
    nextRefreshAt: nextRefreshAt(tokens),
    refreshTokenExpiresAt: tokens.refreshTokenExpiresAt ?? null,
  };
}

/** The only place where tokens are opened. @throws SealedBoxError */
export function openTokens(keyring: Keyring, row: StoredTokenSetRow): TokenSet {
  return {
    accessToken: open(keyring, row.accessTokenSealed, tokenPlace(row, "accessTokenSealed")),
    refreshToken:
      row.refreshTokenSealed === null
        ? null
        : open(keyring, row.refreshTokenSealed, tokenPlace(row, "refreshTokenSealed")),
    grantType: row.grantType,
    tokenType: row.tokenType,
    scope: row.scope,
    expiresAt: row.expiresAt,
    obtainedAt: row.obtainedAt,
    refreshTokenExpiresAt: row.refreshTokenExpiresAt,
  };
}

/** For deleted tokens that are to be revoked: their boxes keep the place. @throws SealedBoxError */
export function openDeletedTokens(
  keyring: Keyring,
  row: Owner & { accessTokenSealed: string | null; refreshTokenSealed: string | null },
): { accessToken: string | null; refreshToken: string | null } {
  const opened = (box: string | null, column: TokenColumn) =>
    box && open(keyring, box, tokenPlace(row, column));
  return {
    accessToken: opened(row.accessTokenSealed, "accessTokenSealed"),
    refreshToken: opened(row.refreshTokenSealed, "refreshTokenSealed"),
  };
}

/** For a call, which needs only the access token. @throws SealedBoxError */
export function openAccessToken(keyring: Keyring, row: TokensToCall): string {
  return open(keyring, row.accessTokenSealed, tokenPlace(row, "accessTokenSealed"));
}

export function tokenFacts(row: TokensToCall): TokenFacts {
  return {
    expiresAt: row.expiresAt,
    obtainedAt: row.obtainedAt,
    refreshable: isRefreshable(row.refreshTokenSealed, row.grantType),
    rejectedAt: row.rejectedAt,
    retryAt: row.refreshFailures > 0 ? row.nextRefreshAt : null,
    triedAt: row.lastRefreshErrorAt,
  };
}

/**
 * Bound to the tokens' owner rather than to the row's id: with the id alone, anyone who can write
 * to the database could take over another person's row by changing its `ownerKey`.
 */
export function tokenPlace(owner: Owner, column: TokenColumn): SealedPlace {
  return { table: "StoredTokenSet", column, rowId: `${owner.serverId}/${owner.ownerKey}` };
}
