import { compactVerify, decodeProtectedHeader } from "jose";
import * as oauth from "oauth4webapi";
import type { Env } from "@/lib/env";
import type { OidcEnv } from "@/lib/env/sign-in";
import { parseUrl } from "@/lib/parse-url";
import { ShortLived } from "@/lib/short-lived";
import { lacksClaims, type OidcProfile, readProfile } from "./claims";
import { failureOf, OidcFailure } from "./failure";
import type { OidcFlow } from "./flow";

const metadataMs = 60_000;
const clockToleranceSeconds = 60;
/** OpenID Connect Core §2: `sub` has 255 characters at most. */
const longestSubject = 255;

export const oidcCallbackPath = "/api/auth/callback/oidc";

/** Signing in at the operator's identity provider, by Authorization Code with PKCE, state and nonce. */
export class OidcProvider {
  readonly #env: OidcEnv;
  readonly #redirectUri: string;
  readonly #client: oauth.Client;
  readonly #metadata: ShortLived<oauth.AuthorizationServer>;
  readonly #fetch: typeof boundedFetch;
  readonly #options: { [oauth.allowInsecureRequests]: boolean };

  constructor(
    env: OidcEnv,
    { publicUrl }: Pick<Env, "publicUrl">,
    now: () => Date,
    send: typeof fetch | null = null,
  ) {
    this.#env = env;
    this.#fetch = (url, init) => boundedFetch(url, init, send);
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
        scope: this.#scope(as),
        state,
        nonce,
        code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: "S256",
      };
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
      return { url: url.href, flow: { ...flow, state, nonce, codeVerifier } };
    });
  }

  /** Who came back. @throws OidcFailure */
  identify(callback: URLSearchParams, flow: OidcFlow): Promise<OidcProfile> {
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
      return readProfile(claims, userinfo, this.#env.groupsClaim);
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
    if (typeof metadata?.issuer !== "string" || withoutSlash(metadata.issuer) !== issuer) {
      throw new OidcFailure("OidcRefused", {
        cause: new Error(
          `OIDC_ISSUER is ${issuer}, but its openid-configuration is that of ${String(metadata?.issuer).slice(0, 200)}`,
        ),
      });
    }
    this.#metadata.put("", metadata, ticket);
    return metadata;
  }

  /** Some providers send groups only where a scope of the claim's name was asked for. */
  #scope({ scopes_supported }: oauth.AuthorizationServer): string {
    const { groupsClaim } = this.#env;
    const asks = groupsClaim !== null && scopes_supported?.includes(groupsClaim);
    return `openid email profile${asks ? ` ${groupsClaim}` : ""}`;
  }

  #endpoint(address: string | undefined): URL {
    const url = parseUrl(address ?? "");
    const isHttp = this.#options[oauth.allowInsecureRequests] && url?.protocol === "http:";
    if (url && (url.protocol === "https:" || isHttp)) return url;
    throw new OidcFailure("OidcRefused", {
      cause: new Error("the openid-configuration has no authorization_endpoint over https"),
    });
  }

  /** By header, which every provider must support, unless it only accepts the body. */
  #authenticate(as: oauth.AuthorizationServer): oauth.ClientAuth {
    const methods = as.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
    const inBody =
      !methods.includes("client_secret_basic") && methods.includes("client_secret_post");
    const { clientSecret } = this.#env;
    return inBody ? oauth.ClientSecretPost(clientSecret) : oauth.ClientSecretBasic(clientSecret);
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
    const { groupsClaim } = this.#env;
    if (!as.userinfo_endpoint || !lacksClaims(claims, groupsClaim)) return null;
    let response: Response;
    try {
      response = await oauth.userInfoRequest(as, this.#client, accessToken, this.#options);
      if (response.status >= 500) throw new TypeError(`userinfo answered ${response.status}`);
    } catch (error) {
      // Without its groups nobody is let in: they would lose them, or keep what they have lost.
      if (claims.email && (groupsClaim === null || claims[groupsClaim] !== undefined)) return null;
      throw error;
    }
    return oauth.processUserInfoResponse(as, this.#client, claims.sub, response);
  }
}

function withoutSlash(issuer: string): string {
  return issuer.replace(/\/$/, "");
}

const timeoutMs = 10_000;
const mostBytes = 1024 * 1024;

/**
 * For requests to the identity provider: a person waits for them, so they end, and what comes back is
 * bounded before anything parses it. The address is the operator's own, so no guard is in between.
 */
export async function boundedFetch(
  url: string,
  init: RequestInit = {},
  send: typeof fetch | null = null,
): Promise<Response> {
  const signal = AbortSignal.timeout(timeoutMs);
  const response = await (send ?? fetch)(url, { ...init, redirect: "manual", signal });
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > mostBytes) throw new TypeError("the identity provider's answer is too large");
    chunks.push(chunk);
  }
  const empty = response.status === 204 || response.status === 304;
  return new Response(empty ? null : Buffer.concat(chunks), {
    status: response.status,
    headers: response.headers,
  });
}
