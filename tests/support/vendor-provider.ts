import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { VendorServer } from "@/lib/contracts/catalogue/vendor-server";
import { vendorServerUrl } from "@/lib/contracts/catalogue/vendor-server-url";
import type { TokenEndpointAuthMethod } from "@/lib/contracts/servers/oauth-client";
import { type LocalHttpServer, readBody, sendJson, startHttpServer } from "./local-http-server";

type Json = Record<string, unknown>;

export interface VendorProvider {
  /** The entry, with each of its hosts as a folder of the loopback server. */
  readonly entry: VendorServer;
  /** By the name of the part, like the entry's examples. */
  readonly urlParts: Record<string, string>;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly key: string;
  /** Why requests were refused, in order. */
  readonly refusals: readonly string[];
  readonly toolCalls: () => number;
  close(): Promise<void>;
}

export interface VendorProviderOptions {
  redirectUri: string;
  /** Of this installation, for vendors that read it. */
  clientMetadataUrl: string;
  /** Whether the vendor has approved Usher as a client; true unless given. */
  approved?: boolean;
}

interface Request {
  method: string;
  url: URL;
  headers: IncomingMessage["headers"];
  body: string;
}

interface Answer {
  status?: number;
  json?: unknown;
  headers?: Record<string, string>;
}

interface Client {
  method: TokenEndpointAuthMethod;
  secret: string;
}

class Refusal extends Error {}

function must(holds: boolean, why: string): asserts holds {
  if (!holds) throw new Refusal(why);
}

/** What a token response contains besides the tokens, where it deviates from the specification. */
const tokenAnswers: Record<string, (tokens: Json) => Json> = {
  // No lifetime, and scopes separated by commas.
  github: ({ access_token }) => ({ access_token, token_type: "bearer", scope: "repo,read:org" }),
  slack: (tokens) => ({ ok: true, authed_user: { id: "U1", ...tokens, token_type: "user" } }),
  salesforce: ({ expires_in: _, ...tokens }) => ({
    ...tokens,
    ...{ instance_url: "https://acme.my.salesforce.com", issued_at: "1796000000000" },
  }),
  asana: (tokens) => ({ ...tokens, token_type: "bearer", data: { gid: "1", name: "Ada" } }),
  box: (tokens) => ({ ...tokens, token_type: "bearer", restricted_to: [] }),
  snowflake: (tokens) => ({ ...tokens, username: "ADA", scope: "refresh_token session:role:R" }),
};

/**
 * A vendor's authorization server and MCP server, built from its entry, which accept exactly what the entry says
 * and refuse everything else. They publish what the entry leaves out, and nothing that it states.
 */
export async function startVendorProvider(
  server: VendorServer,
  { redirectUri, clientMetadataUrl, approved = true }: VendorProviderOptions,
): Promise<VendorProvider> {
  const refusals: string[] = [];
  let toolCalls = 0;
  let stream: ServerResponse | null = null;
  const http: LocalHttpServer = await startHttpServer((incoming, response) => {
    void serve(incoming, response);
  });
  const entry = atOrigin(server, http.origin);
  const urlParts = Object.fromEntries(server.urlParts.map(({ name, example }) => [name, example]));
  const filled = (url: string): URL => {
    const made = vendorServerUrl({ ...entry, url }, urlParts);
    if (!made.ok) throw new Error(JSON.stringify(made.problems));
    return new URL(made.url);
  };
  const mcpUrl = filled(entry.url);
  const issuer = `${http.origin}/${server.authorizationHosts[0] ?? "auth.vendor.example"}`;
  const authorizeUrl = entry.endpoints
    ? filled(entry.endpoints.authorizationEndpoint)
    : new URL(`${issuer}/authorize`);
  const tokenUrl = entry.endpoints
    ? filled(entry.endpoints.tokenEndpoint)
    : new URL(`${issuer}/token`);
  const { quirks, scopes, header, registration } = entry;
  const usesOAuth = header === null && registration !== "NONE";
  const resource = quirks.resourceIndicator === false ? null : (quirks.resource ?? mcpUrl.href);
  const clientId = "app-of-the-team";
  const clientSecret = "secret-of-the-app";
  const key = "key-of-the-team";
  const clients = new Map<string, Client>();
  if (registration === "PRE_REGISTERED") {
    const method = quirks.tokenEndpointAuthMethod ?? "CLIENT_SECRET_BASIC";
    clients.set(clientId, { method, secret: clientSecret });
  }
  if (registration === "METADATA_DOCUMENT")
    clients.set(clientMetadataUrl, { method: "NONE", secret: "" });
  const codes = new Map<string, { challenge: string; clientId: string }>();
  const accessTokens = new Set<string>();
  const refreshTokens = new Map<string, string>();

  async function serve(incoming: IncomingMessage, response: ServerResponse) {
    const url = new URL(incoming.url ?? "/", http.origin);
    const request: Request = {
      ...{ method: incoming.method ?? "GET", url, headers: incoming.headers },
      body: await readBody(incoming),
    };
    const events = server.transport === "SSE" && url.pathname === mcpUrl.pathname;
    if (events && request.method === "GET" && isLetIn(request)) {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(`event: endpoint\ndata: ${mcpUrl.pathname}/messages\n\n`);
      stream = response;
      return;
    }
    const { status = 200, json, headers = {} } = answer(request);
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (json === undefined) response.writeHead(status).end();
    else sendJson(response, status, json);
  }

  function answer(request: Request): Answer {
    const { pathname } = request.url;
    try {
      if (pathname === authorizeUrl.pathname) return authorize(request.url.searchParams);
      if (pathname === tokenUrl.pathname) return token(request);
      const document = usesOAuth && entry.endpoints === null ? published(request) : null;
      if (document) return document;
      return pathname.startsWith(mcpUrl.pathname) ? mcp(request) : { status: 404 };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refusals.push(error.message);
      return { status: 400, json: { error: "invalid_request", error_description: error.message } };
    }
  }

  function published({ method, url, body }: Request): Answer | null {
    const metadata = new URL(issuer).pathname;
    switch (url.pathname) {
      case `/.well-known/oauth-protected-resource${mcpUrl.pathname.replace(/\/$/, "")}`:
        return { json: { resource, authorization_servers: [issuer] } };
      case `/.well-known/oauth-authorization-server${metadata}`:
        return {
          json: {
            ...{ issuer, authorization_endpoint: authorizeUrl.href, token_endpoint: tokenUrl.href },
            ...(registration === "DYNAMIC" ? { registration_endpoint: `${issuer}/register` } : {}),
            client_id_metadata_document_supported: registration === "METADATA_DOCUMENT",
            code_challenge_methods_supported: ["S256"],
            token_endpoint_auth_methods_supported: ["client_secret_post", "none"],
          },
        };
      case `${metadata}/register`: {
        must(method === "POST", "clients register by POST");
        if (!approved) return { status: 403, json: { error: "access_denied" } };
        const sent = JSON.parse(body) as { redirect_uris: string[] };
        must(sent.redirect_uris[0] === redirectUri, "the redirect URI is another one");
        const id = `client-${clients.size + 1}`;
        clients.set(id, { method: "CLIENT_SECRET_POST", secret: `secret-${id}` });
        return {
          status: 201,
          json: {
            ...{ client_id: id, client_secret: `secret-${id}`, redirect_uris: sent.redirect_uris },
            token_endpoint_auth_method: "client_secret_post",
          },
        };
      }
      default:
        return null;
    }
  }

  function authorize(query: URLSearchParams): Answer {
    const id = query.get("client_id") ?? "";
    must(clients.has(id), `the client ${id} is not known`);
    must(query.get("response_type") === "code", "the response type is not code");
    must(query.get("redirect_uri") === redirectUri, "the redirect URI is another one");
    must(query.get("code_challenge_method") === "S256", "there is no PKCE");
    mustBeResource(query.getAll("resource"));
    for (const [name, value] of Object.entries(quirks.extraAuthorizationParameters ?? {})) {
      must(query.get(name) === value, `${name} is not ${value}`);
    }
    if (scopes.recommended !== null) {
      const wanted = scopes.recommended.split(" ").join(quirks.scopesByComma ? "," : " ");
      must(query.get("scope") === wanted, `the scope is ${query.get("scope")}`);
    }
    const code = `code-${codes.size + 1}`;
    codes.set(code, { challenge: query.get("code_challenge") ?? "", clientId: id });
    const back = new URL(redirectUri);
    back.searchParams.set("code", code);
    back.searchParams.set("state", query.get("state") ?? "");
    return { status: 302, headers: { location: back.href } };
  }

  function token(request: Request): Answer {
    const form = new URLSearchParams(request.body);
    const id = authenticated(form, request.headers.authorization);
    mustBeResource(form.getAll("resource"));
    if (form.get("grant_type") === "refresh_token") {
      must(
        refreshTokens.get(form.get("refresh_token") ?? "") === id,
        "the refresh token is unknown",
      );
      must(
        !quirks.scopeOnRefresh || form.get("scope") === scopes.recommended,
        "no scope on refresh",
      );
      accessTokens.clear();
      return tokens(id);
    }
    must(form.get("grant_type") === "authorization_code", "the grant type is another one");
    const granted = codes.get(form.get("code") ?? "");
    must(granted !== undefined && granted.clientId === id, "the code is unknown");
    const verifier = form.get("code_verifier") ?? "";
    const challenge = createHash("sha256").update(verifier).digest("base64url");
    must(challenge === granted.challenge, "the code verifier is another one");
    must(form.get("redirect_uri") === redirectUri, "the redirect URI is another one");
    return tokens(id);
  }

  /** By exactly the client's method; the same secret elsewhere is refused. */
  function authenticated(form: URLSearchParams, authorization: string | undefined): string {
    const basic = /^Basic (.+)$/.exec(authorization ?? "")?.[1];
    const [basicId, basicSecret] = Buffer.from(basic ?? "", "base64")
      .toString()
      .split(":");
    const id = basicId || (form.get("client_id") ?? "");
    const client = clients.get(id);
    must(client !== undefined, `the client ${id} is not known`);
    const inBody = form.get("client_secret");
    const inHeader = basic === undefined ? null : decodeURIComponent(basicSecret ?? "");
    switch (client.method) {
      case "CLIENT_SECRET_POST":
        must(inHeader === null && inBody === client.secret, "the secret is not in the body");
        break;
      case "NONE":
        must(inHeader === null && inBody === null, "a public client has no secret");
        break;
      default:
        must(inBody === null && inHeader === client.secret, "the secret is not in the header");
    }
    return id;
  }

  function tokens(id: string): Answer {
    const nth = refreshTokens.size + 1;
    const access = `access-${nth}`;
    accessTokens.add(access);
    refreshTokens.set(`refresh-${nth}`, id);
    const usual = { access_token: access, refresh_token: `refresh-${nth}`, expires_in: 3600 };
    const shape = tokenAnswers[server.id] ?? ((each: Json) => ({ ...each, token_type: "Bearer" }));
    return { json: shape({ ...usual }) };
  }

  function mustBeResource(given: readonly string[]): void {
    const wanted = resource === null ? [] : [resource];
    must(
      given.length === wanted.length && given.every((each, at) => each === wanted[at]),
      `the resource is ${given.join(" and ") || "missing"}`,
    );
  }

  function isLetIn({ headers }: Request): boolean {
    if (header) return headers[header.name.toLowerCase()] === `${header.prefix}${key}`;
    if (!usesOAuth) return headers.authorization === undefined;
    return accessTokens.has((headers.authorization ?? "").replace(/^Bearer /, ""));
  }

  function mcp(request: Request): Answer {
    if (!isLetIn(request)) {
      const at = `${http.origin}/.well-known/oauth-protected-resource${mcpUrl.pathname.replace(/\/$/, "")}`;
      const named =
        entry.endpoints === null && usesOAuth ? `Bearer resource_metadata="${at}"` : "Bearer";
      return { status: 401, headers: { "www-authenticate": named } };
    }
    if (request.method !== "POST") return { status: 405 };
    const message = JSON.parse(request.body) as { id?: unknown; method: string };
    const results: Record<string, Json> = {
      initialize: {
        ...{ protocolVersion: "2025-06-18", capabilities: { tools: {} } },
        serverInfo: { name: server.name, version: "1.0.0" },
      },
      "tools/list": { tools: [{ name: "ping", inputSchema: { type: "object" } }] },
      "tools/call": { content: [{ type: "text", text: "pong" }] },
    };
    if (message.method === "tools/call") toolCalls += 1;
    if (message.method.startsWith("notifications/")) return { status: 202 };
    const result = results[message.method];
    const error = { code: -32601, message: "Method not found" };
    const json = { jsonrpc: "2.0", id: message.id, ...(result ? { result } : { error }) };
    if (server.transport !== "SSE") return { json };
    stream?.write(`event: message\ndata: ${JSON.stringify(json)}\n\n`);
    return { status: 202 };
  }

  return {
    ...{ entry, urlParts, clientId, clientSecret, key, refusals },
    toolCalls: () => toolCalls,
    close: () => http.close(),
  };
}

/** Each `https://host` becomes a folder of the loopback server, so that no host is mistaken for another. */
function atOrigin(server: VendorServer, origin: string): VendorServer {
  const move = (url: string) => url.replace(/^https:\//, origin);
  const optional = (url: string | null) => (url === null ? null : move(url));
  const { endpoints, quirks } = server;
  return {
    ...server,
    url: move(server.url),
    endpoints: endpoints && {
      issuer: optional(endpoints.issuer),
      authorizationEndpoint: move(endpoints.authorizationEndpoint),
      tokenEndpoint: move(endpoints.tokenEndpoint),
      revocationEndpoint: optional(endpoints.revocationEndpoint),
    },
    quirks: quirks.resource === undefined ? quirks : { ...quirks, resource: move(quirks.resource) },
  };
}
