import type { Database } from "@/lib/db/client";
import {
  deleteEndedIdentity,
  findIdentityTokens,
  type IdentityTokensRow,
  saveIdentityDeferred,
  saveRenewedIdentity,
} from "@/lib/db/people/identity-tokens";
import { claimLease, releaseLease } from "@/lib/db/refresh/refresh-lease";
import type { OidcEnv } from "@/lib/env/sign-in";
import { SealedBoxError } from "@/lib/errors";
import type { Log } from "@/lib/log";
import type { Observe } from "@/lib/oauth/client";
import {
  classifyRefreshFailure,
  type ProviderAnswer,
  type RefreshFailure,
} from "@/lib/oauth/error-response";
import { jwtClaims } from "@/lib/oauth/jwt";
import { parseParameters, textOf } from "@/lib/oauth/parameters";
import { requestGrant } from "@/lib/oauth/token-endpoint";
import { readTokenResponse } from "@/lib/oauth/token-response";
import { claimOrWait, HeldLease, type Lease, whileLeased } from "@/lib/tokens/lease";
import { decideFailedRefresh, retryDelayMs } from "@/lib/tokens/token-set";
import type { Keyring } from "@/lib/vault/keyring";
import type { WorkUnderWay } from "@/lib/work-under-way";
import { OidcFailure } from "./failure";
import { idTokenEnd, openIdentity, type SignInTokens, sealIdentity } from "./kept-tokens";
import type { IdentityProvider } from "./late-provider";

export interface IdentityContext {
  db: Database;
  keyring: Keyring;
  now: () => Date;
  log: Log;
  env: { oidc: Pick<OidcEnv, "issuer" | "clientId" | "name" | "keepTokens"> | null };
  oidc: IdentityProvider | null;
  /** Refreshes of this process, by person. */
  identitiesUnderWay: Map<string, Promise<void>>;
  underWay: WorkUnderWay;
  /** How long a lease lasts; for trials that wait for its end. */
  leaseMs?: number;
}

/** The same context if there is a provider whose tokens are kept. */
export type KeptIdentityContext = IdentityContext & {
  env: { oidc: NonNullable<IdentityContext["env"]["oidc"]> };
  oidc: IdentityProvider;
};

/**
 * The only refresh of a sign-in's tokens, by the rules of every refresh (lib/tokens/refresh.ts). The outcome is
 * in the row; no row: the provider ended it, or returned tokens for a different person.
 */
export async function renewIdentity(
  ctx: KeptIdentityContext,
  seen: IdentityTokensRow,
  observe: Observe | undefined,
): Promise<void> {
  const isAsSeen = (row: IdentityTokensRow) => row.id === seen.id && row.version === seen.version;
  const turn = await claimOrWait(ctx, {
    read: () => findIdentityTokens(ctx.db, seen.userId),
    settled: (row) =>
      row === null || !isAsSeen(row) || isPutOff(row, ctx.now()) ? ("settled" as const) : null,
    claim: ({ id }, { leaseId, lengthMs }, ofDead) =>
      claimLease(ctx.db, { table: "IdentityTokens", id }, leaseId, lengthMs, ofDead),
  });
  if (turn.is !== "claimed") return;
  const { leased, lease } = turn;
  await ctx.underWay.keep(renewLeased(ctx, leased, lease, { seen, observe }));
}

function isPutOff({ nextTryAt }: IdentityTokensRow, now: Date): boolean {
  return nextTryAt !== null && nextTryAt > now;
}

/** With the lease held and no transaction open: call the provider, save by compare-and-set. */
async function renewLeased(
  ctx: KeptIdentityContext,
  row: IdentityTokensRow,
  lease: Lease,
  { seen, observe }: { seen: IdentityTokensRow; observe: Observe | undefined },
): Promise<void> {
  const leasedRow = { table: "IdentityTokens", id: row.id } as const;
  const held = new HeldLease(ctx, leasedRow, lease);
  const at = { id: row.id, version: row.version, leaseId: lease.leaseId };
  let saved = false;
  try {
    if (row.version !== seen.version || isPutOff(row, ctx.now())) return;
    const renewal = await askProvider(ctx, row, held, observe);
    if (renewal === "not_asked") return;
    saved = true;
    if (renewal === "refused") {
      await whileLeased(ctx, lease, () => deleteEndedIdentity(ctx.db, at));
    } else if ("failed" in renewal) {
      await saveFailure(ctx, row, lease, renewal.failed);
    } else {
      const columns = sealIdentity(ctx.keyring, row.userId, renewal.tokens);
      const { nextTryAt } = renewal;
      await whileLeased(ctx, lease, () => saveRenewedIdentity(ctx.db, at, columns, nextTryAt));
    }
  } finally {
    held.stop();
    if (!saved) await releaseLease(ctx.db, leasedRow, lease.leaseId);
  }
}

type Renewal =
  | { tokens: SignInTokens; nextTryAt: Date | null }
  | { failed: RefreshFailure }
  /** The response is not this person's. */
  | "refused"
  | "not_asked";

async function askProvider(
  ctx: KeptIdentityContext,
  row: IdentityTokensRow,
  held: HeldLease,
  observe: Observe | undefined,
): Promise<Renewal> {
  try {
    const before = openIdentity(ctx.keyring, row);
    const client = await ctx.oidc.client();
    if (!(await held.maySend())) return "not_asked";
    const refreshToken = before.refreshToken ?? "";
    const grant = {
      ...({ kind: "refresh", grantType: "refresh_token", resource: null } as const),
      body: new URLSearchParams({ refresh_token: refreshToken }),
      secrets: [refreshToken],
    };
    const asking = { outbound: ctx.oidc.outbound, now: ctx.now, observe };
    const answer = await requestGrant(client, grant, asking, readRenewal);
    return await checkRenewal(ctx, row, before, answer);
  } catch (error) {
    const failed = failureIn(ctx, error);
    ctx.log.warn({ userId: row.userId, why: failed.reason }, "a sign-in could not be renewed");
    return { failed };
  }
}

type Answer = ReturnType<typeof readRenewal>;

function readRenewal(answer: ProviderAnswer, now: Date) {
  const parameters = parseParameters(answer.body);
  const idToken = parameters && textOf(parameters, "id_token");
  return { ...readTokenResponse(answer, now), idToken };
}

/**
 * The ID token must be for the same person, from the same provider, for the same client.
 * @see https://openid.net/specs/openid-connect-core-1_0.html#RefreshTokenResponse §12.2
 */
async function checkRenewal(
  ctx: KeptIdentityContext,
  row: IdentityTokensRow,
  before: SignInTokens,
  answer: Answer,
): Promise<Renewal> {
  const { accessToken, expiresAt: accessTokenExpiresAt, obtainedAt, idToken } = answer;
  const refreshToken = answer.refreshToken ?? before.refreshToken;
  const tokens = { ...before, accessToken, accessTokenExpiresAt, refreshToken, obtainedAt };
  if (idToken === null) return { tokens, nextTryAt: null };
  const claims = await ctx.oidc.verify(idToken).catch((error: unknown) => {
    if (error instanceof OidcFailure) return error;
    throw error;
  });
  if (claims instanceof OidcFailure && claims.reason === "OidcUnreachable") {
    // It is unknown whose access token it is. The refresh token replaces one that is used up.
    const unchecked = { ...tokens, accessToken: null, accessTokenExpiresAt: null };
    return { tokens: unchecked, nextTryAt: nextTry(ctx, row, null) };
  }
  const nonce = jwtClaims(before.idToken)?.nonce;
  const isSame =
    !(claims instanceof OidcFailure) &&
    claims.iss === row.issuer &&
    claims.sub === row.subject &&
    (claims.nonce === undefined || nonce === undefined || claims.nonce === nonce);
  if (!isSame) {
    const err = claims instanceof OidcFailure ? claims.cause : undefined;
    const message =
      "the identity provider renewed a sign-in with an ID token that is not its person's";
    ctx.log.warn({ userId: row.userId, err }, message);
    return "refused";
  }
  const idTokenExpiresAt = idTokenEnd(claims, obtainedAt);
  return {
    tokens: { ...tokens, idToken, idTokenExpiresAt, idTokenObtainedAt: obtainedAt },
    nextTryAt: null,
  };
}

async function saveFailure(
  ctx: KeptIdentityContext,
  row: IdentityTokensRow,
  lease: Lease,
  failed: RefreshFailure,
): Promise<void> {
  const at = { id: row.id, version: row.version, leaseId: lease.leaseId };
  const { refreshRefusals: refusals, idTokenExpiresAt, accessTokenExpiresAt } = row;
  const isLater = accessTokenExpiresAt !== null && accessTokenExpiresAt > idTokenExpiresAt;
  const expiresAt = isLater ? accessTokenExpiresAt : idTokenExpiresAt;
  const before = { refusals, expiresAt, grantType: "AUTHORIZATION_CODE" } as const;
  const { verdict, retryAfterMs } = failed;
  if (decideFailedRefresh(verdict, before, ctx.now()).outcome === "needs_authorization") {
    await whileLeased(ctx, lease, () => deleteEndedIdentity(ctx.db, at));
    return;
  }
  const deferral = {
    reason: failed.reason,
    nextTryAt: nextTry(ctx, row, retryAfterMs),
    refused: verdict === "refused",
  };
  await whileLeased(ctx, lease, () => saveIdentityDeferred(ctx.db, at, deferral, ctx.now()));
}

function nextTry(
  ctx: KeptIdentityContext,
  { refreshFailures }: IdentityTokensRow,
  retryAfterMs: number | null,
): Date {
  const delayMs = retryDelayMs(refreshFailures, retryAfterMs, Math.random());
  return new Date(ctx.now().getTime() + delayMs);
}

/** The meaning of a failure, in words for the person whose sign-in it is. */
function failureIn({ env }: KeptIdentityContext, error: unknown): RefreshFailure {
  const failed = classifyRefreshFailure(error);
  // Nothing was sent: it recovers once the operator adds the key.
  if (error instanceof SealedBoxError) return failed;
  return { ...failed, reason: reasons[failed.verdict](env.oidc.name) };
}

export function providersTrouble(name: string): string {
  return `${name} has a problem right now. Usher tries again automatically.`;
}

const reasons: Record<RefreshFailure["verdict"], (name: string) => string> = {
  grant_ended: (name) => `Sign in with ${name} again.`,
  client_refused: (name) =>
    `${name} does not accept Usher's client ID or client secret. Ask an admin to check OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.`,
  refused: (name) => `${name} refused to renew your sign-in. If this continues, sign in again.`,
  outage: providersTrouble,
};
