import { type GrantType, grantedFor, needsConsent } from "@/lib/contracts/servers/kinds";
import type { Database } from "@/lib/db/client";
import type { OAuthClientRow } from "@/lib/db/mcp-server";
import { saveClientRefused, saveRegistrationForgotten } from "@/lib/db/oauth-client";
import type { StoredTokenSetRow } from "@/lib/db/stored-token-set";
import { ProviderError, UnreachableError } from "@/lib/errors";
import type { OAuthClient } from "@/lib/oauth/client";
import { classifyRefreshFailure, type RefreshFailure } from "@/lib/oauth/error-response";
import { refreshTokens, requestClientCredentials } from "@/lib/oauth/token-endpoint";
import type { TokenResponse } from "@/lib/oauth/token-response";
import type { HeldLease } from "@/lib/tokens/lease";
import type { Health } from "@/lib/tokens/provider-gate";
import type { RefreshContext } from "@/lib/tokens/refresh-outcome";

/** Waiting time for a place at a busy provider. */
const gateWaitMs = 15_000;

/** The caller's limit on parallel requests. */
export interface RequestLimit {
  run<T>(request: () => Promise<T>): Promise<T>;
  stopped(): boolean;
}

export const noLimit: RequestLimit = { run: (request) => request(), stopped: () => false };

/** What is exchanged for new tokens: a refresh token, or only the client's credentials. */
export interface Renewal {
  client: OAuthClient;
  /** Null: the client alone is enough. */
  refreshToken: string | null;
  resource: string | null;
  scope: string | null;
}

export interface Failed {
  failed: RefreshFailure;
  /** It fails for these tokens, and responds for others. */
  failsAlone: boolean;
}

export interface NotAsked {
  notAskedUntil: Date;
  reason: string;
  /** The provider has not responded for others: worth telling the person. */
  isProvidersFault: boolean;
}

/** Whose tokens are requested, and by whom. */
export interface Asking {
  account: string;
  byPerson: boolean;
  limit: RequestLimit;
}

/** Refreshes tokens, or requests them as the client again. */
export function askProvider(
  ctx: RefreshContext,
  renewal: Renewal,
  held: HeldLease,
  asking: Asking,
): Promise<TokenResponse | Failed | NotAsked> {
  const { refreshToken, client } = renewal;
  const endpoint = client.settings?.refreshEndpoint || client.tokenEndpoint;
  return askThroughGate(ctx, endpoint, held, asking, () =>
    refreshToken === null
      ? requestClientCredentials(renewal, ctx)
      : refreshTokens({ ...renewal, refreshToken }, ctx),
  );
}

/**
 * One request to a token endpoint, through its host's gate. Never throws: failures are part of the
 * result.
 */
export async function askThroughGate<Granted>(
  ctx: RefreshContext,
  endpoint: string,
  held: HeldLease,
  { account, byPerson, limit }: Asking,
  send: () => Promise<Granted>,
  classify: (error: unknown) => RefreshFailure = classifyRefreshFailure,
): Promise<Granted | Failed | NotAsked> {
  const { host } = new URL(endpoint);
  const gate = await ctx.providerGate.enter(host, { account, byPerson, maxWaitMs: gateWaitMs });
  if (!gate.entered) {
    const isProvidersFault = gate.reason === "closed";
    const reason = `${host} ${notAskedBecause[gate.reason]}. Usher tries again automatically.`;
    return { notAskedUntil: gate.until, reason, isProvidersFault };
  }
  return limit.run(async () => {
    if (limit.stopped()) {
      gate.leave("not_asked");
      const reason = "Usher is restarting; another run continues.";
      return { notAskedUntil: ctx.now(), reason, isProvidersFault: false };
    }
    try {
      if (!(await held.maySend())) {
        gate.leave("not_asked");
        const soon = new Date(ctx.now().getTime() + 1000);
        const reason = "The refresh was postponed. Usher tries again automatically.";
        return { notAskedUntil: soon, reason, isProvidersFault: false };
      }
      const granted = await send();
      gate.leave("healthy");
      return granted;
    } catch (error) {
      const failed = classify(error);
      gate.leave(healthOf(error), failed.retryAfterMs);
      const failsAlone = failed.mayBeThisTokenAlone && ctx.providerGate.failsAlone(host, account);
      return { failed, failsAlone };
    }
  });
}

const notAskedBecause = {
  closed: "did not answer when it was asked for other accounts",
  busy: "is busy with other requests",
  asked: "asks Usher to wait before the next try",
} as const;

/**
 * No response, or one that shows a problem. A refusal with a reason comes from a healthy provider, and a request
 * that the outbound proxy blocked has not reached it.
 */
function healthOf(error: unknown): Health {
  if (error instanceof UnreachableError) return error.reason === "proxy" ? "not_asked" : "ill";
  if (!(error instanceof ProviderError)) return "healthy";
  return error.status >= 500 || error.status === 429 ? "ill" : "healthy";
}

/** Whether tokens granted this way are still right for a server with these settings. */
export function isStillGranted(
  granted: GrantType,
  { grantType, ownConsent }: { grantType: GrantType; ownConsent: boolean },
): boolean {
  if (granted === grantType) return true;
  // A person's own consent, if the organization's access was refused.
  return ownConsent && needsConsent(granted) && grantedFor(grantType) === "sign-in";
}

/** Whether these tokens were issued to this client, by this provider. No other one gets to see them. */
export function isGrantedTo(
  row: Pick<StoredTokenSetRow, "clientId" | "tokenEndpoint">,
  client: Pick<OAuthClient, "clientId" | "tokenEndpoint">,
): boolean {
  if (row.clientId === null || row.tokenEndpoint === null) return true;
  return row.clientId === client.clientId && row.tokenEndpoint === client.tokenEndpoint;
}

/** One answer may be a mistake: a restart, a replica that lags behind. In ms. */
const confirmedAfterMs = 30_000;

/**
 * The provider refuses the client. One that a person entered may be mistyped, and the tokens stay. One
 * that Usher registered itself is gone if the provider still says so a while later, and so is what was
 * granted to it.
 * @returns what the failure then means; null: nothing is dropped after one answer
 */
export async function noteClientRefused(
  ctx: { db: Database; now: () => Date },
  client: OAuthClientRow,
): Promise<string | null> {
  if (client.registration === "PRE_REGISTERED") return null;
  const { clientRefusedAt: since, clientSecretExpiresAt: expiry } = client;
  const now = ctx.now();
  const hasExpired = expiry !== null && expiry <= now;
  const confirmed =
    since !== null &&
    now.getTime() - since.getTime() >= confirmedAfterMs &&
    now.getTime() - (client.registeredAt?.getTime() ?? 0) >= confirmedAfterMs * 2;
  if (!hasExpired && !confirmed && !client.registrationForgotten) {
    await saveClientRefused(ctx.db, client, now);
    return null;
  }
  await saveRegistrationForgotten(ctx.db, client.serverId, client.clientId);
  return `${new URL(client.tokenEndpoint).host} no longer recognizes Usher as a client. Authorize again: Usher registers again automatically.`;
}
