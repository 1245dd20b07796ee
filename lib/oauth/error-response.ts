import { ProviderError, UsherError } from "@/lib/errors";
import { isWebPage, parseParameters } from "@/lib/oauth/parameters";
import { blamedPart, blamedWords } from "@/lib/oauth/reading/blamed-part";
import { missesClient } from "@/lib/oauth/reading/missing-client";
import { classifyRefusal, type Refusal } from "@/lib/oauth/refusal";
import { type ToldError, toldError } from "@/lib/oauth/told-error";
import { parseLimitReset, parseRetryAfter, waitToldIn } from "@/lib/retry-after";
import { providerText, shownIdentifier } from "@/lib/untrusted-text";

/** The response of a token, revocation or registration endpoint. */
export interface ProviderAnswer {
  /** The provider's name in messages. */
  readonly host: string;
  /** The endpoint's name in the form. */
  readonly field: "Token URL" | "Revocation URL" | "registration endpoint";
  readonly status: number;
  readonly body: string;
  /** The wait that it asks for, in ms; read only from a refusal. */
  readonly retryAfterMs: () => number | null;
  /** Sent with the request, and must never appear in a message, in case the provider quotes them. */
  readonly secrets: readonly string[];
  /** The client authenticated with a JWT that Usher signs. */
  readonly signed?: boolean;
  /** An authorization code was sent, rather than a refresh token. */
  readonly forCode?: boolean;
  /** What a 401 says in its WWW-Authenticate header. */
  readonly challenged?: () => ToldError | null;
  /** Where a redirect leads. */
  readonly location?: URL | null;
}

/** A reported error, in words that say what to do. */
export function providerError(answer: ProviderAnswer, told: ToldError | null): ProviderError {
  const { status } = answer;
  const code = told?.code ?? null;
  const said = told?.description ?? null;
  const refused = { status, error: code, said, isWebPage: isForeign(answer) };
  const blamed = blamedPart(code, said);
  const sentence = explain(code, answer, { ...classifyRefusal(refused), blamed, said });
  return new ProviderError(
    { ...refused, retryAfterMs: answer.retryAfterMs() },
    `${answer.host} ${sentence}${quoteOf(answer, told)}`,
  );
}

function quoteOf({ secrets }: ProviderAnswer, told: ToldError | null): string {
  const code = told?.code && providerText(told.code, secrets);
  const description = providerText(told?.description ?? null, secrets);
  const quote = [code, description && `“${description}”`].filter(Boolean).join(": ");
  return quote === "" ? "" : ` (It said: ${quote})`;
}

/** The provider's own text, as quoted by `providerError`: without secrets. Empty if there was none. */
export function quoteIn({ userMessage }: ProviderError): string {
  return / \(It said: .*\)$/.exec(userMessage)?.[0] ?? "";
}

/**
 * Not a token endpoint's own response: a web page, or with an intermediary's status a line of text
 * such as `error code: 1020`.
 */
function isForeign({ status, body }: ProviderAnswer): boolean {
  if (isWebPage(body)) return true;
  const between = status === 403 || status === 406 || status === 451;
  return between && body.trim() !== "" && parseParameters(body) === null && !/^\s*[[{"]/.test(body);
}

/** A response without an error that is still not what was requested. */
export function unreadable(answer: ProviderAnswer, what: string, remedy?: string): ProviderError {
  const { host, field, status } = answer;
  return new ProviderError(
    { status, error: null, retryAfterMs: answer.retryAfterMs() },
    `${host} ${what}. ${remedy ?? `Ask an admin to check the ${field} on the server's page.`}`,
  );
}

/**
 * The error for a successful response without a token. Some providers refuse this way, in their own fields:
 * `{"errcode": 42001, "errmsg": "…"}`. Only a text that says what has ended counts as a refusal; any text is quoted.
 */
export function withoutToken(answer: ProviderAnswer): ProviderError {
  const told = toldError({ ...answer, status: 400 });
  const [error, said] = [told?.code ?? null, told?.description ?? null];
  const { reason } = classifyRefusal({ status: answer.status, error, said, isWebPage: false });
  if (reason === "words" || reason === "overloaded") return providerError(answer, told);
  const quote = quoteOf(answer, told);
  // A code works once, so that only a new one can show whether anything is wrong.
  const again =
    answer.forCode && quote !== "" ? "Authorize again. If that does not help, ask" : "Ask";
  const remedy = `${again} an admin to check the ${answer.field} on the server's page.${quote}`;
  return unreadable(answer, "sent no access token", remedy);
}

/** What came instead of an OAuth response. */
export function noAnswer(answer: ProviderAnswer): ProviderError {
  const { body } = answer;
  if (body.trim() === "") return unreadable(answer, "answered with nothing");
  return unreadable(
    answer,
    isWebPage(body)
      ? "answered with a web page instead of a token"
      : "answered with something that is no OAuth answer",
  );
}

function explain(
  code: string | null,
  { status, field, signed, forCode = false, location = null }: ProviderAnswer,
  {
    verdict,
    reason,
    blamed,
    said,
  }: Refusal & { blamed: ReturnType<typeof blamedPart>; said: string | null },
): string {
  if (status === 429) return "is receiving too many requests. Usher tries again later.";
  if (status >= 500 || reason === "overloaded") {
    return "has a temporary problem. Usher tries again later.";
  }
  if (verdict === "grant_ended" && forCode && blamed === null) {
    return "does not accept the authorization code, which works once and for a few minutes. Authorize again.";
  }
  if (verdict === "grant_ended" && !forCode) {
    return "no longer accepts this access: it was revoked, has expired or was used before. Authorize again.";
  }
  if (blamed !== null) return blamedWords[blamed];
  if (verdict === "client_refused" || code === "unauthorized_client" || missesClient(code, said)) {
    return signed
      ? "does not accept the JWT that Usher signs. Ask an admin to check there that the client has this client ID and reads Usher's keys at its JWKS URL, and on the server's page the JWT's algorithm and audience."
      : "does not accept Usher's client ID or client secret. Ask an admin to check both, and the client authentication method, on the server's page.";
  }
  if (reason === "web_page" && status >= 400 && status !== 404 && status !== 405) {
    return `answered with a web page (status ${status}), as firewalls and proxies do. Usher tries again later.`;
  }
  switch (code) {
    case "bad_verification_code":
      return "no longer accepts the authorization code. Authorize again.";
    case "unsupported_grant_type":
      return `does not support this kind of request. Ask an admin to check the ${field} on the server's page.`;
    case null:
      return explainStatus(status, field, location);
    default:
      return "refused the request.";
  }
}

function explainStatus(
  status: number,
  field: ProviderAnswer["field"],
  location: URL | null,
): string {
  if (status >= 300 && status < 400) {
    // Its query may contain a secret.
    const address = location && shownIdentifier(location.origin + location.pathname);
    const to = location?.protocol.startsWith("http") ? ` to ${address}` : "";
    return `answered with a redirect${to}, which Usher never follows with a secret. Ask an admin to enter the final address as ${field}.`;
  }
  if (status === 404 || status === 405) {
    return `has nothing at this address that answers such requests (status ${status}). Ask an admin to check the ${field} on the server's page.`;
  }
  return `refused the request with status ${status}.`;
}

/**
 * The wait that a refusal asks for, in ms: from its headers, or from a body such as Discord's. When a limit is over
 * says each response of some, so it is a wait only after a 429.
 */
export function waitAskedFor(
  { status, headers, body }: { status: number; headers: Headers; body: string },
  now: Date,
): number | null {
  const asked = status === 429 ? parseLimitReset(headers, now) : parseRetryAfter(headers, now);
  if (asked !== null) return asked;
  // In a form, as some answer.
  const seconds = Number(parseParameters(body)?.retry_after);
  return seconds > 0 && seconds <= LONGEST_WAIT_S ? Math.ceil(seconds * 1000) : waitToldIn(body);
}

/** A larger number is in another unit. */
const LONGEST_WAIT_S = 24 * 60 * 60;

/** What a failed refresh means for the stored tokens. */
export interface RefreshFailure {
  readonly verdict: Refusal["verdict"];
  /** In plain words, with what to do; never contains a secret. */
  readonly reason: string;
  /** The wait that the provider requested; null: none. */
  readonly retryAfterMs: number | null;
  /** It responded with a 5xx: perhaps only for this token. */
  readonly mayBeThisTokenAlone: boolean;
}

/** Distinguishes the failures that end a grant from the many that do not. */
export function classifyRefreshFailure(error: unknown): RefreshFailure {
  if (error instanceof ProviderError) {
    return {
      verdict: classifyRefusal(error).verdict,
      reason: error.userMessage,
      retryAfterMs: error.retryAfterMs,
      mayBeThisTokenAlone: error.status >= 500,
    };
  }
  return {
    verdict: "outage",
    reason:
      error instanceof UsherError
        ? error.userMessage
        : "The refresh failed within Usher. It tries again later.",
    retryAfterMs: null,
    mayBeThisTokenAlone: false,
  };
}
