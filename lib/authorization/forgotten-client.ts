import type { OAuthClientRow } from "@/lib/db/mcp-server";
import { saveRegistrationForgotten } from "@/lib/db/oauth-client";
import { AuthorizationFailedError, UsherError } from "@/lib/errors";
import { buildAuthorizationUrl, createPkce, randomSecret } from "@/lib/oauth/authorization-request";
import { isClientRefused } from "@/lib/oauth/refusal";
import { isClientForgotten, saysClientUnknown } from "@/lib/oauth/registration-decision";
import { openOAuthClient, resourceOf } from "@/lib/servers/oauth-client";
import { noteClientRefused } from "@/lib/tokens/ask-provider";
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
  if (oauthClient.registration === "PRE_REGISTERED") return false;
  const isRefused = oauthClient.clientRefusedAt !== null;
  if (oauthClient.registration === "DYNAMIC" && isFresh(ctx, oauthClient) && !isRefused)
    return false;
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

/** An authorization request that no one completes: its verifier and state are not stored. */
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
 * After a failed authorization: records a provider's refusal of a client that Usher registered itself. After
 * one answer nothing is dropped: the authorization endpoint is asked before the next consent, and if
 * the token endpoint refuses a second time, later, the client counts as forgotten.
 *
 * @param parameters of a response whose issuer was verified, unless `error` says otherwise
 * @returns whether the next authorization registers a new client
 */
export async function noteForgottenClient(
  ctx: Pick<AuthorizationContext, "db" | "now">,
  { oauthClient }: OAuthServer,
  error: unknown,
  parameters: URLSearchParams,
): Promise<boolean> {
  if (oauthClient.registration === "PRE_REGISTERED") return false;
  const said = error instanceof AuthorizationFailedError && error.reason === "provider_error";
  const [code, description] = [parameters.get("error"), parameters.get("error_description")];
  if (said && saysClientUnknown(code, description)) {
    if (isFresh(ctx, oauthClient)) return false;
    await saveRegistrationForgotten(ctx.db, oauthClient.serverId, oauthClient.clientId);
    return true;
  }
  if (!isClientRefused(error)) return false;
  return (await noteClientRefused(ctx, oauthClient)) !== null;
}

function isFresh(
  ctx: Pick<AuthorizationContext, "now">,
  { registeredAt }: OAuthClientRow,
): boolean {
  return ctx.now().getTime() - (registeredAt?.getTime() ?? 0) < freshMs;
}
