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

/** For a place at a busy provider. */
const gateWaitMs = 15_000;

/** What the caller allows of all the requests that it may have under way. */
export interface RequestLimit {
  /** Runs it when there is room. */
  run<T>(request: () => Promise<T>): Promise<T>;
  /** Nothing more is sent. */
  stopped(): boolean;
}

export const noLimit: RequestLimit = { run: (request) => request(), stopped: () => false };

type Answer =
  | Awaited<ReturnType<typeof refreshTokens>>
  | {
      failed: RefreshFailure;
      /** It does not know the client. */
      clientUnknown: boolean;
    }
  | { notAskedUntil: Date; reason: string };

/**
 * One request to the token endpoint, past the gate of its host. Never throws: what went wrong is
 * part of the answer.
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
    return { notAskedUntil: gate.until, reason: `${host} ${why}. Usher asks again by itself.` };
  }
  return limit.run(async () => {
    if (limit.stopped()) {
      gate.leave("not_asked");
      return { notAskedUntil: ctx.now(), reason: "Usher is being restarted; another run goes on." };
    }
    try {
      if (!(await held.maySend())) {
        gate.leave("not_asked");
        const soon = new Date(ctx.now().getTime() + 1000);
        return {
          notAskedUntil: soon,
          reason: "The refresh was put off. Usher asks again by itself.",
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

/** No answer, or one that tells of trouble. A refusal with a reason is an answer of a healthy provider. */
function isIll(error: unknown): boolean {
  if (error instanceof ProviderError) return error.status >= 500 || error.status === 429;
  return error instanceof UnreachableError;
}

/** A broken or overloaded provider is not believed that. */
function isClientUnknown(error: unknown): boolean {
  if (!(error instanceof ProviderError) || isIll(error)) return false;
  return saysClientUnknown(error.error);
}

/** Whether these tokens were granted to this client, by this provider. No other one gets to see them. */
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
    reason: `${new URL(tokenEndpoint).host} no longer knows Usher as a client. Authorize again: Usher registers there anew by itself.`,
    retryAfterMs: null,
  };
}
