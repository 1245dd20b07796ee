import type { ClientMetadata, Configuration } from "oidc-provider";
import { problemPage } from "@/demo/authorization-server/consent-page";
import type { GrantStore } from "@/demo/authorization-server/grant-store";
import type { Person } from "@/demo/authorization-server/people";
import { JWT_BEARER } from "@/demo/authorization-server/provider-configuration";
import type { ProviderKeys } from "@/demo/authorization-server/provider-keys";
import { BRAND } from "@/demo/identity-provider/sign-in";

export const TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
export const ID_JAG = "urn:ietf:params:oauth:token-type:id-jag";

const MINUTE = 60;
const DAY = 24 * 60 * MINUTE;

// A cookie has no port: these must not be confused with those of another server on 127.0.0.1.
export const COOKIE_NAMES = {
  session: "practice_idp_session",
  interaction: "practice_idp_interaction",
  resume: "practice_idp_resume",
} as const;

/** In seconds, for what is issued from now on. */
export interface Lifetimes {
  accessToken: number;
  idToken: number;
  idJag: number;
  refreshToken: number;
}

export interface IdentityProviderRules {
  readonly clientSecret: string;
  readonly redirectUris: readonly string[];
  /** The client that MCP servers introspect tokens with. */
  readonly introspectionClient: { clientId: string; clientSecret: string };
  readonly lifetimes: Lifetimes;
  readonly refreshTokens: "always" | "offline_access" | "never";
  readonly rotateRefreshTokens: boolean;
  readonly person: (accountId: string) => Person | undefined;
}

export function identityProviderConfiguration(
  store: GrantStore,
  keys: ProviderKeys,
  rules: IdentityProviderRules,
): Configuration {
  const accessTokenLifetime = () => rules.lifetimes.accessToken;
  const idTokenLifetime = () => rules.lifetimes.idToken;
  const refreshTokenLifetime = () => rules.lifetimes.refreshToken;
  return {
    adapter: (model: string) => store.adapter(model),
    jwks: keys.jwks,
    cookies: { keys: [...keys.cookieKeys], names: { ...COOKIE_NAMES } },
    clients: clients(rules),
    clientDefaults: { id_token_signed_response_alg: "ES256" },
    scopes: ["openid", "profile", "email", "offline_access"],
    claims: {
      openid: ["sub"],
      profile: ["name", "preferred_username"],
      email: ["email", "email_verified"],
    },
    // Like most companies' providers: the ID token says who it is.
    conformIdTokenClaims: false,
    responseTypes: ["code"],
    clientAuthMethods: ["client_secret_basic", "client_secret_post"],
    discovery: { identity_chaining_requested_token_types_supported: [ID_JAG] },
    pkce: { required: () => true },
    routes: { authorization: "/authorize", token: "/token", revocation: "/revoke" },
    rotateRefreshToken: rules.rotateRefreshTokens,
    issueRefreshToken: async (_context, client, source) =>
      client.grantTypeAllowed("refresh_token") &&
      (rules.refreshTokens === "always" ||
        (rules.refreshTokens === "offline_access" && source.scopes.has("offline_access"))),
    expiresWithSession: async () => false,
    findAccount: async (_context, accountId) => {
      const person = rules.person(accountId);
      return person && { accountId, claims: async () => claimsOf(person) };
    },
    extraTokenClaims: async (_context, token) => {
      const person = "accountId" in token ? rules.person(token.accountId) : undefined;
      return person && { name: person.name };
    },
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      resourceIndicators: { enabled: false },
      revocation: {
        enabled: true,
        allowedPolicy: async (_context, client, token) => client.clientId === token.clientId,
      },
      introspection: {
        enabled: true,
        allowedPolicy: async (_context, client) =>
          client.clientId === rules.introspectionClient.clientId,
      },
    },
    ttl: {
      AccessToken: accessTokenLifetime,
      AuthorizationCode: MINUTE,
      Grant: 400 * DAY,
      IdToken: idTokenLifetime,
      Interaction: 15 * MINUTE,
      RefreshToken: refreshTokenLifetime,
      Session: MINUTE,
    },
    renderError: async (context, out) => {
      const page = problemPage(
        `The practice identity provider refused the request: ${out.error_description ?? out.error}.`,
        "Go back to where you came from. If it happens again, compare OIDC_CLIENT_ID and the redirect URI there with what this provider was started with.",
        BRAND,
      );
      context.set({ ...page.headers });
      context.body = page.html;
    },
  };
}

function claimsOf({ accountId, name, email }: Person) {
  return { sub: accountId, name, preferred_username: accountId, email, email_verified: true };
}

function clients(rules: IdentityProviderRules): ClientMetadata[] {
  return [
    {
      client_id: "usher",
      client_name: "Usher",
      client_secret: rules.clientSecret,
      redirect_uris: [...rules.redirectUris],
      grant_types: ["authorization_code", "refresh_token", TOKEN_EXCHANGE, JWT_BEARER],
      response_types: ["code"],
      token_endpoint_auth_method: "client_secret_basic",
    },
    {
      client_id: rules.introspectionClient.clientId,
      client_secret: rules.introspectionClient.clientSecret,
      client_name: "Practice MCP servers",
      redirect_uris: [],
      grant_types: [],
      response_types: [],
    },
  ];
}
