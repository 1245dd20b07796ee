import * as oauth from "oauth4webapi";
import type { AuthorizationServer } from "@/demo/authorization-server";
import { consent, type ProviderBrowser } from "@/tests/support/provider-consent";

export interface ProviderClientOptions {
  /** Must be one that the provider was started with. */
  redirectUri: string;
  /** `usher-practice` unless given. */
  clientId?: AuthorizationServer["clientId" | "postClientId" | "publicClientId"];
}

export interface ProviderAuthorization {
  person: "ada" | "grace";
  scope?: string;
  resource?: string;
  browser?: ProviderBrowser;
}

/** A plain OAuth client of the practice provider that shares no code with Usher. */
export class ProviderClient {
  readonly #provider: AuthorizationServer;
  readonly #redirectUri: string;
  readonly #server: oauth.AuthorizationServer;
  readonly #client: oauth.Client;
  readonly #authentication: oauth.ClientAuth;
  readonly #http = { [oauth.allowInsecureRequests]: true };

  constructor(provider: AuthorizationServer, options: ProviderClientOptions) {
    this.#provider = provider;
    this.#redirectUri = options.redirectUri;
    this.#server = {
      issuer: provider.issuer,
      authorization_endpoint: provider.authorizationEndpoint,
      token_endpoint: provider.tokenEndpoint,
      revocation_endpoint: provider.revocationEndpoint,
      authorization_response_iss_parameter_supported: true,
    };
    const clientId = options.clientId ?? provider.clientId;
    this.#client = { client_id: clientId };
    this.#authentication =
      clientId === provider.publicClientId
        ? oauth.None()
        : clientId === provider.postClientId
          ? oauth.ClientSecretPost(provider.clientSecret)
          : oauth.ClientSecretBasic(provider.clientSecret);
  }

  /** An undefined parameter is left out. */
  authorizationUrl(parameters: Record<string, string | undefined> = {}): URL {
    const url = new URL(this.#provider.authorizationEndpoint);
    const all = {
      client_id: this.#client.client_id,
      response_type: "code",
      redirect_uri: this.#redirectUri,
      state: "practice-state",
      ...parameters,
    };
    for (const [name, value] of Object.entries(all)) {
      if (value !== undefined) url.searchParams.set(name, value);
    }
    return url;
  }

  /** The whole code flow, with the person's consent. */
  async authorize({ person, browser, ...request }: ProviderAuthorization) {
    const codeVerifier = oauth.generateRandomCodeVerifier();
    const callback = await consent({
      person,
      browser,
      authorizationUrl: this.authorizationUrl({
        ...request,
        code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: "S256",
      }),
    });
    return this.exchange(callback, codeVerifier);
  }

  /** @throws {oauth.AuthorizationResponseError} if the callback contains an error. */
  async exchange(callback: URL, codeVerifier: string) {
    const parameters = oauth.validateAuthResponse(
      this.#server,
      this.#client,
      callback,
      "practice-state",
    );
    const response = await oauth.authorizationCodeGrantRequest(
      this.#server,
      this.#client,
      this.#authentication,
      parameters,
      this.#redirectUri,
      codeVerifier,
      this.#http,
    );
    return oauth.processAuthorizationCodeResponse(this.#server, this.#client, response);
  }

  /** @throws {oauth.ResponseBodyError} with the provider's error, such as `invalid_grant`. */
  async refresh(refreshToken: string | undefined, signal?: AbortSignal) {
    const response = await this.refreshResponse(refreshToken, signal);
    return oauth.processRefreshTokenResponse(this.#server, this.#client, response);
  }

  /** The raw response of the token endpoint. */
  refreshResponse(refreshToken: string | undefined, signal?: AbortSignal): Promise<Response> {
    if (refreshToken === undefined) throw new Error("There is no refresh token.");
    return oauth.refreshTokenGrantRequest(
      this.#server,
      this.#client,
      this.#authentication,
      refreshToken,
      { ...this.#http, signal },
    );
  }

  async revoke(token: string | undefined): Promise<void> {
    if (token === undefined) throw new Error("There is no token.");
    const response = await oauth.revocationRequest(
      this.#server,
      this.#client,
      this.#authentication,
      token,
      this.#http,
    );
    await oauth.processRevocationResponse(response);
  }
}
