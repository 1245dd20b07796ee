import type { Database } from "@/lib/db/client";
import { type OAuthClientRow, saveRegistrationForgotten } from "@/lib/db/mcp-server";
import type { StoredTokenSetRow } from "@/lib/db/stored-token-set";
import { ProviderError, UnreachableError } from "@/lib/errors";
import type { OAuthClient } from "@/lib/oauth/client";
import { classifyRefreshFailure, type RefreshFailure } from "@/lib/oauth/error-response";
import { saysClientUnknown } from "@/lib/oauth/registration-decision";
import { refreshTokens } from "@/lib/oauth/token-endpoint";
import type { HeldLease } from "@/lib/tokens/lease";
import type { RefreshContext } from "@/lib/tokens/refresh-outcome";

/** Waiting time for a place at a busy provider. */
const gateWaitMs = 15_000;

/** The caller's limit on parallel requests. */
export interface RequestLimit {
  run<T>(request: () => Promise<T>): Promise<T>;
  stopped(): boolean;
}

export const noLimit: RequestLimit = { run: (request) => request(), stopped: () => false };

type Answer =
  | Awaited<ReturnType<typeof refreshTokens>>
  | {
      failed: RefreshFailure;
      clientUnknown: boolean;
    }
  | { notAskedUntil: Date; reason: string };

/**
 * One request to the token endpoint, through its host's gate. Never throws: failures are part of the
 * result.
 */
export async function askProvider(
  ctx: RefreshContext,
  request: Parameters<typeof refreshTokens>[0],
  held: HeldLease,
  limit: RequestLimit,
): Promise<Answer> {
  const { host } = new URL(request.client.tokenEndpoint);
  const gate = await ctx.providerGate.enter(host, gateWaitMs);
  if (!gate.entered) {
    const why =
      gate.reason === "closed" ? "has not answered lately" : "is busy with other requests";
    return {
      notAskedUntil: gate.until,
      reason: `${host} ${why}. Usher tries again automatically.`,
    };
  }
  return limit.run(async () => {
    if (limit.stopped()) {
      gate.leave("not_asked");
      return { notAskedUntil: ctx.now(), reason: "Usher is restarting; another run continues." };
    }
    try {
      if (!(await held.maySend())) {
        gate.leave("not_asked");
        const soon = new Date(ctx.now().getTime() + 1000);
        return {
          notAskedUntil: soon,
          reason: "The refresh was postponed. Usher tries again automatically.",
        };
      }
      const tokens = await refreshTokens(request, ctx);
      gate.leave("healthy");
      return tokens;
    } catch (error) {
      gate.leave(isIll(error) ? "ill" : "healthy");
      return { failed: classifyRefreshFailure(error), clientUnknown: isClientUnknown(error) };
    }
  });
}

/** No response, or one that shows trouble. A refusal with a reason comes from a healthy provider. */
function isIll(error: unknown): boolean {
  if (error instanceof ProviderError) return error.status >= 500 || error.status === 429;
  return error instanceof UnreachableError;
}

/** A broken or overloaded provider is not believed. */
function isClientUnknown(error: unknown): boolean {
  if (!(error instanceof ProviderError) || isIll(error)) return false;
  return saysClientUnknown(error.error);
}

/** Whether these tokens were granted to this client by this provider. No other provider may see them. */
export function isGrantedTo(
  row: Pick<StoredTokenSetRow, "clientId" | "tokenEndpoint">,
  client: Pick<OAuthClient, "clientId" | "tokenEndpoint">,
): boolean {
  if (row.clientId === null || row.tokenEndpoint === null) return true;
  return row.clientId === client.clientId && row.tokenEndpoint === client.tokenEndpoint;
}

/**
 * The provider does not know the client. One that a person entered may be mistyped, and the tokens
 * stay; one that Usher registered by itself is gone, and what was granted to it with it.
 * @returns what the failure means then; false where a person has to look
 */
export async function noteForgotten(
  ctx: { db: Database },
  { serverId, clientId, registration, tokenEndpoint }: OAuthClientRow,
): Promise<RefreshFailure | false> {
  if (registration === "PRE_REGISTERED") return false;
  await saveRegistrationForgotten(ctx.db, serverId, clientId);
  return {
    outcome: "needs_authorization",
    reason: `${new URL(tokenEndpoint).host} no longer recognizes Usher as a client. Authorize again: Usher registers again automatically.`,
    retryAfterMs: null,
  };
}
