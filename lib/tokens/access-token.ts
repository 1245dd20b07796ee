import type { TokensToCall } from "@/lib/db/servers/server-to-call";
import {
  clearRejected,
  findTokenSet,
  type Owner,
  saveRejected,
  type TokensOfServer,
} from "@/lib/db/stored-token-set";
import { AuthorizationRequiredError, ConflictError, TryLaterError } from "@/lib/errors";
import { compareNotices } from "@/lib/notices/notices-changed";
import type { Ticket } from "@/lib/short-lived";
import { patiently } from "@/lib/work-under-way";
import { refresh } from "./refresh";
import { type RefreshContext, type RefreshOutcome, tryLater } from "./refresh-outcome";
import { hasExpired, isRefreshable, isRejected, mayTryAtOnce, usable } from "./token-set";
import { openAccessToken, tokenFacts } from "./token-store";

/** After this long, in ms, a waiting person is told, and the refresh continues. */
export const patienceMs = 10_000;

export interface TokenWanted {
  /** Version of the server's configuration that the caller uses. */
  serverVersion?: number;
  /** An admin's test retries at once, although the server refused this token recently. */
  evenIfRefused?: boolean;
  /** If a person's sign-in gives them an account: creates its row at the first call. */
  expect?: () => Promise<TokensOfServer | null>;
}

/**
 * A token that is valid now, refreshed first if it was about to expire.
 *
 * @throws ConflictError the configuration has changed since
 * @throws AuthorizationRequiredError no one has consented, or the grant is gone
 * @throws TryLaterError the provider cannot be called right now; nothing was lost
 */
export async function accessToken(
  ctx: RefreshContext,
  owner: Owner,
  wanted: TokenWanted = {},
): Promise<string> {
  const cached = ctx.tokenCache.get(owner);
  if (cached !== null) return cached;

  const ticket = ctx.tokenCache.ticket();
  const stored = await ctx.tokenCache.read(owner, ticket, () => findTokenSet(ctx.db, owner));
  const row = stored ?? (await wanted.expect?.());
  if (!row) throw notConnected(owner);
  checkVersion(row, wanted.serverVersion);
  if (row.rejectedAt !== null) ctx.tokenCache.noteRetried(owner);
  const facts = tokenFacts(row);
  const decision = usable(wanted.evenIfRefused ? { ...facts, rejectedAt: null } : facts, ctx.now());
  switch (decision.use) {
    case "now":
      return remember(ctx, row, ticket);
    case "never":
      throw new AuthorizationRequiredError(
        owner,
        row.lastRefreshError ?? "The access to this account has ended. Authorize again.",
      );
    case "later":
      if (!mayTryAtOnce(facts, ctx.now())) {
        throw later(ctx, row.lastRefreshError, decision.retryAt);
      }
      return orThrow(ctx, owner, await refreshForCaller(ctx, owner, row.version));
    case "after_refresh": {
      const result = await refreshForCaller(ctx, owner, row.version);
      // Still valid unless the refresh took longer than the remaining lifetime.
      if (result.outcome === "try_later" && !hasExpired(row, ctx.now())) {
        return remember(ctx, row, ticket);
      }
      return orThrow(ctx, owner, result);
    }
  }
}

/**
 * Tokens that were read along with their server save the following call a separate read, if
 * all is well with them.
 * @param ticket taken before they were read
 */
export function keepForCall(ctx: RefreshContext, row: TokensToCall, ticket: Ticket): void {
  if (row.rejectedAt === null && usable(tokenFacts(row), ctx.now()).use === "now") {
    remember(ctx, row, ticket);
  }
}

/**
 * The token source for the MCP client. It is bound to one version of the server's configuration: a
 * call to a URL changed in the meantime, here or on another replica, gets no token of the
 * new one.
 */
export function bearerSource(ctx: RefreshContext, owner: Owner, wanted: TokenWanted = {}) {
  return {
    token: () => {
      const token = () => accessToken(ctx, owner, wanted);
      const { serverId } = owner;
      return ctx.telemetry?.on?.span("token", { serverId }, token) ?? token();
    },
    replace: (refused: string, orSame = false) =>
      replaceToken(ctx, owner, refused, { orSame, serverVersion: wanted.serverVersion }),
    reject: (refused: string) => rejectToken(ctx, owner, refused),
    /** The server accepted a token that it had refused: the server was at fault, not the consent. */
    accepted: async () => {
      if (!ctx.tokenCache.takeRetried(owner)) return;
      await clearRejected(ctx.db, owner);
      void ctx.underWay.keep(compareNotices(ctx, { serverId: owner.serverId }));
    },
  };
}

/**
 * After a 401: the stored token if it has changed, otherwise a refreshed one.
 * @param asked `orSame`: return the same token if there is no better one now; something else may have been refused
 */
async function replaceToken(
  ctx: RefreshContext,
  owner: Owner,
  rejectedToken: string,
  { orSame, serverVersion }: { orSame: boolean; serverVersion: number | undefined },
): Promise<string> {
  ctx.tokenCache.drop(owner.serverId, owner.ownerKey);
  const row = await findTokenSet(ctx.db, owner);
  if (!row) throw notConnected(owner);
  checkVersion(row, serverVersion);
  const stored = openAccessToken(ctx.keyring, row);
  if (stored !== rejectedToken) return stored;
  const refusedAnew =
    isRejected(tokenFacts(row), ctx.now()) || !isRefreshable(row.refreshTokenSealed, row.grantType);
  if (refusedAnew) return orSame ? rejectedToken : rejectToken(ctx, owner, rejectedToken);
  const result = await refreshForCaller(ctx, owner, row.version);
  if (orSame && result.outcome === "try_later") return rejectedToken;
  return orThrow(ctx, owner, result);
}

function refreshForCaller(
  ctx: RefreshContext,
  owner: Owner,
  seenVersion: number,
): Promise<RefreshOutcome> {
  return patiently(refresh(ctx, owner, seenVersion), patienceMs, () =>
    tryLater(
      ctx,
      "The provider has not answered for 10 seconds. Usher keeps waiting for it; try again in a moment.",
      5000,
    ),
  );
}

/** After a second 401: a new consent is needed. A token stored in the meantime is not affected. */
async function rejectToken(
  ctx: RefreshContext,
  owner: Owner,
  rejectedToken: string,
): Promise<never> {
  ctx.tokenCache.drop(owner.serverId, owner.ownerKey);
  const reason = "The MCP server refuses this account's token (401). Authorize again.";
  const row = await findTokenSet(ctx.db, owner);
  if (row && openAccessToken(ctx.keyring, row) === rejectedToken) {
    await saveRejected(ctx.db, row, reason, ctx.now());
  }
  throw new AuthorizationRequiredError(owner, reason);
}

function checkVersion(row: TokensOfServer, serverVersion: number | undefined): void {
  if (serverVersion === undefined || row.server.version === serverVersion) return;
  throw new ConflictError("The settings of this MCP server changed during the call. Try again.");
}

function remember(ctx: RefreshContext, row: TokensToCall, ticket: Ticket): string {
  const token = openAccessToken(ctx.keyring, row);
  const facts = tokenFacts(row);
  // A refused token is read each time until the server accepts it.
  if (facts.rejectedAt === null) {
    const { isDefault } = row;
    ctx.tokenCache.put(row, { accessToken: token, facts, isDefault }, ticket);
  }
  return token;
}

function orThrow(ctx: RefreshContext, owner: Owner, result: RefreshOutcome): string {
  switch (result.outcome) {
    case "refreshed":
      return result.tokens.accessToken;
    case "needs_authorization":
      throw new AuthorizationRequiredError(owner, result.reason);
    case "try_later":
      throw later(ctx, result.reason, result.retryAt);
  }
}

export const notConnectedWords = "This account is not connected yet.";

function notConnected(owner: Owner): AuthorizationRequiredError {
  return new AuthorizationRequiredError(owner, notConnectedWords);
}

function later(ctx: RefreshContext, reason: string | null, retryAt: Date): TryLaterError {
  const retryAfterMs = Math.max(retryAt.getTime() - ctx.now().getTime(), 1000);
  return new TryLaterError(
    reason || "The provider cannot renew the access right now. Try again in a minute.",
    { retryAfterMs },
  );
}
