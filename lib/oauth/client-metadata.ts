import type { TokenEndpointAuthMethod } from "@/lib/oauth/client";

/** What an authorization server is told of Usher. @see https://www.rfc-editor.org/rfc/rfc7591#section-2 */
export interface ClientMetadata {
  client_name: string;
  client_uri: string;
  redirect_uris: string[];
  grant_types: string[];
  response_types: string[];
  token_endpoint_auth_method: "client_secret_basic" | "client_secret_post" | "none";
  application_type: "web" | "native";
  scope?: string;
}

/** What this installation is, as seen from outside. */
export interface Installation {
  /** An origin, without a slash at its end. */
  readonly publicUrl: string;
  readonly redirectUri: string;
}

const AUTH_METHOD_NAMES = {
  CLIENT_SECRET_BASIC: "client_secret_basic",
  CLIENT_SECRET_POST: "client_secret_post",
  NONE: "none",
} as const satisfies Record<TokenEndpointAuthMethod, string>;

/** Where this installation's Client ID Metadata Document is. */
export const clientMetadataPath = "/oauth/client-metadata";

/**
 * This installation's client ID at every authorization server that fetches such documents; null
 * where it has none, as those fetch over https, from the public internet.
 *
 * @see https://datatracker.ietf.org/doc/html/draft-ietf-oauth-client-id-metadata-document#section-3
 */
export function clientIdMetadataUrl(publicUrl: string): string | null {
  const { protocol, hostname } = new URL(publicUrl);
  const isLoopback = hostname === "localhost" || hostname === "[::1]" || /^127\./.test(hostname);
  return protocol === "https:" && !isLoopback ? publicUrl + clientMetadataPath : null;
}

/**
 * The document behind that URL. It names the URL itself, and no secret: a client that everybody can
 * read about has none.
 *
 * @see https://datatracker.ietf.org/doc/html/draft-ietf-oauth-client-id-metadata-document#section-4
 */
export function clientMetadataDocument(
  clientId: string,
  installation: Installation,
): ClientMetadata & { client_id: string } {
  return { client_id: clientId, ...clientMetadata(installation, "NONE", null) };
}

/**
 * @param scope everything that may be asked for later: some servers take a client at its word. Null:
 *   the server decides.
 */
export function clientMetadata(
  { publicUrl, redirectUri }: Installation,
  authMethod: TokenEndpointAuthMethod,
  scope: string | null,
): ClientMetadata {
  return {
    client_name: "Usher",
    client_uri: publicUrl,
    redirect_uris: [redirectUri],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: AUTH_METHOD_NAMES[authMethod],
    // OpenID Connect Registration §2: a web client's redirect URI is https and not on localhost.
    application_type: redirectUri.startsWith("https:") ? "web" : "native",
    ...(scope === null ? {} : { scope }),
  };
}

/** The method of this name; null for one that Usher does not have. */
export function authMethodNamed(name: string): TokenEndpointAuthMethod | null {
  const known = Object.entries(AUTH_METHOD_NAMES).find(([, each]) => each === name);
  return known ? (known[0] as TokenEndpointAuthMethod) : null;
}
