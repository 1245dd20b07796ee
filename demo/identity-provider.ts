import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { IntrospectionAccess } from "@/demo/authorization-server";
import { type EndpointFault, EndpointFaults } from "@/demo/authorization-server/endpoint-faults";
import { GrantStore } from "@/demo/authorization-server/grant-store";
import type { TrustedIdentityProvider } from "@/demo/authorization-server/identity-assertion";
import { faultInjection, noSession, requestLog } from "@/demo/authorization-server/middleware";
import { loadOidcProvider } from "@/demo/authorization-server/oidc-provider";
import { PEOPLE, type Person } from "@/demo/authorization-server/people";
import { JWT_BEARER } from "@/demo/authorization-server/provider-configuration";
import { providerKeys } from "@/demo/authorization-server/provider-keys";
import { RequestCounts, type SeenRequest } from "@/demo/authorization-server/request-log";
import {
  COOKIE_NAMES,
  type IdentityProviderRules,
  identityProviderConfiguration,
  type Lifetimes,
  TOKEN_EXCHANGE,
} from "@/demo/identity-provider/configuration";
import { type ConnectedServer, Policy } from "@/demo/identity-provider/policy";
import { signIn } from "@/demo/identity-provider/sign-in";
import { exchangeTokens } from "@/demo/identity-provider/token-exchange";
import { openLoopbackListener } from "@/demo/loopback-listener";

export interface IdentityProviderOptions {
  /** 0, the default: any free port. */
  port?: number;
  /** Where sign-ins and signing keys are stored; without it they are lost with the process. */
  dataDir?: string;
  /** Random unless given. */
  clientSecret?: string;
  /** Usher's callback of the sign-in. */
  redirectUris: readonly string[];
  /** When a sign-in gets a refresh token; `always` unless given. */
  refreshTokens?: "always" | "offline_access" | "never";
  /** True unless given. */
  rotateRefreshTokens?: boolean;
}

export interface IdentityProvider extends IntrospectionAccess, TrustedIdentityProvider {
  readonly issuer: string;
  readonly jwksUri: string;
  readonly port: number;
  readonly tokenEndpoint: string;
  /** `client_secret_basic`. */
  readonly clientId: "usher";
  readonly clientSecret: string;
  /** The variables that configure Usher for it. */
  readonly env: Readonly<Record<string, string>>;
  /** As an admin connects an authorization server that accepts this provider's ID-JAGs. */
  connect(server: Omit<ConnectedServer, "scope"> & Partial<Pick<ConnectedServer, "scope">>): void;
  /** @param audience the issuer of an authorization server; for a server that accepts tokens from here, its resource */
  assign(accountId: string, audience: string): void;
  unassign(accountId: string, audience: string): void;
  close(): Promise<void>;

  // What follows is for tests.

  addPerson(person: Person): void;
  /** As when a person leaves: what they signed in with becomes useless. */
  removePerson(accountId: string): void;
  /** As when an admin ends a person's sessions: refresh tokens end, and ID tokens expire. */
  endSessionsOf(accountId: string): Promise<number>;
  /** The last 50,000 requests in order of arrival; contains no secret. */
  readonly requests: readonly SeenRequest[];
  /** Requests at the token endpoint by `grant_type`, counted on arrival, including failed ones. */
  readonly tokenRequests: Readonly<Record<string, number>>;
  /** Forgets `requests` and `tokenRequests`. */
  forgetRequests(): void;
  /** For what is issued from now on. */
  setLifetimes(lifetimes: Partial<Lifetimes>): void;
  setTokenEndpointLatency(ms: number): void;
  /** With any grant. @param spared this many requests succeed first */
  failNextTokenRequests(times: number, fault: EndpointFault, spared?: number): void;
  /** Only token exchange and on-behalf-of. */
  failNextExchanges(times: number, fault: EndpointFault, spared?: number): void;
  /** Ends what the `failNext…` calls started. */
  stopFailing(): void;
}

/** A real OpenID provider on 127.0.0.1 with made-up people, where an admin decides who may use which MCP server. */
export async function startIdentityProvider(
  options: IdentityProviderOptions,
): Promise<IdentityProvider> {
  const listener = await openLoopbackListener(options.port);
  const oidc = await loadOidcProvider();
  const path = (name: string) => (options.dataDir ? join(options.dataDir, name) : null);
  const store = await GrantStore.open({ file: path("sign-ins.json"), reuseGraceSeconds: 0 });
  const keys = await providerKeys(path("keys.json"));
  const people = new Map(PEOPLE.map((person) => [person.accountId, person]));
  const resources = new Set<string>();
  const policy = new Policy();
  const rules = rulesOf(options, (accountId) => people.get(accountId));
  const provider = new oidc.default(
    listener.url,
    identityProviderConfiguration(store, keys, rules),
  );
  exchangeTokens({ oidc, provider, keys, rules, policy, resources: () => [...resources] });

  const seen = new RequestCounts();
  const tokenFaults = new EndpointFaults();
  const exchangeFaults = new EndpointFaults();
  provider
    .use(requestLog((request) => seen.add(request)))
    .use(faultInjection("/token", tokenFaults))
    .use(faultInjection("/token", exchangeFaults, [TOKEN_EXCHANGE, JWT_BEARER]))
    .use(noSession(COOKIE_NAMES.session))
    .use(signIn(provider, () => [...people.values()]));
  listener.serve(provider.callback());

  return {
    issuer: listener.url,
    port: listener.port,
    tokenEndpoint: `${listener.url}/token`,
    introspectionEndpoint: `${listener.url}/token/introspection`,
    jwksUri: `${listener.url}/jwks`,
    clientId: "usher",
    clientSecret: rules.clientSecret,
    introspectionClient: rules.introspectionClient,
    env: {
      OIDC_ISSUER: listener.url,
      OIDC_CLIENT_ID: "usher",
      OIDC_CLIENT_SECRET: rules.clientSecret,
      OIDC_NAME: "Practice ID",
    },
    registerResource: (resource) => {
      resources.add(resource);
    },
    connect: (server) => policy.connect({ scope: "files:read files:write", ...server }),
    assign: (accountId, audience) => policy.assign(accountId, audience),
    unassign: (accountId, audience) => policy.unassign(accountId, audience),
    close: async () => {
      await listener.close();
      await store.flush();
    },
    addPerson: (person) => {
      people.set(person.accountId, person);
    },
    removePerson: (accountId) => {
      people.delete(accountId);
    },
    endSessionsOf: (accountId) => store.revokeGrantsOf(accountId),
    requests: seen.requests,
    tokenRequests: seen.tokenRequests,
    forgetRequests: () => seen.forget(),
    setLifetimes: (lifetimes) => {
      Object.assign(rules.lifetimes, lifetimes);
    },
    setTokenEndpointLatency: (ms) => {
      tokenFaults.latencyMs = ms;
    },
    failNextTokenRequests: (times, fault, spared) => tokenFaults.failNext(times, fault, spared),
    failNextExchanges: (times, fault, spared) => exchangeFaults.failNext(times, fault, spared),
    stopFailing: () => {
      tokenFaults.clear();
      exchangeFaults.clear();
    },
  };
}

function rulesOf(
  options: IdentityProviderOptions,
  person: IdentityProviderRules["person"],
): IdentityProviderRules {
  return {
    clientSecret: options.clientSecret ?? randomBytes(32).toString("base64url"),
    redirectUris: options.redirectUris,
    introspectionClient: {
      clientId: "practice-mcp-servers",
      clientSecret: randomBytes(32).toString("base64url"),
    },
    lifetimes: {
      accessToken: 3_600,
      idToken: 3_600,
      idJag: 300,
      refreshToken: 90 * 24 * 3_600,
    },
    refreshTokens: options.refreshTokens ?? "always",
    rotateRefreshTokens: options.rotateRefreshTokens ?? true,
    person,
  };
}
