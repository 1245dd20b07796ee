import { saveRegistrationForgotten } from "@/lib/db/mcp-server";
import { AuthorizationFailedError, ProviderError, UsherError } from "@/lib/errors";
import { buildAuthorizationUrl, createPkce, randomSecret } from "@/lib/oauth/authorization-request";
import { isClientForgotten, saysClientUnknown } from "@/lib/oauth/registration-decision";
import { openOAuthClient, resourceOf } from "@/lib/servers/oauth-client";
import { callbackUrl } from "./client-document";
import type { AuthorizationContext, OAuthServer } from "./context";

/** A client registered this recently cannot have been forgotten yet. */
const freshMs = 60_000;

/**
 * Whether the provider no longer knows the stored client: it said so at the token endpoint, or its
 * authorization endpoint says so now. When in doubt, the client counts as known.
 */
export async function isForgotten(
  ctx: AuthorizationContext,
  server: OAuthServer,
): Promise<boolean> {
  const { oauthClient } = server;
  if (oauthClient.clientId === "") return false;
  if (oauthClient.registrationForgotten) return true;
  const age = ctx.now().getTime() - (oauthClient.registeredAt?.getTime() ?? 0);
  if (oauthClient.registration === "PRE_REGISTERED") return false;
  if (oauthClient.registration === "DYNAMIC" && age < freshMs) return false;
  // The metadata document exists as long as this installation does.
  if (oauthClient.registration === "METADATA_DOCUMENT" && oauthClient.registrationProven) {
    return false;
  }
  try {
    return await isClientForgotten(askOnly(ctx, server), ctx.discovery.outbound);
  } catch (error) {
    if (!(error instanceof UsherError)) throw error;
    ctx.log.warn({ err: error, serverId: server.id }, "a provider could not be asked for a client");
    return false;
  }
}

/** An authorization request that nobody completes: its verifier and state are not stored. */
function askOnly(ctx: AuthorizationContext, server: OAuthServer): string {
  const { oauthClient } = server;
  return buildAuthorizationUrl({
    client: openOAuthClient(ctx.keyring, oauthClient),
    redirectUri: callbackUrl(ctx.env.publicUrl),
    state: randomSecret(),
    codeChallenge: createPkce().codeChallenge,
    scope: oauthClient.scope,
    resource: resourceOf(server),
    extraParameters: oauthClient.extraAuthorizationParameters as Record<string, string>,
  });
}

/**
 * After a failed authorization. If the provider does not know a client that Usher registered automatically,
 * this is stored, and the next authorization registers a new client.
 * @param parameters of an answer whose issuer was checked, unless `error` says otherwise
 */
export async function noteForgottenClient(
  ctx: Pick<AuthorizationContext, "db">,
  { id, oauthClient }: OAuthServer,
  error: unknown,
  parameters: URLSearchParams,
): Promise<boolean> {
  if (oauthClient.registration === "PRE_REGISTERED") return false;
  const said =
    error instanceof ProviderError && error.status < 500
      ? error.error
      : error instanceof AuthorizationFailedError && error.reason === "provider_error"
        ? parameters.get("error")
        : null;
  if (!saysClientUnknown(said)) return false;
  await saveRegistrationForgotten(ctx.db, id, oauthClient.clientId);
  return true;
}
