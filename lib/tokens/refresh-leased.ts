import type { FlowTrigger } from "@/lib/contracts/servers/flow";
import { findMcpServer } from "@/lib/db/mcp-server";
import {
  releaseLease,
  saveGrantEnded,
  saveNextRefresh,
  saveRefreshDeferred,
} from "@/lib/db/refresh-lease";
import { saveRefreshedTokens } from "@/lib/db/refreshed-tokens";
import { findTokenSet, type Owner, type StoredTokenSetRow } from "@/lib/db/stored-token-set";
import { type ObservedSteps, observed } from "@/lib/oauth/client";
import type { RefreshFailure } from "@/lib/oauth/error-response";
import { revokeTokens } from "@/lib/oauth/revocation";
import { openOAuthClient, resourceOf } from "@/lib/servers/oauth-client";
import {
  askProvider,
  isGrantedTo,
  noLimit,
  noteForgotten,
  type RequestLimit,
} from "@/lib/tokens/ask-provider";
import { ageOf, HeldLease, type Lease } from "@/lib/tokens/lease";
import {
  type RefreshContext,
  type RefreshOutcome,
  settledAlready,
  tryLater,
} from "@/lib/tokens/refresh-outcome";
import { retryDelayMs, type TokenSet } from "@/lib/tokens/token-set";
import { openTokens, sealTokens } from "@/lib/tokens/token-store";
import { keepTrying } from "@/lib/work-under-way";

/**
 * With the lease held and no transaction open: ask the provider, save by compare-and-set.
 */
export async function refreshLeased(
  world: RefreshContext,
  row: StoredTokenSetRow,
  lease: Lease,
  seenVersion: number,
  limit: RequestLimit = noLimit,
  trigger: FlowTrigger = "call",
): Promise<RefreshOutcome> {
  const { ctx, steps } = observed(world);
  const outcome = await askAndSave(ctx, row, lease, seenVersion, limit);
  if (steps.count > 0) recordRefresh(ctx, row, { trigger, outcome, steps });
  return outcome;
}

async function askAndSave(
  ctx: RefreshContext,
  row: StoredTokenSetRow,
  lease: Lease,
  seenVersion: number,
  limit: RequestLimit,
): Promise<RefreshOutcome> {
  const held = new HeldLease(ctx, row.id, lease);
  let saved = false;
  try {
    const settled = settledAlready(ctx, row, seenVersion);
    if (settled) return settled;
    const server = await findMcpServer(ctx.db, row.serverId);
    if (!server?.oauthClient) {
      return { outcome: "needs_authorization", reason: "This server no longer uses OAuth 2.0." };
    }
    const client = openOAuthClient(ctx.keyring, server.oauthClient);
    // The settings changed since the row was read: its refresh token is not for this provider.
    if (!isGrantedTo(row, client)) {
      return { outcome: "needs_authorization", reason: "The settings of this server changed." };
    }
    const before = openTokens(ctx.keyring, row);
    const request = {
      client,
      refreshToken: before.refreshToken ?? "",
      resource: resourceOf(server),
      scope: row.requestedScope ?? server.oauthClient.scope,
    };
    const answer = await askProvider(ctx, request, held, limit);
    saved = true;
    if ("notAskedUntil" in answer) return await postpone(ctx, row, lease, answer);
    if ("failed" in answer) {
      const forgotten = answer.clientUnknown && (await noteForgotten(ctx, server.oauthClient));
      return await saveFailure(ctx, row, lease, forgotten || answer.failed);
    }
    const tokens: TokenSet = {
      ...answer,
      // RFC 6749 §6: an answer without a refresh token or scope leaves them as they were.
      refreshToken: answer.refreshToken ?? before.refreshToken,
      scope: answer.scope ?? before.scope,
    };
    return await saveSuccess(ctx, row, lease, tokens, client);
  } finally {
    held.stop();
    if (!saved) await releaseLease(ctx.db, row.id, lease.leaseId);
  }
}

/** The provider was not asked, so this is no failure of the account, and its tokens stay. */
async function postpone(
  ctx: RefreshContext,
  row: StoredTokenSetRow,
  lease: Lease,
  { notAskedUntil, reason }: { notAskedUntil: Date; reason: string },
): Promise<RefreshOutcome> {
  const at = { id: row.id, version: row.version, leaseId: lease.leaseId };
  await saveNextRefresh(ctx.db, at, notAskedUntil);
  return { outcome: "try_later", reason, retryAt: notAskedUntil };
}

async function saveSuccess(
  ctx: RefreshContext,
  row: StoredTokenSetRow,
  lease: Lease,
  tokens: TokenSet,
  client: ReturnType<typeof openOAuthClient>,
): Promise<RefreshOutcome> {
  const at = { id: row.id, version: row.version, leaseId: lease.leaseId };
  const columns = sealTokens(ctx.keyring, row, tokens);
  const kept = await whileLeased(ctx, lease, () =>
    saveRefreshedTokens(ctx.db, at, columns, ctx.now()),
  );
  ctx.tokenCache.drop(row.serverId, row.ownerKey);
  if (kept) return { outcome: "refreshed", by: "this", tokens, version: row.version + 1 };

  // Revoked or authorized again while the provider answered: that wins.
  const now = await findTokenSet(ctx.db, row);
  // These are left to expire: many providers would revoke the new consent with them.
  if (now === null) await revokeTokens({ client, tokens }, ctx);
  return (
    settledAlready(ctx, now, row.version) ?? tryLater(ctx, "This account changed meanwhile.", 1000)
  );
}

async function saveFailure(
  ctx: RefreshContext,
  row: StoredTokenSetRow,
  lease: Lease,
  failure: RefreshFailure,
): Promise<RefreshOutcome> {
  const at = { id: row.id, version: row.version, leaseId: lease.leaseId };
  const { reason } = failure;
  ctx.tokenCache.drop(row.serverId, row.ownerKey);
  if (failure.outcome === "needs_authorization") {
    const kept = await whileLeased(ctx, lease, () => saveGrantEnded(ctx.db, at, reason, ctx.now()));
    if (kept) return { outcome: "needs_authorization", reason };
  } else {
    const delayMs = retryDelayMs(row.refreshFailures, failure.retryAfterMs, Math.random());
    const retryAt = new Date(ctx.now().getTime() + delayMs);
    const deferral = { reason, nextRefreshAt: retryAt };
    const kept = await whileLeased(ctx, lease, () =>
      saveRefreshDeferred(ctx.db, at, deferral, ctx.now()),
    );
    if (kept) return { outcome: "try_later", reason, retryAt };
  }
  const now = await findTokenSet(ctx.db, row);
  return (
    settledAlready(ctx, now, row.version) ?? tryLater(ctx, "This account changed meanwhile.", 1000)
  );
}

/** The provider has already rotated the token, and the lease keeps others away. */
function whileLeased(
  { log }: RefreshContext,
  lease: Lease,
  save: () => Promise<boolean>,
): Promise<boolean> {
  return keepTrying(save, {
    what: "the result of a refresh",
    log,
    mayPause: (ms) => ageOf(lease) + ms <= lease.lengthMs,
  });
}

const outcomes = {
  refreshed: "succeeded",
  needs_authorization: "failed",
  try_later: "retrying",
} as const;

/** For the flow inspector; in the background. */
function recordRefresh(
  ctx: Pick<RefreshContext, "flows">,
  { serverId, ownerKey }: Owner,
  refresh: { trigger: FlowTrigger; outcome: RefreshOutcome; steps: ObservedSteps },
): void {
  const { trigger, outcome, steps } = refresh;
  const went = outcomes[outcome.outcome];
  if (!ctx.flows.wants({ serverId, kind: "REFRESH", outcome: went })) return;
  const reason = outcome.outcome === "refreshed" ? null : outcome.reason;
  ctx.flows.record({
    ...{ serverId, ownerKey, kind: "REFRESH", trigger, reason },
    ...{ outcome: went, steps: steps.read() },
  });
}
