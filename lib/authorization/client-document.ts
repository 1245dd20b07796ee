import type { DiscoveryContext } from "@/lib/discovery/context";
import type { Env } from "@/lib/env";
import { NotFoundError } from "@/lib/errors";
import { type ClientMetadata, clientMetadataDocument } from "@/lib/oauth/registration";

/** Where providers send a person back to. It is registered there, character for character. */
export function callbackUrl(publicUrl: string): string {
  return `${publicUrl}/oauth/callback`;
}

/**
 * The document at this installation's client ID. It is the same for everyone and contains nothing secret.
 *
 * @throws NotFoundError without a public https address there is no such client ID
 * @see https://datatracker.ietf.org/doc/html/draft-ietf-oauth-client-id-metadata-document
 */
export function clientDocument(ctx: {
  env: Pick<Env, "publicUrl">;
  discovery: Pick<DiscoveryContext, "clientMetadataUrl">;
}): ClientMetadata & { client_id: string } {
  const { publicUrl } = ctx.env;
  const clientId = ctx.discovery.clientMetadataUrl;
  if (clientId === null) {
    throw new NotFoundError(
      "Authorization servers read this document over https from the internet. Set PUBLIC_URL to such an address.",
    );
  }
  return clientMetadataDocument(clientId, { publicUrl, redirectUri: callbackUrl(publicUrl) });
}
