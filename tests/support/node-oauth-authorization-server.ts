import OAuth2Server, {
  type AuthorizationCode,
  type Client,
  type Token,
  type User,
} from "@node-oauth/oauth2-server";
import { openLoopbackListener } from "@/demo/loopback-listener";
import type { IndependentServer } from "./jmondi-authorization-server";
import { readBody } from "./local-http-server";

/** What an admin enters in the form: it publishes nothing. */
export const nodeOAuthClient = { clientId: "usher", clientSecret: "a+secret/with=odd characters" };

/**
 * `@node-oauth/oauth2-server` with everything in memory: opaque tokens, refresh tokens that rotate, scopes in
 * the token response as a list, Basic that is not decoded, no metadata, no registration and no revocation.
 */
export async function startNodeOAuthServer(redirectUri: string): Promise<IndependentServer> {
  const listener = await openLoopbackListener();
  const codes = new Map<string, AuthorizationCode>();
  const tokens = new Set<Token>();
  const posts: { path: string; form: Record<string, string> }[] = [];
  const client: Client = {
    id: nodeOAuthClient.clientId,
    redirectUris: [redirectUri],
    grants: ["authorization_code", "refresh_token"],
  };
  const user: User = { id: "ada" };
  const byRefreshToken = (value: string) =>
    [...tokens].find(({ refreshToken }) => refreshToken === value);
  const server = new OAuth2Server({
    accessTokenLifetime: 3600,
    model: {
      getClient: async (id: string, secret: string | null) =>
        id === client.id && (secret === null || secret === nodeOAuthClient.clientSecret) && client,
      saveAuthorizationCode: async (code: AuthorizationCode, of: Client, by: User) => {
        const saved = { ...code, client: of, user: by };
        codes.set(code.authorizationCode, saved);
        return saved;
      },
      getAuthorizationCode: async (code: string) => codes.get(code),
      revokeAuthorizationCode: async ({ authorizationCode }: AuthorizationCode) =>
        codes.delete(authorizationCode),
      validateScope: async (_user: User, _client: Client, scope?: string[]) => scope ?? ["files"],
      saveToken: async (token: Token, of: Client, by: User) => {
        const saved = { ...token, client: of, user: by };
        tokens.add(saved);
        return saved;
      },
      getAccessToken: async (value: string) =>
        [...tokens].find(({ accessToken }) => accessToken === value),
      getRefreshToken: async (value: string) => byRefreshToken(value) as never,
      revokeToken: async ({ refreshToken }: { refreshToken: string }) => {
        const found = byRefreshToken(refreshToken);
        return found !== undefined && tokens.delete(found);
      },
    } as never,
  });

  listener.serve(async (incoming, outgoing) => {
    const url = new URL(incoming.url ?? "/", listener.url);
    const form = Object.fromEntries(new URLSearchParams(await readBody(incoming)));
    if (incoming.method === "POST") posts.push({ path: url.pathname, form });
    const request = new OAuth2Server.Request({
      headers: incoming.headers as Record<string, string>,
      method: incoming.method ?? "GET",
      query: Object.fromEntries(url.searchParams),
      body: form,
    });
    const response = new OAuth2Server.Response();
    const authenticateHandler = { handle: () => user };
    const [status, body] = await (url.pathname === "/authorize"
      ? server.authorize(request, response, { authenticateHandler })
      : url.pathname === "/token"
        ? server.token(request, response)
        : Promise.reject(Object.assign(new Error("Not found"), { code: 404 }))
    ).then(
      () => [response.status ?? 200, response.body],
      (error: { code?: number }) => [response.status ?? error.code ?? 500, response.body],
    );
    for (const [name, value] of Object.entries(response.headers ?? {}))
      outgoing.setHeader(name, value);
    outgoing.setHeader("content-type", "application/json");
    outgoing.writeHead(url.pathname === "/token" || status === 302 ? status : 404);
    outgoing.end(JSON.stringify(body ?? {}));
  });
  return {
    issuer: listener.url,
    posts,
    grantOf: (value) => {
      const token = [...tokens].find(({ accessToken }) => accessToken === value);
      return token ? { scopes: [token.scope ?? []].flat() } : null;
    },
    endGrants: () => tokens.clear(),
    close: listener.close,
  };
}
