import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { oauthSettings } from "@/lib/contracts/servers/oauth-settings";
import { readSettings } from "@/lib/contracts/servers/settings";
import type { McpServerRow, OAuthClientColumns, OAuthClientRow } from "@/lib/db/mcp-server";
import type { CopiedClient } from "@/lib/db/revocations/take-tokens";
import { ConflictError } from "@/lib/errors";
import type { OAuthClient } from "@/lib/oauth/client";
import { isResourceOf, resourceIdentifier } from "@/lib/oauth/protected-resource";
import { parseUrl } from "@/lib/parse-url";
import type { Keyring } from "@/lib/vault/keyring";
import { open, type Sealed, type SealedPlace, seal } from "@/lib/vault/sealed-box";
import { type ClientKeyContext, signingKey } from "./client-keys";

/** For a stored client, or the copy that deleted tokens keep until they are revoked. */
type UsedClientColumns = CopiedClient & Pick<OAuthClientRow, "id" | "clientSecretSealed">;

/**
 * The only place where a client secret is opened. Credentials go only to the issuer that they were registered
 * with.
 * @throws SealedBoxError | ConflictError
 */
export function openOAuthClient(keyring: Keyring, row: UsedClientColumns): OAuthClient {
  if (row.registeredIssuer !== null && row.registeredIssuer !== row.issuer) {
    throw new ConflictError(
      "The client ID belongs to another issuer than the one on the server's page. Ask an admin to save the server's settings again.",
    );
  }
  return {
    clientId: row.clientId,
    clientSecret: openClientSecret(keyring, row),
    clientSecretExpiresAt: row.clientSecretExpiresAt,
    authorizationEndpoint: row.authorizationEndpoint,
    tokenEndpoint: row.tokenEndpoint,
    revocationEndpoint: row.revocationEndpoint,
    issuer: row.issuer,
    tokenEndpointAuthMethod: row.workingAuthMethod ?? row.tokenEndpointAuthMethod,
    settings: readSettings(oauthSettings, row.settings),
  };
}

/** The same, with its signing key if it authenticates that way. For callers that send its credentials. */
export async function openAskingClient(
  ctx: ClientKeyContext,
  row: UsedClientColumns,
): Promise<OAuthClient> {
  const client = openOAuthClient(ctx.keyring, row);
  return client.tokenEndpointAuthMethod === "PRIVATE_KEY_JWT"
    ? { ...client, assertionKey: await signingKey(ctx, client) }
    : client;
}

/** Null: there is none. @throws SealedBoxError */
export function openClientSecret(
  keyring: Keyring,
  { id, clientSecretSealed }: Pick<OAuthClientRow, "id" | "clientSecretSealed">,
): string | null {
  return clientSecretSealed && open(keyring, clientSecretSealed, clientSecretPlace(id));
}

export function sealClientSecret(
  keyring: Keyring,
  client: Pick<OAuthClientColumns, "id">,
  secret: string,
): Sealed {
  return seal(keyring, secret, clientSecretPlace(client.id));
}

/** The `resource` parameter for this server; null: not sent. @see https://www.rfc-editor.org/rfc/rfc8707 */
export function resourceOf(server: McpServerRow): string | null {
  if (!server.oauthClient?.resourceIndicator || server.url === null) return null;
  return server.oauthClient.resource ?? resourceIdentifier(server.url);
}

/** The published identifier, as long as it still names this server. */
export function keptResource(
  { url }: Pick<McpServerInput, "url">,
  existing: McpServerRow | null,
): string | null {
  const resource = existing?.oauthClient?.resource ?? null;
  return resource !== null && parseUrl(url) && isResourceOf(resource, url) ? resource : null;
}

export function clientSecretPlace(rowId: string): SealedPlace {
  return { table: "OAuthClient", column: "clientSecretSealed", rowId };
}
