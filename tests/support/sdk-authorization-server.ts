import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { OAuthServerProvider } from "@modelcontextprotocol/sdk/server/auth/provider.js";
import { mcpAuthRouter } from "@modelcontextprotocol/sdk/server/auth/router.js";
import { createMcpExpressApp } from "@modelcontextprotocol/sdk/server/express.js";
import type { OAuthClientInformationFull } from "@modelcontextprotocol/sdk/shared/auth.js";
import { openLoopbackListener } from "@/demo/loopback-listener";

/** What a token allows its bearer. */
export interface TokenGrant {
  clientId: string;
  scopes: readonly string[];
  resource: string | undefined;
}

export interface SdkAuthorizationServer {
  /** Its own name for itself: with a trailing slash. */
  readonly issuer: string;
  /** Each request as received: method, URL, headers and body, including secrets. */
  readonly requests: readonly string[];
  readonly clients: ReadonlyMap<string, OAuthClientInformationFull>;
  grantOf(accessToken: string): TokenGrant | null;
  /** As after losing its database: no client and no token is known any more. */
  forgetClients(): void;
  close(): Promise<void>;
}

interface Code extends TokenGrant {
  codeChallenge: string;
}

/**
 * The authorization server that the MCP SDK includes, with registration and revocation, in memory. It
 * asks no one for consent.
 */
export async function startSdkAuthorizationServer(
  options: { scopes?: string[]; registration?: boolean } = {},
): Promise<SdkAuthorizationServer> {
  const listener = await openLoopbackListener();
  const clients = new Map<string, OAuthClientInformationFull>();
  const codes = new Map<string, Code>();
  const accessTokens = new Map<string, TokenGrant>();
  const refreshTokens = new Map<string, TokenGrant>();
  const requests: string[] = [];

  const issue = (grant: TokenGrant) => {
    const [access, refresh] = [`access-${randomUUID()}`, `refresh-${randomUUID()}`];
    accessTokens.set(access, grant);
    refreshTokens.set(refresh, grant);
    return {
      access_token: access,
      refresh_token: refresh,
      token_type: "Bearer",
      expires_in: 3600,
      scope: grant.scopes.join(" "),
    };
  };
  const provider: OAuthServerProvider = {
    clientsStore: {
      getClient: (id) => clients.get(id),
      ...(options.registration === false
        ? {}
        : {
            registerClient: (client) => {
              const registered = client as OAuthClientInformationFull;
              clients.set(registered.client_id, registered);
              return registered;
            },
          }),
    },
    authorize: async (
      client,
      { state, scopes = [], codeChallenge, redirectUri, resource },
      res,
    ) => {
      const code = randomUUID();
      const grant = { clientId: client.client_id, scopes, resource: resource?.href };
      codes.set(code, { ...grant, codeChallenge });
      const url = new URL(redirectUri);
      url.searchParams.set("code", code);
      if (state !== undefined) url.searchParams.set("state", state);
      res.redirect(url.href);
    },
    challengeForAuthorizationCode: async (_client, code) => codes.get(code)?.codeChallenge ?? "",
    exchangeAuthorizationCode: async (_client, code) => {
      const { codeChallenge: _, ...grant } = codes.get(code) ?? missing();
      codes.delete(code);
      return issue(grant);
    },
    exchangeRefreshToken: async (_client, refreshToken) => {
      const grant = refreshTokens.get(refreshToken) ?? missing();
      refreshTokens.delete(refreshToken);
      return issue(grant);
    },
    verifyAccessToken: async () => missing(),
    revokeToken: async (_client, { token }) => {
      accessTokens.delete(token);
      refreshTokens.delete(token);
    },
  };
  const app = createMcpExpressApp();
  app.use(
    mcpAuthRouter({
      provider,
      issuerUrl: new URL(listener.url),
      ...(options.scopes ? { scopesSupported: options.scopes } : {}),
    }),
  );
  listener.serve((request, response) => {
    record(request, requests);
    app(request, response);
  });
  return {
    issuer: new URL(listener.url).href,
    requests,
    clients,
    grantOf: (accessToken) => accessTokens.get(accessToken) ?? null,
    forgetClients: () => {
      clients.clear();
      accessTokens.clear();
      refreshTokens.clear();
    },
    close: listener.close,
  };
}

function record(request: IncomingMessage, requests: string[]): void {
  const at = requests.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`);
  const emit = request.emit.bind(request);
  // Read in passing, so that the router still finds the body unread.
  request.emit = (event: string, ...data: unknown[]) => {
    if (event === "data") requests[at - 1] += String(data[0]);
    return emit(event, ...data);
  };
}

function missing(): never {
  throw new Error("There is no such code or token.");
}
