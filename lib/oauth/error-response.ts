import { ProviderError, UsherError } from "@/lib/errors";
import { nestedIn, type Parameters, textOf } from "@/lib/oauth/parameters";
import { errorCode, providerText } from "@/lib/untrusted-text";

/** The answer of a token, revocation or registration endpoint. */
export interface ProviderAnswer {
  /** The provider's name in messages. */
  readonly host: string;
  /** The endpoint's name in the form. */
  readonly field: "Token URL" | "Revocation URL" | "registration endpoint";
  readonly status: number;
  readonly body: string;
  readonly retryAfterMs: number | null;
  /** Sent with the request, and never to appear in a message, should the provider quote them. */
  readonly secrets: readonly string[];
}

/**
 * The access is over: only a new consent helps. RFC 6749 has one code for that; the others are
 * GitHub's, Slack's, HubSpot's and Microsoft's.
 */
const GRANT_ENDED: ReadonlySet<string> = new Set([
  "invalid_grant",
  "bad_refresh_token",
  "invalid_refresh_token",
  "token_revoked",
  "token_expired",
  "account_inactive",
  "interaction_required",
  "consent_required",
  "login_required",
]);

/** The provider does not know the client, or not by this secret: an admin's matter, not a person's. */
const CLIENT_REFUSED: ReadonlySet<string> = new Set([
  "invalid_client",
  "unauthorized_client",
  "incorrect_client_credentials",
  "bad_client_secret",
  "invalid_client_id",
]);

function isGrantEnded(error: string | null): boolean {
  return error !== null && GRANT_ENDED.has(error.toLowerCase());
}

function isClientRefused(error: string | null): boolean {
  return error !== null && CLIENT_REFUSED.has(error.toLowerCase());
}

/**
 * The error in an answer, whatever its status; null where there is none. Beside RFC 6749's `error`
 * this reads Slack's `{ok: false, error}`, HubSpot's `{status: "BAD_REFRESH_TOKEN"}`, Notion's
 * `{object: "error", code}` and errors that are objects.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2
 */
export function errorIn(
  parameters: Parameters,
): { code: string | null; description: string | null } | null {
  const nested = nestedIn(parameters, "error");
  const description =
    textOf(parameters, "error_description") ??
    textOf(parameters, "message") ??
    (nested && textOf(nested, "message"));
  const code =
    textOf(parameters, "error") ??
    (nested && (textOf(nested, "code") ?? textOf(nested, "type") ?? textOf(nested, "status"))) ??
    (parameters.object === "error" ? textOf(parameters, "code") : null) ??
    hubSpotStatus(parameters);
  if (code === null && nested === null && parameters.ok !== false) return null;
  return { code: errorCode(code), description };
}

/** An error that an answer told, in words that say what to do. */
export function providerError(
  answer: ProviderAnswer,
  told: { code: string | null; description: string | null } | null,
): ProviderError {
  const code = told?.code ?? null;
  const description = providerText(told?.description ?? null, answer.secrets);
  const quote = [code, description && `“${description}”`].filter(Boolean).join(": ");
  const sentence = `${answer.host} ${explain(code, answer)}`;
  const { status, retryAfterMs } = answer;
  return new ProviderError(
    { status, error: code, retryAfterMs },
    quote === "" ? sentence : `${sentence} (It said: ${quote})`,
  );
}

/** An answer without an error that is not what was asked for either. */
export function unreadable(answer: ProviderAnswer, what: string, remedy?: string): ProviderError {
  const { host, field, status, retryAfterMs } = answer;
  return new ProviderError(
    { status, error: null, retryAfterMs },
    `${host} ${what}. ${remedy ?? `An admin checks the ${field} on the server's page.`}`,
  );
}

function explain(code: string | null, { status, field }: ProviderAnswer): string {
  if (status === 429) return "is asked too often just now. Usher tries again later.";
  if (status >= 500) return "has a temporary problem. Usher tries again later.";
  if (isGrantEnded(code)) {
    return "no longer accepts this access: it was revoked, has run out or was used before. Authorize again.";
  }
  if (isClientRefused(code)) {
    return "does not accept Usher's client ID or client secret. An admin checks both, and the client authentication method, on the server's page.";
  }
  switch (code) {
    case "invalid_scope":
      return "does not know one of the scopes, or does not grant it. An admin checks the scopes on the server's page.";
    case "invalid_target":
      return "does not know this MCP server as a resource. An admin turns the resource indicator off on the server's page.";
    case "redirect_uri_mismatch":
      return "does not know Usher's callback URL. An admin registers the URL that the server's page shows, exactly as it is there.";
    case "bad_verification_code":
      return "no longer accepts the authorization code. Authorize again.";
    case "unsupported_grant_type":
      return `does not support this kind of request. An admin checks the ${field} on the server's page.`;
    case null:
      return explainStatus(status, field);
    default:
      return "refused the request.";
  }
}

function explainStatus(status: number, field: ProviderAnswer["field"]): string {
  if (status >= 300 && status < 400) {
    return `answered with a redirect, which Usher never follows with a secret. An admin enters the final address as ${field}.`;
  }
  if (status === 404 || status === 405) {
    return `has nothing at this address that answers such requests (status ${status}). An admin checks the ${field} on the server's page.`;
  }
  return `refused the request with status ${status}.`;
}

function hubSpotStatus(parameters: Parameters): string | null {
  const status = textOf(parameters, "status");
  return status !== null && /^[A-Z]+(_[A-Z]+)+$/.test(status) && !("access_token" in parameters)
    ? status.toLowerCase()
    : null;
}

/** What a failed refresh means for the tokens that are stored. */
export interface RefreshFailure {
  /**
   * `needs_authorization`: the provider says that this grant is over. `try_later`: everything else,
   * an outage or a wrong client secret among it; the tokens are as good as before.
   */
  outcome: "needs_authorization" | "try_later";
  /** In plain words, with what to do. Holds no secret. */
  reason: string;
  /** The requested delay; null: none. */
  retryAfterMs: number | null;
}

/**
 * Tells the one failure that ends a grant from the many that do not. An outage that is taken for a
 * revocation costs every person a consent, so the list is short and closed, and an overloaded or
 * broken server is not believed even then.
 */
export function classifyRefreshFailure(error: unknown): RefreshFailure {
  if (error instanceof ProviderError) {
    const believed = error.status < 500 && error.status !== 429;
    return {
      outcome: believed && isGrantEnded(error.error) ? "needs_authorization" : "try_later",
      reason: error.userMessage,
      retryAfterMs: error.retryAfterMs,
    };
  }
  return {
    outcome: "try_later",
    reason:
      error instanceof UsherError
        ? error.userMessage
        : "The refresh failed within Usher. It tries again later.",
    retryAfterMs: null,
  };
}
