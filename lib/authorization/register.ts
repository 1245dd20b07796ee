import type { CredentialColumns } from "@/lib/db/mcp-server";
import type { IssuerColumns } from "@/lib/db/oauth-client";
import { AuthorizationFailedError, UsherError } from "@/lib/errors";
import { clientMetadata, type RegisteredClient, registerClient } from "@/lib/oauth/registration";
import type { RegistrationDecision } from "@/lib/oauth/registration-decision";
import { formatScope, scopeUnion } from "@/lib/oauth/scope";
import { sealClientSecret } from "@/lib/servers/oauth-client";
import { callbackUrl } from "./client-document";
import type { AuthorizationContext, OAuthDiscovery, OAuthServer } from "./context";

/**
 * Registers Usher at the discovered authorization server, and returns what to store: the credentials with
 * their issuer, and all that depends on the issuer if it changed.
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
      ? await registerThere(ctx, discovery, scope)
      : documentClient(ctx.discovery.clientMetadataUrl);
  const { clientSecret } = client;
  return {
    ...(moved ? issuerColumns(discovery) : {}),
    clientId: client.clientId,
    clientSecretSealed:
      clientSecret === null ? null : sealClientSecret(ctx.keyring, oauthClient, clientSecret),
    clientSecretExpiresAt: client.clientSecretExpiresAt,
    tokenEndpointAuthMethod: client.tokenEndpointAuthMethod,
    registration: decision.mode,
    registeredIssuer: settings.issuer,
    registeredRedirectUri: callbackUrl(ctx.env.publicUrl),
    registeredAt: ctx.now(),
    registeredBecause: decision.reason,
    registrationProven: false,
    registrationForgotten: false,
    clientRefusedAt: null,
    workingAuthMethod: null,
  };
}

async function registerThere(
  ctx: AuthorizationContext,
  { server, settings, resource }: OAuthDiscovery,
  scope: string | null,
): Promise<RegisteredClient> {
  const { publicUrl } = ctx.env;
  // Some servers let a client ask for no more than it was registered with.
  const known = scopeUnion(scope, settings.scope, formatScope(resource?.scopesSupported ?? []));
  const [authMethod = "NONE"] = server.tokenEndpointAuthMethods;
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
