import type { Grant } from "../processes/herd";

/**
 * The OAuth provider that the documentation of the MCP clients asks for: keeps in memory what it is
 * given, and hands it out. All three take it: the SDK's v1 and v2, and @ai-sdk/mcp.
 */
export class StoredTokens {
  readonly #grant: Grant;
  #tokens: Grant["tokens"] | undefined;
  #codeVerifier = "";

  constructor(grant: Grant) {
    this.#grant = grant;
    this.#tokens = this.#bound(grant.tokens);
  }

  get redirectUrl(): string {
    return this.#grant.redirectUri;
  }

  get clientMetadata() {
    const { redirectUri, scope } = this.#grant;
    return {
      client_name: "bench",
      redirect_uris: [redirectUri],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "client_secret_basic",
      scope,
    };
  }

  clientInformation() {
    const { clientId, clientSecret, issuer } = this.#grant;
    return { client_id: clientId, client_secret: clientSecret, issuer };
  }

  tokens() {
    return this.#tokens;
  }

  saveTokens(tokens: Grant["tokens"]): void {
    this.#tokens = tokens;
  }

  /** What @ai-sdk/mcp compares before it sends a refresh token. */
  authorizationServerInformation() {
    const { issuer, tokenEndpoint } = this.#grant;
    return { authorizationServerUrl: issuer, tokenEndpoint };
  }

  saveAuthorizationServerInformation(): void {}

  /** Nobody is there to consent again. */
  redirectToAuthorization(): void {}

  saveCodeVerifier(codeVerifier: string): void {
    this.#codeVerifier = codeVerifier;
  }

  codeVerifier(): string {
    return this.#codeVerifier;
  }

  /** @param context of @ai-sdk/mcp: which tokens were refused; newer ones stay */
  invalidateCredentials(scope: string, context?: { tokens: Grant["tokens"] }): void {
    if (scope !== "tokens" && scope !== "all") return;
    const refused = context?.tokens.refresh_token;
    if (refused === undefined || refused === this.#tokens?.refresh_token) this.#tokens = undefined;
  }

  /** The SDK's v2 keeps for which issuer tokens are. */
  #bound(tokens: Grant["tokens"]): Grant["tokens"] {
    return { ...tokens, ...{ issuer: this.#grant.issuer } };
  }
}
