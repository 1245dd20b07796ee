import type { AuthorizationRequestRow } from "@/lib/db/authorization-request";
import { AuthorizationFailedError, ProviderError, UnreachableError } from "@/lib/errors";
import { readAuthorizationResponse } from "@/lib/oauth/authorization-response";
import { quoteIn } from "@/lib/oauth/error-response";
import { isClientRefused } from "@/lib/oauth/refusal";
import { exchangeCode } from "@/lib/oauth/token-endpoint";
import { openAskingClient } from "@/lib/servers/oauth-client";
import { open } from "@/lib/vault/sealed-box";
import { verifierPlace } from "./begin";
import type { AuthorizationContext, OAuthServer } from "./context";
import { noteForgottenClient } from "./forgotten-client";
import type { GrantedTokens } from "./take-grant";

/**
 * Reads the provider's response and exchanges its code once, at the provider that was asked.
 * @throws AuthorizationFailedError with the page the person came from
 */
export async function requestTokens(
  ctx: AuthorizationContext,
  server: OAuthServer,
  request: AuthorizationRequestRow,
  parameters: URLSearchParams,
): Promise<GrantedTokens> {
  const client = await openAskingClient(ctx, server.oauthClient);
  try {
    const { issuer, issParameterRequired } = request;
    const { code } = readAuthorizationResponse(
      parameters,
      { issuer, authorizationEndpoint: client.authorizationEndpoint },
      issParameterRequired,
    );
    const answer = await exchangeCode(
      {
        client,
        code,
        codeVerifier: open(ctx.keyring, request.codeVerifierSealed, verifierPlace(request.id)),
        redirectUri: request.redirectUri,
        resource: request.resource,
      },
      ctx,
    );
    // RFC 6749 §5.1: no scope in the response means the requested scope.
    return { ...answer, scope: answer.scope ?? request.scope };
  } catch (error) {
    if (await noteForgottenClient(ctx, server, error, parameters)) {
      throw clientForgotten(client.authorizationEndpoint, request.returnTo, error);
    }
    throw toldOf(ctx, server, error, request.returnTo);
  }
}

function toldOf(
  ctx: AuthorizationContext,
  server: OAuthServer,
  error: unknown,
  returnTo: string,
): unknown {
  if (error instanceof AuthorizationFailedError) {
    const { reason, userMessage } = error;
    return new AuthorizationFailedError(reason, userMessage, { cause: error, returnTo });
  }
  if (error instanceof ProviderError || error instanceof UnreachableError) {
    ctx.log.warn({ err: error, serverId: server.id }, "a code could not be exchanged");
    const isOwnClient = server.oauthClient.registration === "DYNAMIC" && isClientRefused(error);
    const { host } = new URL(server.oauthClient.tokenEndpoint);
    const quote = error instanceof ProviderError ? quoteIn(error) : "";
    const told = isOwnClient
      ? `${host} refuses the client that it registered for Usher. Nothing was connected. Authorize again. If that does not help, ask its operator.${quote}`
      : error.userMessage;
    return new AuthorizationFailedError("provider_error", told, {
      cause: error,
      returnTo,
    });
  }
  return error;
}

function clientForgotten(
  authorizationEndpoint: string,
  returnTo: string,
  cause: unknown,
): AuthorizationFailedError {
  const { host } = new URL(authorizationEndpoint);
  return new AuthorizationFailedError(
    "client_forgotten",
    `${host} no longer recognizes Usher as a client. Nothing was connected. Authorize again: Usher registers again automatically.`,
    { cause, returnTo },
  );
}
