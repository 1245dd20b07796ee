import { revocationRequest } from "oauth4webapi";
import { ProviderError, UsherError } from "@/lib/errors";
import type { OAuthClient, OAuthContext } from "@/lib/oauth/client";
import { providerError, unreadable } from "@/lib/oauth/error-response";
import { isWebPage } from "@/lib/oauth/parameters";
import { clientAuthentication, readAnswer, serverAndClient } from "@/lib/oauth/provider-request";
import { classifyRefusal } from "@/lib/oauth/refusal";
import { toldError } from "@/lib/oauth/told-error";

export type TokenRevocation =
  | { token: "refresh_token" | "access_token"; outcome: "revoked" }
  | {
      token: "refresh_token" | "access_token";
      /** `unsupported`: the provider does not revoke such tokens; there is nothing to retry. */
      outcome: "unsupported" | "failed";
      /** In plain words. */
      reason: string;
      /** Another try may succeed: no response, or one that shows a passing problem. */
      mayPass: boolean;
      /** The wait that the provider requested, in ms; null: none. */
      retryAfterMs: number | null;
    };

/** For both tokens of a grant, in ms. */
const TIME_LIMIT_MS = 10_000;

/**
 * Tells the provider that tokens are no longer used: the refresh token first, which ends the grant,
 * then the access token, which would otherwise stay valid until it expires. Empty if the provider
 * has no revocation endpoint. Takes at most 10 s. Never throws for provider or network errors: whether the
 * tokens are deleted here must not depend on it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7009#section-2
 */
export async function revokeTokens(
  grant: {
    client: OAuthClient;
    tokens: { accessToken: string | null; refreshToken: string | null };
  },
  ctx: OAuthContext,
): Promise<TokenRevocation[]> {
  const { client, tokens } = grant;
  const outcomes: TokenRevocation[] = [];
  if (client.revocationEndpoint === null) return outcomes;
  const endsAt = performance.now() + TIME_LIMIT_MS;
  for (const [token, value] of [
    ["refresh_token", tokens.refreshToken],
    ["access_token", tokens.accessToken],
  ] as const) {
    if (value === null) continue;
    const timeLimitMs = endsAt - performance.now();
    if (timeLimitMs <= 0) {
      const reason = "There was no time left to revoke it.";
      outcomes.push({ token, outcome: "failed", reason, mayPass: true, retryAfterMs: null });
      continue;
    }
    const url = client.revocationEndpoint;
    outcomes.push(await revoke(client, { url, timeLimitMs }, token, value, ctx));
  }
  return outcomes;
}

function isGrantOver(error: UsherError): boolean {
  return error instanceof ProviderError && classifyRefusal(error).verdict === "grant_ended";
}

async function revoke(
  client: OAuthClient,
  endpoint: { url: string; timeLimitMs: number },
  token: TokenRevocation["token"],
  value: string,
  ctx: OAuthContext,
): Promise<TokenRevocation> {
  try {
    const { authenticate, secrets } = await clientAuthentication(client, ctx.now());
    const asked = {
      ...endpoint,
      field: "Revocation URL" as const,
      kind: "revocation" as const,
      secrets: [...secrets, value],
    };
    const answer = await readAnswer(asked, ctx, (options) =>
      revocationRequest(...serverAndClient(client), authenticate, value, {
        ...options,
        additionalParameters: { token_type_hint: token },
      }),
    );
    // RFC 7009 §2.2: 200 also for a token that was no longer valid; some servers send 204.
    const told = toldError(answer);
    if (told || answer.status < 200 || answer.status > 299) throw providerError(answer, told);
    // The body has no meaning there, but a web page shows that this is a different URL.
    if (isWebPage(answer.body)) throw unreadable(answer, "answered with a web page");
    return { token, outcome: "revoked" };
  } catch (error) {
    if (!(error instanceof UsherError)) throw error;
    // Some refuse a token that has already ended, such as the access token after its refresh token.
    if (isGrantOver(error)) return { token, outcome: "revoked" };
    const unsupported = error instanceof ProviderError && error.error === "unsupported_token_type";
    return {
      ...{ token, outcome: unsupported ? "unsupported" : "failed", reason: error.userMessage },
      mayPass: !unsupported && mayPass(error),
      retryAfterMs: error instanceof ProviderError ? error.retryAfterMs : null,
    };
  }
}

/** Asked too early or too often; everything else below 500 is a decision about this request. */
const passingStatuses = [408, 425, 429];

/** A web page comes from something in front of the provider. */
function mayPass(error: UsherError): boolean {
  if (!(error instanceof ProviderError) || error.isWebPage) return true;
  const { status } = error;
  return status < 300 || status >= 500 || passingStatuses.includes(status);
}
