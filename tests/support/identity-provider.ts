import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { exportJWK, generateKeyPair } from "jose";
import type { Configuration, JWK } from "oidc-provider";
import { loadOidcProvider } from "@/demo/authorization-server/oidc-provider";
import { type LocalHttpServer, sendJson, startHttpServer } from "./local-http-server";
import { ProviderBrowser } from "./provider-consent";

export interface IdentityProviderOptions {
  redirectUri: string;
  /** For its ID tokens; RS256 unless given. */
  signingAlgorithm?: string;
  /** Scopes' claims come only from userinfo, as in OpenID Connect Core §5.4; false unless given. */
  claimsFromUserinfo?: boolean;
  clientAuthentication?: "client_secret_basic" | "client_secret_post";
  /** Issues refresh tokens, each of which works once; false unless given. */
  refreshTokens?: boolean;
}

export interface IdentityProvider {
  readonly issuer: string;
  /** The variables that configure Usher for it. */
  readonly env: Record<string, string>;
  /** By `sub`: what it says about a person. Written by tests. */
  readonly people: Map<string, Record<string, unknown>>;
  /** Goes through sign-in and consent as `sub`; resolves to the callback URL, which is not opened. */
  signIn(authorizationUrl: string, sub: string): Promise<URL>;
  /** What the next person does there, in a separate browser. */
  next(step: { login: string } | "cancel"): void;
  /** Presses Cancel there. */
  cancel(authorizationUrl: string): Promise<URL>;
  /** Responses at this path go through here; null removes it. */
  intercept(path: string, change: Interception | null): void;
  requests: string[];
  close(): Promise<void>;
}

type Interception = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** A real OpenID provider on 127.0.0.1, whose people sign in and consent at once. */
export async function startIdentityProvider(
  options: IdentityProviderOptions,
): Promise<IdentityProvider> {
  const people = new Map<string, Record<string, unknown>>();
  const interceptions = new Map<string, Interception>();
  const requests: string[] = [];
  const clientSecret = randomBytes(32).toString("base64url");
  let answer: (request: IncomingMessage, response: ServerResponse) => void = (_, response) =>
    sendJson(response, 503, {});
  let next: { login: string } | "cancel" = "cancel";

  const server: LocalHttpServer = await startHttpServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://127.0.0.1").pathname;
    requests.push(path);
    const intercepted = interceptions.get(path);
    if (intercepted) void intercepted(request, response);
    else answer(request, response);
  });
  const oidc = await loadOidcProvider();
  const provider = new oidc.default(
    server.origin,
    await configuration(options, clientSecret, people),
  );
  const handle = provider.callback();
  answer = (request, response) => {
    if (request.url?.startsWith("/interaction/")) void interact(request, response);
    else void handle(request, response);
  };

  async function interact(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { params, prompt, session } = await provider.interactionDetails(request, response);
    if (next === "cancel") {
      const result = { error: "access_denied", error_description: "The person pressed Cancel." };
      return provider.interactionFinished(request, response, result);
    }
    if (prompt.name === "login") {
      const result = { login: { accountId: next.login } };
      return provider.interactionFinished(request, response, result);
    }
    const grant = new provider.Grant({
      accountId: session?.accountId ?? next.login,
      clientId: String(params.client_id),
    });
    grant.addOIDCScope("openid email profile");
    const consent = { grantId: await grant.save() };
    return provider.interactionFinished(request, response, { consent });
  }

  async function visit(authorizationUrl: string): Promise<URL> {
    const arrived = await new ProviderBrowser().open(new URL(authorizationUrl));
    if (arrived.kind === "left") return arrived.url;
    throw new Error(`The identity provider shows a page: ${arrived.html.slice(0, 400)}`);
  }

  return {
    issuer: server.origin,
    env: {
      OIDC_ISSUER: server.origin,
      OIDC_CLIENT_ID: "usher",
      OIDC_CLIENT_SECRET: clientSecret,
      OIDC_NAME: "Acme ID",
    },
    people,
    requests,
    signIn: (authorizationUrl, sub) => {
      next = { login: sub };
      return visit(authorizationUrl);
    },
    next: (step) => {
      next = step;
    },
    cancel: (authorizationUrl) => {
      next = "cancel";
      return visit(authorizationUrl);
    },
    intercept: (path, change) => {
      if (change) interceptions.set(path, change);
      else interceptions.delete(path);
    },
    close: () => server.close(),
  };
}

async function configuration(
  options: IdentityProviderOptions,
  clientSecret: string,
  people: Map<string, Record<string, unknown>>,
): Promise<Configuration> {
  const { redirectUri, signingAlgorithm = "RS256", claimsFromUserinfo = false } = options;
  const { refreshTokens = false } = options;
  const algorithms = new Set(["RS256", signingAlgorithm].filter((alg) => !alg.startsWith("HS")));
  const keys = await Promise.all([...algorithms].map(signingKey));
  return {
    jwks: { keys },
    clients: [
      {
        client_id: "usher",
        client_secret: clientSecret,
        redirect_uris: [redirectUri],
        grant_types: ["authorization_code", ...(refreshTokens ? ["refresh_token"] : [])],
        response_types: ["code"],
        id_token_signed_response_alg: signingAlgorithm as "RS256",
        token_endpoint_auth_method: options.clientAuthentication ?? "client_secret_basic",
      },
    ],
    clientAuthMethods: [options.clientAuthentication ?? "client_secret_basic"],
    enabledJWA: { idTokenSigningAlgValues: ["RS256", signingAlgorithm as "RS256"] },
    claims: {
      email: ["email", "email_verified"],
      profile: ["name", "preferred_username", "groups"],
    },
    conformIdTokenClaims: claimsFromUserinfo,
    cookies: { keys: [randomBytes(32).toString("base64url")] },
    pkce: { required: () => true },
    ...(refreshTokens ? { issueRefreshToken: async () => true, rotateRefreshToken: true } : {}),
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    features: {
      devInteractions: { enabled: false },
      revocation: {
        enabled: true,
        allowedPolicy: async (_context, client, token) => client.clientId === token.clientId,
      },
    },
    findAccount: async (_context, sub) => ({
      accountId: sub,
      claims: async () => ({ ...people.get(sub), sub }),
    }),
    ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, RefreshToken: 600 },
  };
}

async function signingKey(alg: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), alg, use: "sig", kid: alg } as JWK;
}
