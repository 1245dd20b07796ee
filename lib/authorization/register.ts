import type { TokenEndpointAuthMethod } from "@/lib/contracts/servers/oauth-client";
import type { CredentialColumns, OAuthClientRow } from "@/lib/db/mcp-server";
import type { IssuerColumns } from "@/lib/db/oauth-client";
import { AuthorizationFailedError, UsherError } from "@/lib/errors";
import { changesUnderEncoding } from "@/lib/oauth/provider-request";
import type { RegisteredClient } from "@/lib/oauth/registered-client";
import { clientMetadata, registerClient } from "@/lib/oauth/registration";
import type { RegistrationDecision } from "@/lib/oauth/registration-decision";
import { formatScope, parseScope, scopeIncludes, scopeUnion } from "@/lib/oauth/scope";
import { sealClientSecret } from "@/lib/servers/oauth-client";
import { callbackUrl } from "./client-document";
import type { AuthorizationContext, OAuthDiscovery, OAuthServer } from "./context";

/**
 * Registers Usher at the discovered authorization server, and returns what to store: the credentials with
 * their issuer, and everything that depends on the issuer if it changed.
 *
 * @throws AuthorizationFailedError `registration_failed`, naming the provider's host
 */
export async function register(
  ctx: AuthorizationContext,
  server: OAuthServer,
  discovery: OAuthDiscovery,
  decision: Extract<RegistrationDecision, { use: "new" }>,
): Promise<CredentialColumns & Partial<IssuerColumns>> {
  const { oauthClient } = server;
  const { settings } = discovery;
  const moved = oauthClient.issuer !== settings.issuer;
  const scope = moved ? settings.scope : oauthClient.scope;
  const client =
    decision.mode === "DYNAMIC"
      ? await registerThere(ctx, discovery, oauthClient, scope)
      : documentClient(ctx.discovery.clientMetadataUrl);
  const { clientId, clientSecret, tokenEndpointAuthMethod } = client;
  return {
    ...(moved ? issuerColumns(discovery) : {}),
    ...narrowed(scope, client.scope),
    clientId,
    clientSecretSealed:
      clientSecret === null ? null : sealClientSecret(ctx.keyring, oauthClient, clientSecret),
    clientSecretExpiresAt: client.clientSecretExpiresAt,
    tokenEndpointAuthMethod,
    workingAuthMethod: saferMethod(client, discovery),
    registration: decision.mode,
    registeredIssuer: settings.issuer,
    registeredRedirectUri: callbackUrl(ctx.env.publicUrl),
    registeredAt: ctx.now(),
    registeredBecause: decision.reason,
    registrationProven: false,
    registrationForgotten: false,
    clientRefusedAt: null,
    followsServer: !discovery.byHand,
  };
}

/** A server that lets the client request less than it was asked for is asked for no more. */
function narrowed(scope: string | null, registered: string | null): { scope?: string } {
  if (scope === null || registered === null || scopeIncludes(registered, scope)) return {};
  const left = formatScope(parseScope(scope).filter((one) => scopeIncludes(registered, one)));
  return left === null ? {} : { scope: left };
}

/**
 * Many servers compare what Basic sends without decoding it (RFC 6749 §2.3.1 requires encoding). If that
 * makes a difference, and the server accepts the secret in the body as well, it is sent there.
 */
function saferMethod(
  { clientId, clientSecret, tokenEndpointAuthMethod }: RegisteredClient,
  { server }: OAuthDiscovery,
): TokenEndpointAuthMethod | null {
  return tokenEndpointAuthMethod === "CLIENT_SECRET_BASIC" &&
    clientSecret !== null &&
    server.tokenEndpointAuthMethods.includes("CLIENT_SECRET_POST") &&
    changesUnderEncoding({ clientId, clientSecret })
    ? "CLIENT_SECRET_POST"
    : null;
}

async function registerThere(
  ctx: AuthorizationContext,
  { server, settings, resource }: OAuthDiscovery,
  { tokenEndpointAuthMethod: chosen }: OAuthClientRow,
  scope: string | null,
): Promise<RegisteredClient> {
  const { publicUrl } = ctx.env;
  // Some servers let a client request no more than it was registered with, and calls may need more later.
  // Scopes that were proposed and an admin removed stay out.
  const later = (resource?.scopesSupported ?? []).filter(
    (one) => !scopeIncludes(settings.scope, one),
  );
  const known = scopeUnion(scope, formatScope(later));
  const { tokenEndpointAuthMethods: methods } = server;
  const authMethod = methods.includes(chosen) ? chosen : (methods[0] ?? "NONE");
  const own = { publicUrl, redirectUri: callbackUrl(publicUrl) };
  const metadata = clientMetadata(own, authMethod, known);
  try {
    return await registerClient(server.registrationEndpoint ?? "", metadata, ctx);
  } catch (error) {
    if (!(error instanceof UsherError)) throw error;
    throw new AuthorizationFailedError("registration_failed", error.userMessage, { cause: error });
  }
}

/** The provider fetches the document itself: there is nothing to send. */
function documentClient(clientMetadataUrl: string | null): RegisteredClient {
  return {
    clientId: clientMetadataUrl ?? "",
    clientSecret: null,
    clientSecretExpiresAt: null,
    tokenEndpointAuthMethod: "NONE",
    scope: null,
  };
}

function issuerColumns({ settings }: OAuthDiscovery): IssuerColumns {
  const { issuer, authorizationEndpoint, tokenEndpoint, revocationEndpoint } = settings;
  const { scope, resource, issParameterRequired } = settings;
  return {
    issuer,
    authorizationEndpoint,
    tokenEndpoint,
    revocationEndpoint,
    scope,
    resource,
    issParameterRequired,
  };
}
