import { AuthorizationFailedError } from "@/lib/errors";
import type { OAuthClient } from "@/lib/oauth/client";
import { blamedPart, blamedWords } from "@/lib/oauth/reading/blamed-part";
import { saysClientIsOver } from "@/lib/oauth/refusal";
import { errorCode, providerText } from "@/lib/untrusted-text";

/**
 * Reads what a provider sent back through the browser, once its `state` was found to belong to
 * this person and this browser.
 *
 * @param issRequired the server's metadata say that `iss` is always sent (RFC 9207 §3).
 * @throws {AuthorizationFailedError} `denied`, `issuer_mismatch` or `provider_error`.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2
 */
export function readAuthorizationResponse(
  parameters: URLSearchParams,
  client: Pick<OAuthClient, "issuer" | "authorizationEndpoint">,
  issRequired = false,
): { code: string } {
  const { host } = new URL(client.authorizationEndpoint);
  // Some name their issuer in responses with a code only. This one grants nothing, and none of its text is shown.
  if (issRequired && !parameters.has("iss") && isDenied(parameters)) throw denied(host);
  // First of all: nothing in another server's response is used or shown.
  checkIssuer(parameters, client.issuer, issRequired, host);

  if (errorIn(parameters) !== null) throw failure(parameters, host);
  // A code has no spaces: this was a plus sign that the provider did not encode.
  const code = single(parameters, "code")?.replaceAll(" ", "+") ?? null;
  if (code === null) {
    throw new AuthorizationFailedError(
      "provider_error",
      `${host} sent you back without an answer that Usher can read. Authorize again. If that does not help, ask an admin to check the Authorization URL.`,
    );
  }
  return { code };
}

/**
 * An honest server and a dishonest one must not be mixed up: the honest one's code would be
 * sent to the other. Compared as text, without any normalization.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9207#section-2.4
 */
function checkIssuer(
  parameters: URLSearchParams,
  expected: string | null,
  issRequired: boolean,
  host: string,
): void {
  if (expected === null) return;
  if (!parameters.has("iss") && !issRequired) return;
  if (parameters.getAll("iss").length === 1 && parameters.get("iss") === expected) return;
  if (!parameters.has("iss")) {
    throw new AuthorizationFailedError(
      "issuer_mismatch",
      `The answer of ${host} does not name its issuer (iss), although its metadata promise that. Nothing was stored. Authorize again. If that does not help, ask an admin to turn off Require the issuer in responses on the server's page.`,
    );
  }
  throw new AuthorizationFailedError(
    "issuer_mismatch",
    `The answer did not come from ${host}, as the issuer that it names is not the one on the server's page. Nothing was stored. Ask an admin to check the issuer there.`,
  );
}

/** The code of the error; an empty text if it has none that can be shown. Null: it is not an error. */
function errorIn(parameters: URLSearchParams): string | null {
  const names = [...parameters.keys()];
  // RFC 6749 §3.1: without a value it counts as left out. A repeated one is an error, whatever it says.
  const isTold = names.some(
    (name) => CODES.includes(name) && parameters.getAll(name).join("") !== "",
  );
  return isTold ? (first(parameters, CODES) ?? "") : null;
}

/** Meta says `error_code` and `error_message`. */
const CODES = ["error", "error_code"];
const DESCRIPTIONS = ["error_description", "error_message", "error_reason"];

/** @see https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1 */
function failure(parameters: URLSearchParams, host: string): AuthorizationFailedError {
  const code = errorCode(first(parameters, CODES));
  const said = first(parameters, DESCRIPTIONS);
  const description = providerText(said);
  const quoted = description && `“${description}”`;
  if (isDenied(parameters)) return denied(host, quoted);
  const quote = [code, quoted].filter(Boolean).join(": ");
  return new AuthorizationFailedError(
    "provider_error",
    `${host} ${explain(code, said)}${itSaid(quote)}`,
  );
}

/** LinkedIn's and others' own words for the same. */
const DENIED =
  /^(access_denied|((user|consent|authori[sz]ation|request|login)_)?(denied|cancell?ed|declined|rejected|aborted)(_\w+)?)$/i;

function isDenied(parameters: URLSearchParams): boolean {
  const hasCode = parameters.getAll("code").join("") !== "";
  return DENIED.test(errorCode(single(parameters, "error")) ?? "") && !hasCode;
}

/** Often the person refused; but a provider says the same of people whom its admins did not admit. */
function denied(host: string, quote: string | null = null): AuthorizationFailedError {
  return new AuthorizationFailedError(
    "denied",
    `The access was not granted at ${host}. Nothing was stored. Authorize again if that was a mistake.${itSaid(quote)}`,
  );
}

function itSaid(quote: string | null): string {
  return quote ? ` (It said: ${quote})` : "";
}

function explain(code: string | null, said: string | null): string {
  const blamed = blamedPart(code, said);
  if (blamed !== null) return blamedWords[blamed];
  if (saysClientIsOver(code, said)) return clientUnknown;
  switch (code) {
    case "temporarily_unavailable":
    case "server_error":
      return "has a temporary problem. Authorize again later.";
    case "unauthorized_client":
    case "invalid_client":
      return clientUnknown;
    case "invalid_request":
    case "unsupported_response_type":
      return "did not understand the request. Ask an admin to check the Authorization URL and the extra parameters on the server's page.";
    default:
      return "ended the authorization with an error. Authorize again, or ask an admin.";
  }
}

const clientUnknown =
  "does not know this client, or does not let it ask. Ask an admin to check the client ID, and that the callback URL is registered.";

function first(parameters: URLSearchParams, names: readonly string[]): string | null {
  return names.map((name) => single(parameters, name)).find((value) => value !== null) ?? null;
}

/** RFC 6749 §3.1: a parameter appears once; one that is repeated with another value is not read at all. */
function single(parameters: URLSearchParams, name: string): string | null {
  const [value, ...others] = new Set(parameters.getAll(name));
  return others.length === 0 && value ? value : null;
}
