import type { ClientMetadata, Configuration, ResourceServer } from "oidc-provider";
import { problemPage } from "@/demo/authorization-server/consent-page";
import type { GrantStore } from "@/demo/authorization-server/grant-store";
import type { OidcProviderModule } from "@/demo/authorization-server/oidc-provider";
import { findPerson } from "@/demo/authorization-server/people";
import type { ProviderKeys } from "@/demo/authorization-server/provider-keys";

export const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const ID_JAG_PROFILE = "urn:ietf:params:oauth:grant-profile:id-jag";

const MINUTE = 60;
const DAY = 24 * 60 * MINUTE;

const SCOPES = ["openid", "offline_access", "files:read", "files:write"] as const;
/** What a request that names no scope gets. @see https://www.rfc-editor.org/rfc/rfc6749#section-3.3 */
export const DEFAULT_SCOPE = "files:read files:write";

// A cookie has no port: these must not be confused with those of another server on 127.0.0.1.
export const COOKIE_NAMES = {
  session: "practice_session",
  interaction: "practice_interaction",
  resume: "practice_resume",
} as const;

export interface ProviderRules {
  readonly clientSecret: string;
  /** For the clients that sign; null: there are none. */
  readonly jwksUri: string | null;
  readonly redirectUris: readonly string[];
  /** The client that the practice MCP servers introspect tokens with. */
  readonly introspectionClient: { clientId: string; clientSecret: string };
  readonly accessTokenFormat: "opaque" | "jwt";
  /** In seconds. */
  accessTokenLifetime: number;
  readonly refreshTokenLifetime: number;
  readonly refreshTokens: "always" | "offline_access" | "never";
  readonly rotateRefreshTokens: boolean;
  readonly registration: boolean;
  /** Confidential clients may present ID-JAGs. */
  readonly acceptsIdJags: boolean;
  readonly knowsResource: (resource: string) => boolean;
}

export function providerConfiguration(
  { errors }: Pick<OidcProviderModule, "errors">,
  store: GrantStore,
  keys: ProviderKeys,
  rules: ProviderRules,
): Configuration {
  const accessTokenLifetime = () => rules.accessTokenLifetime;
  return {
    adapter: (model: string) => store.adapter(model),
    jwks: keys.jwks,
    cookies: { keys: [...keys.cookieKeys], names: { ...COOKIE_NAMES } },
    clients: clients(rules),
    clientDefaults: { id_token_signed_response_alg: "ES256" },
    scopes: [...SCOPES],
    claims: { openid: ["sub", "name", "email"] },
    responseTypes: ["code"],
    discovery: rules.acceptsIdJags
      ? { authorization_grant_profiles_supported: [ID_JAG_PROFILE] }
      : {},
    clientAuthMethods: ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"],
    // Usher's keys are on this machine, which the library's own agent does not reach.
    fetch: (url, options) => {
      const { dispatcher: _, ...rest } = (options ?? {}) as RequestInit & { dispatcher?: unknown };
      return globalThis.fetch(url as string, rest);
    },
    enabledJWA: { clientAuthSigningAlgValues: ["ES256", "RS256"] },
    pkce: { required: () => true },
    routes: { authorization: "/authorize", token: "/token", revocation: "/revoke" },
    rotateRefreshToken: rules.rotateRefreshTokens,
    issueRefreshToken: async (_context, client, source) =>
      client.grantTypeAllowed("refresh_token") &&
      (rules.refreshTokens === "always" ||
        (rules.refreshTokens === "offline_access" && source.scopes.has("offline_access"))),
    // No one stays signed in here, and a grant must outlive the consent page.
    expiresWithSession: async () => false,
    findAccount: async (_context, accountId) => {
      const person = findPerson(accountId);
      return (
        person && {
          accountId,
          claims: async () => ({ sub: accountId, name: person.name, email: person.email }),
        }
      );
    },
    extraTokenClaims: async (_context, token) => {
      const person = "accountId" in token ? findPerson(token.accountId) : undefined;
      return person && { name: person.name };
    },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      registration: { enabled: rules.registration },
      revocation: {
        enabled: true,
        allowedPolicy: async (_c, client, token) => client.clientId === token.clientId,
      },
      introspection: {
        enabled: true,
        allowedPolicy: async (_context, client, token) =>
          client.clientId === rules.introspectionClient.clientId ||
          client.clientId === token.clientId,
      },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: async () => true,
        getResourceServerInfo: async (_context, resource) => {
          if (!rules.knowsResource(resource)) throw new errors.InvalidTarget();
          return resourceServer(resource, rules);
        },
      },
    },
    ttl: {
      AccessToken: accessTokenLifetime,
      AuthorizationCode: MINUTE,
      ClientCredentials: accessTokenLifetime,
      Grant: 400 * DAY,
      IdToken: 10 * MINUTE,
      Interaction: 15 * MINUTE,
      RefreshToken: rules.refreshTokenLifetime,
      Session: MINUTE,
    },
    renderError: async (context, out) => {
      const page = problemPage(
        `The practice provider refused the request: ${out.error_description ?? out.error}.`,
        "Go back to where you came from. If it happens again, compare the client id and the redirect URI there with what this provider was started with.",
      );
      context.set({ ...page.headers });
      context.body = page.html;
    },
  };
}

export function resourceServer(
  resource: string,
  { accessTokenFormat }: Pick<ProviderRules, "accessTokenFormat">,
): ResourceServer {
  return {
    scope: SCOPES.join(" "),
    audience: resource,
    accessTokenFormat,
    jwt: { sign: { alg: "ES256" } },
  };
}

function clients(rules: ProviderRules): ClientMetadata[] {
  const practice = {
    client_name: "Usher",
    redirect_uris: [...rules.redirectUris],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
  } satisfies Partial<ClientMetadata>;
  const confidential = {
    ...practice,
    grant_types: [...practice.grant_types, ...(rules.acceptsIdJags ? [JWT_BEARER] : [])],
  };
  const secret = { client_secret: rules.clientSecret };
  return [
    {
      ...confidential,
      ...secret,
      client_id: "usher-practice",
      token_endpoint_auth_method: "client_secret_basic",
    },
    {
      ...confidential,
      ...secret,
      client_id: "usher-practice-post",
      token_endpoint_auth_method: "client_secret_post",
    },
    { ...practice, client_id: "usher-practice-public", token_endpoint_auth_method: "none" },
    {
      ...secret,
      client_id: "usher-practice-service",
      client_name: "Usher, as itself",
      redirect_uris: [],
      grant_types: ["client_credentials"],
      response_types: [],
      token_endpoint_auth_method: "client_secret_basic",
    },
    ...(rules.jwksUri === null ? [] : signingClients(confidential, rules.jwksUri)),
    {
      client_id: rules.introspectionClient.clientId,
      client_secret: rules.introspectionClient.clientSecret,
      client_name: "Practice MCP servers",
      redirect_uris: [],
      grant_types: [],
      response_types: [],
    },
  ] as ClientMetadata[];
}

/** They have no secret: their assertions are checked with the keys at their JWKS URL, which is fetched when needed. */
function signingClients(practice: Partial<ClientMetadata>, jwksUri: string): ClientMetadata[] {
  const signing = { token_endpoint_auth_method: "private_key_jwt" as const, jwks_uri: jwksUri };
  return [
    { ...practice, ...signing, client_id: "usher-practice-signing" },
    {
      ...signing,
      client_id: "usher-practice-signing-service",
      redirect_uris: [],
      grant_types: ["client_credentials"],
      response_types: [],
    },
  ];
}
