import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { consent } from "@/demo/authorization-server/consent";
import { type EndpointFault, EndpointFaults } from "@/demo/authorization-server/endpoint-faults";
import { GrantStore } from "@/demo/authorization-server/grant-store";
import {
  acceptIdentityAssertions,
  type TrustedIdentityProvider,
} from "@/demo/authorization-server/identity-assertion";
import {
  defaultScope,
  faultInjection,
  noSession,
  requestLog,
} from "@/demo/authorization-server/middleware";
import { loadOidcProvider } from "@/demo/authorization-server/oidc-provider";
import {
  COOKIE_NAMES,
  type ProviderRules,
  providerConfiguration,
  resourceServer,
} from "@/demo/authorization-server/provider-configuration";
import { providerKeys } from "@/demo/authorization-server/provider-keys";
import { RequestCounts, type SeenRequest } from "@/demo/authorization-server/request-log";
import { openLoopbackListener } from "@/demo/loopback-listener";

export interface AuthorizationServerOptions {
  /** 0, the default: any free port. */
  port?: number;
  /** Where grants and signing keys are stored; without it they are lost with the process. */
  dataDir?: string;
  /** For the clients that have one; random unless given. */
  clientSecret?: string;
  redirectUris: readonly string[];
  /** Where the signing clients publish their keys; without it there are no such clients. */
  jwksUri?: string;
  /** In seconds; 3,600 unless given. */
  accessTokenLifetime?: number;
  /** In seconds; 90 days unless given. */
  refreshTokenLifetime?: number;
  /** `jwt` needs a resource indicator: without one a token stays opaque. */
  accessTokenFormat?: "opaque" | "jwt";
  /** When a refresh token is issued; `always` unless given. */
  refreshTokens?: "always" | "offline_access" | "never";
  /** True unless given. */
  rotateRefreshTokens?: boolean;
  /** Clients may register themselves (RFC 7591); false unless given. */
  registration?: boolean;
  /** Its ID-JAGs are accepted; without it the grant type is not supported. */
  identityProvider?: TrustedIdentityProvider;
  /** For this many seconds after its first use a rotated refresh token still works; 0 unless given. */
  reuseGraceSeconds?: number;
}

/** What the practice MCP servers must know about their authorization server. */
export interface IntrospectionAccess {
  readonly issuer: string;
  readonly jwksUri: string;
  readonly introspectionEndpoint: string;
  readonly introspectionClient: { readonly clientId: string; readonly clientSecret: string };
  /** Lets clients request tokens for this resource. @see https://www.rfc-editor.org/rfc/rfc8707 */
  registerResource(resource: string, name: string): void;
}

export interface AuthorizationServer extends IntrospectionAccess {
  readonly url: string;
  readonly port: number;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly revocationEndpoint: string;
  /** `client_secret_basic`. */
  readonly clientId: "usher-practice";
  /** `client_secret_post`. */
  readonly postClientId: "usher-practice-post";
  /** No client authentication. */
  readonly publicClientId: "usher-practice-public";
  /** `private_key_jwt`. */
  readonly signingClientId: "usher-practice-signing";
  /** `private_key_jwt`; for client credentials only. */
  readonly signingServiceClientId: "usher-practice-signing-service";
  /** `client_secret_basic`; for client credentials only. */
  readonly serviceClientId: "usher-practice-service";
  readonly clientSecret: string;
  close(): Promise<void>;

  // What follows is for tests.

  /** The last 50,000 requests in order of arrival; contains no secret. */
  readonly requests: readonly SeenRequest[];
  /** Requests at the token endpoint by `grant_type`, counted on arrival, including failed ones. */
  readonly tokenRequests: Readonly<Record<string, number>>;
  /** Forgets `requests` and `tokenRequests`. */
  forgetRequests(): void;
  /** As when a person revokes the access at the provider: the next refresh gets `invalid_grant`. */
  revokeGrantsOf(accountId: string): Promise<number>;
  /** MCP servers answer 401 to these tokens; the refresh tokens still work. */
  dropAccessTokensOf(accountId: string): Promise<number>;
  /** Forgets the clients that registered themselves, as after losing its database. */
  forgetRegisteredClients(): Promise<number>;
  /** How many grants of this account are active. */
  countGrantsOf(accountId: string): number;
  /** For tokens issued from now on. */
  setAccessTokenLifetime(seconds: number): void;
  setTokenEndpointLatency(ms: number): void;
  setRevocationEndpointLatency(ms: number): void;
  /** @param spared this many requests succeed first */
  failNextTokenRequests(times: number, fault: EndpointFault, spared?: number): void;
  failNextRevocationRequests(times: number, fault: EndpointFault): void;
  /** Ends what the `failNext…` calls started. */
  stopFailing(): void;
}

/**
 * A real OAuth 2.0 authorization server on 127.0.0.1 with two made-up people to consent as: code
 * flow, PKCE required, rotating refresh tokens whose reuse ends the grant, revocation.
 */
export async function startAuthorizationServer(
  options: AuthorizationServerOptions,
): Promise<AuthorizationServer> {
  const listener = await openLoopbackListener(options.port);
  const oidc = await loadOidcProvider();
  const path = (name: string) => (options.dataDir ? join(options.dataDir, name) : null);
  const store = await GrantStore.open({
    file: path("grants.json"),
    reuseGraceSeconds: options.reuseGraceSeconds ?? 0,
  });
  const keys = await providerKeys(path("keys.json"));
  const resourceNames = new Map<string, string>();
  const rules = providerRules(options, (resource) => resourceNames.has(resource));
  const provider = new oidc.default(listener.url, providerConfiguration(oidc, store, keys, rules));

  if (options.identityProvider) {
    acceptIdentityAssertions(oidc, provider, {
      identityProvider: options.identityProvider,
      resources: () => [...resourceNames.keys()],
      resourceServer: (resource) => resourceServer(resource, rules),
    });
  }

  const seen = new RequestCounts();
  const tokenFaults = new EndpointFaults();
  const revocationFaults = new EndpointFaults();
  provider
    .use(requestLog((request) => seen.add(request)))
    .use(faultInjection("/token", tokenFaults))
    .use(faultInjection("/revoke", revocationFaults))
    .use(noSession(COOKIE_NAMES.session))
    .use(defaultScope)
    .use(consent(provider, (resource) => resourceNames.get(resource)));
  listener.serve(provider.callback());

  return {
    url: listener.url,
    issuer: listener.url,
    port: listener.port,
    authorizationEndpoint: `${listener.url}/authorize`,
    tokenEndpoint: `${listener.url}/token`,
    revocationEndpoint: `${listener.url}/revoke`,
    introspectionEndpoint: `${listener.url}/token/introspection`,
    jwksUri: `${listener.url}/jwks`,
    clientId: "usher-practice",
    postClientId: "usher-practice-post",
    publicClientId: "usher-practice-public",
    serviceClientId: "usher-practice-service",
    signingClientId: "usher-practice-signing",
    signingServiceClientId: "usher-practice-signing-service",
    clientSecret: rules.clientSecret,
    introspectionClient: rules.introspectionClient,
    registerResource: (resource, name) => {
      resourceNames.set(resource, name);
    },
    close: async () => {
      await listener.close();
      await store.flush();
    },
    requests: seen.requests,
    tokenRequests: seen.tokenRequests,
    forgetRequests: () => seen.forget(),
    revokeGrantsOf: (accountId) => store.revokeGrantsOf(accountId),
    dropAccessTokensOf: (accountId) => store.dropAccessTokensOf(accountId),
    forgetRegisteredClients: () => store.forget("Client"),
    countGrantsOf: (accountId) => store.countGrantsOf(accountId),
    setAccessTokenLifetime: (seconds) => {
      rules.accessTokenLifetime = seconds;
    },
    setTokenEndpointLatency: (ms) => {
      tokenFaults.latencyMs = ms;
    },
    setRevocationEndpointLatency: (ms) => {
      revocationFaults.latencyMs = ms;
    },
    failNextTokenRequests: (times, fault, spared) => tokenFaults.failNext(times, fault, spared),
    failNextRevocationRequests: (times, fault) => revocationFaults.failNext(times, fault),
    stopFailing: () => {
      tokenFaults.clear();
      revocationFaults.clear();
    },
  };
}

function providerRules(
  options: AuthorizationServerOptions,
  knowsResource: (resource: string) => boolean,
): ProviderRules {
  return {
    clientSecret: options.clientSecret ?? randomBytes(32).toString("base64url"),
    jwksUri: options.jwksUri ?? null,
    redirectUris: options.redirectUris,
    introspectionClient: {
      clientId: "practice-mcp-servers",
      clientSecret: randomBytes(32).toString("base64url"),
    },
    accessTokenFormat: options.accessTokenFormat ?? "opaque",
    accessTokenLifetime: options.accessTokenLifetime ?? 3_600,
    refreshTokenLifetime: options.refreshTokenLifetime ?? 90 * 24 * 3_600,
    refreshTokens: options.refreshTokens ?? "always",
    rotateRefreshTokens: options.rotateRefreshTokens ?? true,
    registration: options.registration ?? false,
    acceptsIdJags: options.identityProvider !== undefined,
    knowsResource,
  };
}
