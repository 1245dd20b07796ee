import type { IDToken, TokenEndpointResponse } from "oauth4webapi";
import type { Database } from "@/lib/db/client";
import {
  deleteIdentityTokens,
  type IdentityTokenColumns,
  type IdentityTokensRow,
  storeIdentityTokens,
} from "@/lib/db/people/identity-tokens";
import { followSignIn } from "@/lib/db/refresh/expected-tokens";
import type { OidcEnv } from "@/lib/env/sign-in";
import { SealedBoxError } from "@/lib/errors";
import { jwtClaims } from "@/lib/oauth/jwt";
import type { Keyring } from "@/lib/vault/keyring";
import { open, type SealedPlace, seal } from "@/lib/vault/sealed-box";
import type { OidcProfile } from "./claims";

/** The result of a sign-in or a refresh at the identity provider. Lives only in memory. */
export interface SignInTokens {
  idToken: string;
  idTokenExpiresAt: Date;
  idTokenObtainedAt: Date;
  accessToken: string | null;
  /** Null: the provider gave no lifetime. */
  accessTokenExpiresAt: Date | null;
  /** Null: the provider sends none. */
  refreshToken: string | null;
  obtainedAt: Date;
}

/** @param claims from its ID token */
export function readSignIn(
  answer: TokenEndpointResponse,
  claims: IDToken,
  now: Date,
): SignInTokens {
  const { id_token = "", access_token, refresh_token, expires_in = 0 } = answer;
  return {
    idToken: id_token,
    ...{ idTokenExpiresAt: idTokenEnd(claims, now), idTokenObtainedAt: now },
    accessToken: sendable(access_token),
    accessTokenExpiresAt: expires_in > 0 ? after(now, expires_in) : null,
    refreshToken: sendable(refresh_token),
    obtainedAt: now,
  };
}

/** Both times are by the provider's clock, so that their difference is valid by ours. */
export function idTokenEnd({ exp, iat }: IDToken, now: Date): Date {
  return after(now, exp - iat);
}

/** In seconds. No provider means more; anything longer is a date or a wrong unit. */
const longestLifetime = 10 * 365 * 24 * 60 * 60;

function after(now: Date, seconds: number): Date {
  return new Date(now.getTime() + Math.min(Math.max(seconds, 0), longestLifetime) * 1000);
}

/** RFC 6749 appendix A.12 and A.17. With another character it could be neither stored nor sent as received. */
function sendable(token: string | undefined): string | null {
  return token !== undefined && /^[\x20-\x7e]+$/.test(token) ? token : null;
}

export interface KeepContext {
  db: Database;
  keyring: Keyring;
  env: { oidc: Pick<OidcEnv, "clientId" | "keepTokens"> | null };
}

/** Keeps them as long as the person is signed in; with OIDC_KEEP_TOKENS off, deletes the stored ones. */
export async function keepTokens(
  ctx: KeepContext,
  session: { userId: string; sessionId: string },
  { issuer, subject }: Pick<OidcProfile, "issuer" | "subject">,
  tokens: SignInTokens,
): Promise<void> {
  const { oidc } = ctx.env;
  if (!oidc?.keepTokens) {
    await deleteIdentityTokens(ctx.db, session.userId);
    ctx.db.$signInEnded();
    return;
  }
  const columns = sealIdentity(ctx.keyring, session.userId, tokens);
  const { clientId } = oidc;
  await storeIdentityTokens(ctx.db, session, { issuer, subject, clientId, ...columns });
  await followSignIn(ctx.db, session.userId);
}

/** The only place where they are sealed. */
export function sealIdentity(
  keyring: Keyring,
  userId: string,
  tokens: SignInTokens,
): IdentityTokenColumns {
  const sealed = (token: string | null, column: IdentityColumn) =>
    token === null ? null : seal(keyring, token, identityPlace(userId, column));
  const { idTokenExpiresAt, idTokenObtainedAt, accessTokenExpiresAt, obtainedAt } = tokens;
  return {
    idTokenSealed: seal(keyring, tokens.idToken, identityPlace(userId, "idTokenSealed")),
    accessTokenSealed: sealed(tokens.accessToken, "accessTokenSealed"),
    refreshTokenSealed: sealed(tokens.refreshToken, "refreshTokenSealed"),
    ...{ idTokenExpiresAt, idTokenObtainedAt, accessTokenExpiresAt, obtainedAt },
  };
}

/**
 * The only place where they are opened. The row's other columns are not sealed, so the ID token must name the same
 * person and provider as they do.
 * @throws SealedBoxError
 */
export function openIdentity(keyring: Keyring, row: IdentityTokensRow): SignInTokens {
  const opened = (box: string | null, column: IdentityColumn) =>
    box === null ? null : open(keyring, box, identityPlace(row.userId, column));
  const idToken = open(keyring, row.idTokenSealed, identityPlace(row.userId, "idTokenSealed"));
  const { iss, sub, aud } = jwtClaims(idToken) ?? {};
  if (iss !== row.issuer || sub !== row.subject || ![aud].flat().includes(row.clientId)) {
    throw new SealedBoxError(
      "What Usher kept of this sign-in was changed in the database. Sign in again.",
    );
  }
  const { idTokenExpiresAt, idTokenObtainedAt, accessTokenExpiresAt, obtainedAt } = row;
  return {
    idToken,
    accessToken: opened(row.accessTokenSealed, "accessTokenSealed"),
    refreshToken: opened(row.refreshTokenSealed, "refreshTokenSealed"),
    ...{ idTokenExpiresAt, idTokenObtainedAt, accessTokenExpiresAt, obtainedAt },
  };
}

export type IdentityColumn = "idTokenSealed" | "accessTokenSealed" | "refreshTokenSealed";

/** Bound to the person: a box moved to another person's row does not open. */
export function identityPlace(userId: string, column: IdentityColumn): SealedPlace {
  return { table: "IdentityTokens", column, rowId: userId };
}
