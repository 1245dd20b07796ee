import { compactVerify, decodeProtectedHeader } from "jose";
import * as oauth from "oauth4webapi";
import type { Env } from "@/lib/env";
import type { OidcEnv } from "@/lib/env/sign-in";
import type { OAuthClient, OAuthContext } from "@/lib/oauth/client";
import { type ExchangeSupport, issuesIdJags } from "@/lib/oauth/exchange/support";
import { parseUrl } from "@/lib/parse-url";
import { ShortLived } from "@/lib/short-lived";
import { boundedFetch } from "./bounded-fetch";
import { lacksClaims, type OidcProfile, readProfile, scopeFor } from "./claims";
import { failureOf, OidcFailure } from "./failure";
import type { OidcFlow } from "./flow";
import { readSignIn, type SignInTokens } from "./kept-tokens";

const metadataMs = 60_000;
const clockToleranceSeconds = 60;
/** OpenID Connect Core §2: `sub` has at most 255 characters. */
const longestSubject = 255;

export const oidcCallbackPath = "/api/auth/callback/oidc";

/** Signing in with the operator's identity provider, by Authorization Code with PKCE, state and nonce. */
export class OidcProvider {
  readonly #env: OidcEnv;
  readonly #redirectUri: string;
  readonly #client: oauth.Client;
  readonly #metadata: ShortLived<oauth.AuthorizationServer>;
  readonly #fetch: typeof boundedFetch;
  readonly #options: { [oauth.allowInsecureRequests]: boolean };
  readonly #now: () => Date;
  /** For requests from lib/oauth to it. The address is the operator's own, so no guard is in between. */
  readonly outbound: OAuthContext["outbound"];

  constructor(
    env: OidcEnv,
    { publicUrl }: Pick<Env, "publicUrl">,
    now: () => Date,
    send: typeof fetch | null = null,
  ) {
    this.#env = env;
    this.#now = now;
    this.#fetch = (url, init) => boundedFetch(url, init, send);
    this.outbound = (input, init) =>
      this.#fetch(input instanceof Request ? input.url : String(input), init);
    this.#redirectUri = publicUrl + oidcCallbackPath;
    this.#client = { client_id: env.clientId, [oauth.clockTolerance]: clockToleranceSeconds };
    this.#metadata = new ShortLived({ lifetimeMs: metadataMs, mostEntries: 1, now });
    this.#options = {
      // Plain http only if the operator configured it.
      [oauth.allowInsecureRequests]: env.issuer.startsWith("http:"),
      [oauth.customFetch]: this.#fetch,
    } as { [oauth.allowInsecureRequests]: boolean };
  }

  /** @throws OidcFailure */
  begin(flow: Pick<OidcFlow, "returnTo" | "link">): Promise<{ url: string; flow: OidcFlow }> {
    return failureOf(async () => {
      const as = await this.#discover();
      const state = oauth.generateRandomState();
      const nonce = oauth.generateRandomNonce();
      const codeVerifier = oauth.generateRandomCodeVerifier();
      const url = this.#endpoint(as.authorization_endpoint);
      const parameters = {
        client_id: this.#env.clientId,
        redirect_uri: this.#redirectUri,
        response_type: "code",
        scope: scopeFor(this.#env, as.scopes_supported),
        state,
        nonce,
        code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: "S256",
      };
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
      return { url: url.href, flow: { ...flow, state, nonce, codeVerifier } };
    });
  }

  /** The person who came back. @throws OidcFailure */
  identify(
    callback: URLSearchParams,
    flow: OidcFlow,
  ): Promise<{ profile: OidcProfile; tokens: SignInTokens }> {
    return failureOf(async () => {
      const as = await this.#discover();
      const parameters = oauth.validateAuthResponse(as, this.#client, callback, flow.state);
      const response = await oauth.authorizationCodeGrantRequest(
        as,
        this.#client,
        this.#authenticate(as),
        parameters,
        this.#redirectUri,
        flow.codeVerifier,
        this.#options,
      );
      const tokens = await oauth.processAuthorizationCodeResponse(as, this.#client, response, {
        expectedNonce: flow.nonce,
        requireIdToken: true,
      });
      await this.#verifySignature(as, response, tokens.id_token ?? "");
      const claims = oauth.getValidatedIdTokenClaims(tokens);
      if (!claims?.sub || claims.sub.length > longestSubject) throw new OidcFailure("OidcRefused");
      const userinfo = await this.#userinfo(as, tokens.access_token, claims);
      const profile = readProfile(claims, userinfo, this.#env.groupsClaim);
      return { profile, tokens: readSignIn(tokens, claims, this.#now()) };
    });
  }

  /** Usher's client there. @throws OidcFailure */
  client(): Promise<OAuthClient> {
    return failureOf(async () => {
      const as = await this.#discover();
      return {
        clientId: this.#env.clientId,
        clientSecret: this.#env.clientSecret,
        authorizationEndpoint: this.#endpoint(as.authorization_endpoint).href,
        tokenEndpoint: this.#endpoint(as.token_endpoint).href,
        revocationEndpoint: this.#address(as.revocation_endpoint)?.href ?? null,
        issuer: as.issuer,
        tokenEndpointAuthMethod: takesSecretInBody(as)
          ? "CLIENT_SECRET_POST"
          : "CLIENT_SECRET_BASIC",
      };
    });
  }

  /** From its metadata. @throws OidcFailure */
  support(): Promise<{ refreshTokens: boolean; idJags: ExchangeSupport }> {
    return failureOf(async () => {
      const metadata = await this.#discover();
      const names = [metadata.grant_types_supported, metadata.scopes_supported].flat();
      const refreshTokens = names.includes("refresh_token") || names.includes("offline_access");
      return { refreshTokens, idJags: issuesIdJags(metadata) };
    });
  }

  /**
   * The claims of an ID token from a refresh, checked like at a sign-in.
   * @throws OidcFailure `OidcUnreachable`: it could not be checked. @see checkRenewed for what must stay
   */
  verify(idToken: string): Promise<oauth.IDToken> {
    return failureOf(async () => {
      const as = await this.#discover();
      const answer = { access_token: "not read", token_type: "bearer", id_token: idToken };
      const response = Response.json(answer);
      const tokens = await oauth.processRefreshTokenResponse(as, this.#client, response);
      await this.#verifySignature(as, response, idToken);
      const claims = oauth.getValidatedIdTokenClaims(tokens);
      if (!claims) throw new OidcFailure("OidcRefused");
      return claims;
    });
  }

  /** @see https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationValidation §4.3 */
  async #discover(): Promise<oauth.AuthorizationServer> {
    const kept = this.#metadata.get("");
    if (kept) return kept;
    const ticket = this.#metadata.ticket();
    const issuer = withoutSlash(this.#env.issuer);
    const response = await this.#fetch(`${issuer}/.well-known/openid-configuration`, {
      headers: { accept: "application/json" },
    });
    if (response.status !== 200) {
      throw new OidcFailure("OidcUnreachable", {
        cause: new Error(`OIDC_ISSUER's openid-configuration answered with ${response.status}`),
      });
    }
    const metadata = (await response.json()) as oauth.AuthorizationServer | null;
    // A trailing slash is easily forgotten in OIDC_ISSUER, but significant afterwards.
    const named = String(metadata?.issuer).slice(0, 200);
    if (typeof metadata?.issuer !== "string" || withoutSlash(metadata.issuer) !== issuer) {
      const cause = new Error(
        `OIDC_ISSUER is ${issuer}, but its openid-configuration is of ${named}`,
      );
      throw new OidcFailure("OidcRefused", { namedIssuer: parseUrl(named)?.href ?? null, cause });
    }
    this.#metadata.put("", metadata, ticket);
    return metadata;
  }

  #address(address: unknown): URL | null {
    const url = typeof address === "string" ? parseUrl(address) : null;
    const isHttp = this.#options[oauth.allowInsecureRequests] && url?.protocol === "http:";
    return url && (url.protocol === "https:" || isHttp) ? url : null;
  }

  #endpoint(address: unknown): URL {
    const url = this.#address(address);
    if (url) return url;
    throw new OidcFailure("OidcRefused", {
      cause: new Error("an endpoint in the openid-configuration is missing, or not over https"),
    });
  }

  #authenticate(as: oauth.AuthorizationServer): oauth.ClientAuth {
    const { clientSecret } = this.#env;
    return takesSecretInBody(as)
      ? oauth.ClientSecretPost(clientSecret)
      : oauth.ClientSecretBasic(clientSecret);
  }

  /** @see https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation §3.1.3.7 */
  async #verifySignature(
    as: oauth.AuthorizationServer,
    response: Response,
    idToken: string,
  ): Promise<void> {
    const { alg = "" } = decodeProtectedHeader(idToken);
    if (!alg.startsWith("HS")) {
      await oauth.validateApplicationLevelSignature(as, response, this.#options);
      return;
    }
    // HS256 is keyed with the client secret, known only to the provider and Usher.
    const secret = new TextEncoder().encode(this.#env.clientSecret);
    await compactVerify(idToken, secret, { algorithms: [alg] });
  }

  /** Fetched if the ID token lacks something. If it fails, the ID token's address is used. */
  async #userinfo(
    as: oauth.AuthorizationServer,
    accessToken: string,
    claims: oauth.IDToken,
  ): Promise<oauth.UserInfoResponse | null> {
    const { groupsClaim, scope } = this.#env;
    if (!as.userinfo_endpoint || !lacksClaims(claims, groupsClaim)) return null;
    let response: Response;
    try {
      response = await oauth.userInfoRequest(as, this.#client, accessToken, this.#options);
      // With another API's scope, as with Microsoft Entra, the access token is not for userinfo.
      const isForOther = scope !== null && (response.status === 401 || response.status === 403);
      if (response.status >= 500 || isForOther) {
        throw new TypeError(`userinfo answered ${response.status}`);
      }
    } catch (error) {
      // Without their groups no one may sign in: they would lose them, or keep what they have lost.
      if (claims.email && (groupsClaim === null || claims[groupsClaim] !== undefined)) return null;
      throw error;
    }
    return oauth.processUserInfoResponse(as, this.#client, claims.sub, response);
  }
}

function withoutSlash(issuer: string): string {
  return issuer.replace(/\/$/, "");
}

/** By header, which every provider must support, unless it only accepts the body. */
function takesSecretInBody(as: oauth.AuthorizationServer): boolean {
  const methods = as.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
  return !methods.includes("client_secret_basic") && methods.includes("client_secret_post");
}
