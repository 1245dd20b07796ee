import * as oauth from "oauth4webapi";
import type { SignInFailure } from "@/lib/contracts/people/sign-in";
import { UsherError } from "@/lib/errors";

/** No one was signed in or linked. `reason` selects the sign-in page's text. */
export class OidcFailure extends UsherError {
  static override readonly kind = "OidcFailure";
  readonly code = "oidc_failure";
  readonly reason: SignInFailure;
  /** The address that a provider gives as its issuer, if that is not OIDC_ISSUER: as a URL, so that nothing else can be in it. */
  readonly namedIssuer: string | null;

  constructor(reason: SignInFailure, options?: { cause?: unknown; namedIssuer?: string | null }) {
    super("Signing in with the identity provider failed. Try again.", {
      ...options,
      message: `sign-in by OpenID Connect: ${reason}`,
    });
    this.reason = reason;
    this.namedIssuer = options?.namedIssuer ?? null;
  }
}

/** Runs one step of a sign-in. @throws OidcFailure for any failure of the provider or the network */
export async function failureOf<Result>(leg: () => Promise<Result>): Promise<Result> {
  try {
    return await leg();
  } catch (error) {
    if (error instanceof OidcFailure) throw error;
    throw new OidcFailure(reasonOf(error), { cause: error });
  }
}

/** @see https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1 */
function reasonOf(error: unknown): SignInFailure {
  if (error instanceof oauth.AuthorizationResponseError) {
    if (error.error === "access_denied") return "OidcCancelled";
    const isDown = error.error === "server_error" || error.error === "temporarily_unavailable";
    return isDown ? "OidcUnreachable" : "OidcRefused";
  }
  if (isNoJson(error)) return "OidcUnreachable";
  const status = statusOf(error);
  if (status !== null) return status >= 500 || status === 429 ? "OidcUnreachable" : "OidcRefused";
  return isOfTheNetwork(error) ? "OidcUnreachable" : "OidcRefused";
}

/** A proxy responded with a page, or the response was cut off. */
function isNoJson(error: unknown): boolean {
  if (!(error instanceof oauth.OperationProcessingError)) return error instanceof SyntaxError;
  return error.code === oauth.PARSE_ERROR || error.code === oauth.RESPONSE_IS_NOT_JSON;
}

function statusOf(error: unknown): number | null {
  if (error instanceof oauth.ResponseBodyError) return error.status;
  if (error instanceof oauth.WWWAuthenticateChallengeError) return error.status;
  const cause = error instanceof oauth.OperationProcessingError ? error.cause : null;
  return cause instanceof Response ? cause.status : null;
}

/** `fetch` throws a TypeError if no response came. */
function isOfTheNetwork(error: unknown): boolean {
  if (error instanceof DOMException) return ["TimeoutError", "AbortError"].includes(error.name);
  return error instanceof TypeError && !("code" in error);
}
