import { AuthorizationFailedError } from "@/lib/errors";
import type { OAuthClient } from "@/lib/oauth/client";
import { blamedPart, blamedWords } from "@/lib/oauth/refusal";
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
  if (!parameters.has("iss") && isDenied(parameters)) throw denied(host);
  // First of all: nothing in another server's response is used or shown.
  checkIssuer(parameters, client.issuer, issRequired, host);

  if (parameters.has("error")) throw failure(parameters, host);
  const code = single(parameters, "code");
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
  if (single(parameters, "iss") === expected) return;
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

/** @see https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1 */
function failure(parameters: URLSearchParams, host: string): AuthorizationFailedError {
  const code = errorCode(single(parameters, "error"));
  if (isDenied(parameters)) return denied(host);
  const said = single(parameters, "error_description");
  const description = providerText(said);
  const quote = [code, description && `“${description}”`].filter(Boolean).join(": ");
  return new AuthorizationFailedError(
    "provider_error",
    `${host} ${explain(code, said)}${quote === "" ? "" : ` (It said: ${quote})`}`,
  );
}

function isDenied(parameters: URLSearchParams): boolean {
  return errorCode(single(parameters, "error")) === "access_denied" && !parameters.has("code");
}

function denied(host: string): AuthorizationFailedError {
  return new AuthorizationFailedError(
    "denied",
    `The access was not granted at ${host}. Nothing was stored. Authorize again if that was a mistake.`,
  );
}

function explain(code: string | null, said: string | null): string {
  const blamed = blamedPart(code, said);
  if (blamed !== null) return blamedWords[blamed];
  switch (code) {
    case "temporarily_unavailable":
    case "server_error":
      return "has a temporary problem. Authorize again later.";
    case "unauthorized_client":
    case "invalid_client":
      return "does not know this client, or does not let it ask. Ask an admin to check the client ID, and that the callback URL is registered.";
    case "invalid_request":
    case "unsupported_response_type":
      return "did not understand the request. Ask an admin to check the Authorization URL and the extra parameters on the server's page.";
    default:
      return "ended the authorization with an error. Authorize again, or ask an admin.";
  }
}

/** RFC 6749 §3.1: a parameter appears once; a repeated one is not read at all. */
function single(parameters: URLSearchParams, name: string): string | null {
  const [value, ...others] = parameters.getAll(name);
  return others.length === 0 && value ? value : null;
}
