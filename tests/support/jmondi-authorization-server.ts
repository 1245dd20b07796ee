import { randomUUID } from "node:crypto";
import {
  AuthorizationServer,
  type OAuthAuthCode,
  type OAuthClient,
  type OAuthToken,
} from "@jmondi/oauth2-server";
import {
  handleVanillaError,
  requestFromVanilla,
  responseToVanilla,
} from "@jmondi/oauth2-server/vanilla";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { openLoopbackListener } from "@/demo/loopback-listener";
import type { TokenGrant } from "./sdk-authorization-server";

export interface IndependentServer {
  readonly issuer: string;
  /** Path and form of each POST. */
  readonly posts: readonly { path: string; form: Record<string, string> }[];
  grantOf(accessToken: string): Pick<TokenGrant, "scopes"> | null;
  /** As when a person revokes the access. */
  endGrants(): void;
  /** Signs and verifies with another key from now on: every earlier token becomes invalid. */
  changeKey?(): void;
  close(): Promise<void>;
}

const account = { id: "ada" };
const grants = ["authorization_code", "refresh_token"] as OAuthClient["allowedGrants"];

/**
 * `@jmondi/oauth2-server` with everything in memory: tokens are JWTs, refresh tokens rotate, revocation
 * answers 200 to anything. It registers clients, and asks no one for consent.
 */
export async function startJmondiServer(): Promise<IndependentServer> {
  const listener = await openLoopbackListener();
  const issuer = listener.url;
  const clients = new Map<string, OAuthClient>();
  const codes = new Map<string, OAuthAuthCode & { used?: boolean }>();
  const tokens = new Map<string, OAuthToken & { revoked?: boolean }>();
  const posts: { path: string; form: Record<string, string> }[] = [];
  let key = randomUUID();

  const scope = (name: string) => ({ name });
  const known = <T>(found: T | undefined): T => {
    if (found === undefined) throw new Error("There is no such thing.");
    return found;
  };
  const build = () => {
    const server = new AuthorizationServer(
      {
        getByIdentifier: async (id) => known(clients.get(id)),
        isClientValid: async (_grant, client, secret) => !client.secret || client.secret === secret,
      },
      {
        issueToken: async (client, scopes, user) => ({
          accessToken: randomUUID(),
          accessTokenExpiresAt: new Date(),
          client,
          user: user ?? null,
          scopes,
        }),
        issueRefreshToken: async (token) => {
          token.refreshToken = randomUUID();
          token.refreshTokenExpiresAt = new Date(Date.now() + 30 * 24 * 3_600_000);
          return token;
        },
        persist: async (token) => {
          tokens.set(token.accessToken, token);
        },
        revoke: async (token) => {
          Object.assign(token, { revoked: true });
        },
        isRefreshTokenRevoked: async (token) => tokens.get(token.accessToken)?.revoked === true,
        getByRefreshToken: async (id) =>
          known([...tokens.values()].find((token) => token.refreshToken === id)),
        getByAccessToken: async (id) => known(tokens.get(id)),
      },
      {
        getAllByIdentifiers: async (names) => names.map(scope),
        finalize: async (scopes) => scopes,
      },
      key,
      { issuer },
    );
    server.enableGrantType({
      grant: "authorization_code",
      userRepository: { getUserByCredentials: async () => account },
      authCodeRepository: {
        getByIdentifier: async (code) => known(codes.get(code)),
        issueAuthCode: (client, user, scopes) => ({
          code: randomUUID(),
          expiresAt: new Date(),
          client,
          user: user ?? null,
          scopes,
        }),
        persist: async (code) => {
          codes.set(code.code, code);
        },
        isRevoked: async (code) => codes.get(code)?.used === true,
        revoke: async (code) => {
          Object.assign(known(codes.get(code)), { used: true });
        },
      },
    });
    return server;
  };
  let server = build();

  const answer = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    if (pathname === "/.well-known/oauth-authorization-server")
      return Response.json(metadata(issuer));
    if (pathname === "/register") {
      const sent = (await request.json()) as { redirect_uris: string[] };
      const client = { id: randomUUID(), name: "A client", secret: randomUUID() };
      clients.set(client.id, {
        ...client,
        redirectUris: sent.redirect_uris,
        allowedGrants: grants,
        scopes: [],
      });
      return Response.json(
        {
          ...sent,
          client_id: client.id,
          client_secret: client.secret,
          client_secret_expires_at: 0,
        },
        { status: 201 },
      );
    }
    const asked = await requestFromVanilla(request);
    if (request.method === "POST") posts.push({ path: pathname, form: { ...asked.body } });
    switch (pathname) {
      case "/authorize": {
        const authorization = await server.validateAuthorizationRequest(asked);
        Object.assign(authorization, { user: account, isAuthorizationApproved: true });
        return responseToVanilla(await server.completeAuthorizationRequest(authorization));
      }
      case "/token":
        return responseToVanilla(await server.respondToAccessTokenRequest(asked));
      case "/token/revoke":
        return responseToVanilla(await server.revoke(asked));
      default:
        return new Response(null, { status: 404 });
    }
  };
  const fetch = (request: Request) =>
    answer(request).catch((error) => responseToVanilla(handleVanillaError(error)));
  listener.serve(toNodeHandler({ fetch }));
  return {
    issuer,
    posts,
    grantOf: (token) => {
      const [, payload = ""] = token.split(".");
      try {
        const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
        // Like a server that verifies tokens locally: it does not learn of a revocation.
        return claims.exp * 1000 > Date.now() ? { scopes: String(claims.scope).split(" ") } : null;
      } catch {
        return null;
      }
    },
    endGrants: () => {
      for (const token of tokens.values()) Object.assign(token, { revoked: true });
    },
    changeKey: () => {
      key = randomUUID();
      server = build();
    },
    close: listener.close,
  };
}

function metadata(issuer: string): object {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    revocation_endpoint: `${issuer}/token/revoke`,
    registration_endpoint: `${issuer}/register`,
    response_types_supported: ["code"],
    code_challenge_methods_supported: ["S256"],
    token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
  };
}
