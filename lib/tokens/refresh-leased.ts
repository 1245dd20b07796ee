import type { FlowTrigger } from "@/lib/contracts/servers/flow";
import { grantedFor } from "@/lib/contracts/servers/kinds";
import { findMcpServer, type OAuthClientRow } from "@/lib/db/mcp-server";
import { saveClientTaken } from "@/lib/db/oauth-client";
import {
  releaseLease,
  saveExchangeRefused,
  saveGrantEnded,
  saveRefreshDeferred,
  saveRefreshPutOff,
} from "@/lib/db/refresh/refresh-lease";
import { saveRefreshedTokens } from "@/lib/db/refresh/refreshed-tokens";
import { findTokenSet, type StoredTokenSetRow } from "@/lib/db/stored-token-set";
import { SealedBoxError } from "@/lib/errors";
import { observed } from "@/lib/oauth/client";
import { classifyRefreshFailure, type RefreshFailure } from "@/lib/oauth/error-response";
import type { TokenResponse } from "@/lib/oauth/token-response";
import { openAskingClient, resourceOf } from "@/lib/servers/oauth-client";
import {
  askProvider,
  isGrantedTo,
  isStillGranted,
  noLimit,
  noteClientRefused,
  type RequestLimit,
} from "@/lib/tokens/ask-provider";
import { exchangeSignIn } from "@/lib/tokens/exchange";
import { endExchanged, isIdle, noteExchanged } from "@/lib/tokens/exchanged-account";
import { HeldLease, type Lease, whileLeased } from "@/lib/tokens/lease";
import {
  countRefresh,
  type RefreshContext,
  type RefreshOutcome,
  recordRefresh,
  settledAlready,
  tryLater,
} from "@/lib/tokens/refresh-outcome";
import { revokeLate } from "@/lib/tokens/revocation/revoke-late";
import { decideFailedRefresh, retryDelayMs, type TokenSet } from "@/lib/tokens/token-set";
import { openTokens, sealTokens } from "@/lib/tokens/token-store";

/**
 * With the lease held and no transaction open: call the provider, save by compare-and-set.
 */
export async function refreshLeased(
  world: RefreshContext,
  row: StoredTokenSetRow,
  lease: Lease,
  wanted: { seenVersion: number; trigger: FlowTrigger; limit?: RequestLimit },
): Promise<RefreshOutcome> {
  const { ctx, steps } = observed(world);
  const { trigger, limit = noLimit } = wanted;
  const startedAt = performance.now();
  const ask = () => askAndSave(ctx, row, lease, { ...wanted, limit });
  const traced = ctx.telemetry?.on;
  const outcome = await (traced ? traced.span("refresh", { trigger }, ask) : ask());
  if (steps.count > 0) {
    recordRefresh(ctx, row, { trigger, outcome, steps });
    countRefresh(ctx, row, { trigger, outcome, ms: performance.now() - startedAt });
  }
  return outcome;
}

async function askAndSave(
  ctx: RefreshContext,
  row: StoredTokenSetRow,
  lease: Lease,
  asked: { seenVersion: number; trigger: FlowTrigger; limit: RequestLimit },
): Promise<RefreshOutcome> {
  const { seenVersion, trigger, limit } = asked;
  const byPerson = trigger !== "sweep";
  const leasedRow = { table: "StoredTokenSet", id: row.id } as const;
  const held = new HeldLease(ctx, leasedRow, lease);
  let saved = false;
  try {
    const settled = settledAlready(ctx, row, seenVersion, byPerson);
    if (settled) return settled;
    const server = await findMcpServer(ctx.db, row.serverId);
    if (!server?.oauthClient) {
      return { outcome: "needs_authorization", reason: "This server no longer uses OAuth 2.0." };
    }
    const client = await openAskingClient(ctx, server.oauthClient);
    const { grantType } = server.oauthClient;
    const settings = { grantType, ownConsent: client.settings?.ownConsent ?? false };
    // The settings changed since the row was read: its refresh token is not for this provider.
    if (!isStillGranted(row.grantType, settings) || !isGrantedTo(row, client)) {
      return { outcome: "needs_authorization", reason: "The settings of this server changed." };
    }
    const before = openTokens(ctx.keyring, row);
    const wanted = {
      client,
      resource: resourceOf(server),
      scope: row.requestedScope ?? server.oauthClient.scope,
    };
    const asking = { account: row.id, byPerson, limit };
    // An exchange has no refresh token.
    const isExchanged = before.refreshToken === null && grantedFor(row.grantType) === "sign-in";
    const answer = isExchanged
      ? await exchangeSignIn(ctx, { ...row, ...wanted }, held, asking)
      : await askProvider(ctx, { ...before, ...wanted }, held, asking);
    saved = true;
    if ("notAskedUntil" in answer) return await putOff(ctx, row, lease, answer);
    if ("failed" in answer) {
      const { oauthClient } = server;
      const failure = await withClient(ctx, answer, oauthClient);
      const outcome = await saveFailure(ctx, row, lease, failure);
      if (isExchanged && outcome.outcome === "needs_authorization") {
        await endExchanged(ctx, row, { ...server, oauthClient }, outcome.reason);
      }
      return outcome;
    }
    if (answer.workingAuthMethod || server.oauthClient.clientRefusedAt !== null) {
      await saveClientTaken(ctx.db, server.oauthClient, answer.workingAuthMethod);
    }
    const tokens: TokenSet = {
      ...answer,
      grantType: row.grantType,
      idle: isExchanged && !byPerson && isIdle(row, ctx.now()),
      // RFC 6749 §6: a response without a refresh token or scope leaves them unchanged.
      refreshToken: answer.refreshToken ?? before.refreshToken,
      scope: answer.scope ?? before.scope,
      refreshTokenExpiresAt: refreshTokenEnd(answer, before),
    };
    const { oauthClient } = server;
    const outcome = await saveSuccess(ctx, row, lease, tokens, { ...server, oauthClient });
    if (isExchanged && row.lastRefreshedAt === null) {
      await noteExchanged(ctx, row, server, tokens);
    }
    return outcome;
  } catch (error) {
    if (!(error instanceof SealedBoxError)) throw error;
    // Nothing was sent: it recovers once the operator adds the key.
    saved = true;
    const failed = classifyRefreshFailure(error);
    return await saveFailure(ctx, row, lease, { failed, failsAlone: false });
  } finally {
    held.stop();
    if (!saved) await releaseLease(ctx.db, leasedRow, lease.leaseId);
  }
}

/** A provider that sends no new refresh token, and says nothing about its expiry, has not moved it. */
function refreshTokenEnd(answer: TokenResponse, before: TokenSet): Date | null {
  const same = answer.refreshToken === null || answer.refreshToken === before.refreshToken;
  return answer.refreshTokenExpiresAt ?? (same ? before.refreshTokenExpiresAt : null) ?? null;
}

/** The provider was not called: that is not a failure of this account, and its tokens stay unchanged. */
async function putOff(
  ctx: RefreshContext,
  row: StoredTokenSetRow,
  lease: Lease,
  answer: { notAskedUntil: Date; reason: string; isProvidersFault: boolean },
): Promise<RefreshOutcome> {
  const at = { id: row.id, version: row.version, leaseId: lease.leaseId };
  const { notAskedUntil: until, reason, isProvidersFault } = answer;
  // What the provider itself said about these tokens is more informative.
  const told = isProvidersFault && row.refreshFailures === 0 ? reason : null;
  await saveRefreshPutOff(ctx.db, at, { until, reason: told }, ctx.now());
  return { outcome: "try_later", reason, retryAt: until };
}

interface Failure {
  failed: RefreshFailure;
  failsAlone: boolean;
}

/** A refused client may be one that the provider has forgotten: then its grants have ended as well. */
async function withClient(
  ctx: RefreshContext,
  failure: Failure,
  client: OAuthClientRow,
): Promise<Failure> {
  const { failed } = failure;
  if (failed.verdict !== "client_refused") return failure;
  const reason = await noteClientRefused(ctx, client);
  return reason === null
    ? failure
    : { failed: { ...failed, verdict: "grant_ended", reason }, failsAlone: false };
}

async function saveSuccess(
  ctx: RefreshContext,
  row: StoredTokenSetRow,
  lease: Lease,
  tokens: TokenSet,
  server: Parameters<typeof revokeLate>[2],
): Promise<RefreshOutcome> {
  const at = { id: row.id, version: row.version, leaseId: lease.leaseId };
  const columns = sealTokens(ctx.keyring, row, tokens);
  const kept = await whileLeased(ctx, lease, () =>
    saveRefreshedTokens(ctx.db, at, columns, ctx.now()),
  );
  ctx.tokenCache.drop(row.serverId, row.ownerKey);
  if (kept) return { outcome: "refreshed", by: "this", tokens, version: row.version + 1 };

  // Revoked or authorized again while the provider responded: that wins.
  const now = await findTokenSet(ctx.db, row);
  // These are left to expire: many providers would revoke the new consent with them.
  if (now === null) await revokeLate(ctx, row, server, columns, row.accountName);
  return (
    settledAlready(ctx, now, row.version) ?? tryLater(ctx, "This account has just changed.", 1000)
  );
}

async function saveFailure(
  ctx: RefreshContext,
  row: StoredTokenSetRow,
  lease: Lease,
  { failed, failsAlone }: Failure,
): Promise<RefreshOutcome> {
  const at = { id: row.id, version: row.version, leaseId: lease.leaseId };
  ctx.tokenCache.drop(row.serverId, row.ownerKey);
  const { refreshRefusals: refusals, expiresAt, grantType } = row;
  const before = { refusals, expiresAt, grantType };
  const decision = decideFailedRefresh(failed.verdict, before, ctx.now());
  const reason =
    decision.reason === "refused_again" ? `${failed.reason} ${refusedAgain}` : failed.reason;
  if (decision.outcome === "needs_authorization") {
    const end = decision.reason === "exchange_refused" ? saveExchangeRefused : saveGrantEnded;
    const kept = await whileLeased(ctx, lease, () => end(ctx.db, at, reason, ctx.now()));
    if (kept) return { outcome: "needs_authorization", reason };
  } else {
    const delayMs = retryDelayMs(row.refreshFailures, failed.retryAfterMs, Math.random());
    const retryAt = new Date(ctx.now().getTime() + delayMs);
    const offered = failsAlone && row.refreshFailures + 1 >= leastFailuresAlone;
    const deferral = {
      reason: offered ? `${reason} ${answersOthers}` : reason,
      nextRefreshAt: retryAt,
      refused: failed.verdict === "refused",
      failsAlone: offered,
    };
    const kept = await whileLeased(ctx, lease, () =>
      saveRefreshDeferred(ctx.db, at, deferral, ctx.now()),
    );
    if (kept) return { outcome: "try_later", reason: deferral.reason, retryAt };
  }
  const now = await findTokenSet(ctx.db, row);
  return (
    settledAlready(ctx, now, row.version) ?? tryLater(ctx, "This account has just changed.", 1000)
  );
}

const refusedAgain = "It has refused several times in a row. Authorize again.";
/** In a row, before a person may choose to authorize again rather than wait. */
const leastFailuresAlone = 3;
const answersOthers =
  "It answers for other accounts, so this access may have ended. Authorize again if this continues.";
