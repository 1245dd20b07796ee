import type { IncomingMessage } from "node:http";
import { readBody, sendJson, startHttpServer } from "./local-http-server";

export interface OddAnswer {
  status?: number;
  /** A string is sent as it is, anything else as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
}

export interface OddRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string | null;
  readonly body: string;
  /** From a form. */
  readonly form: Readonly<Record<string, string>>;
}

type Form = OddRequest["form"];
type Json = Record<string, unknown>;

/** What may be replaced, before it starts or at any time afterwards. `origin` is its own. */
export interface Oddities {
  /** Of the MCP server; `/mcp` unless given. */
  mcpPath: string;
  /** Protected resource metadata by path. */
  resources: Record<string, Json>;
  /** Authorization server metadata by path. */
  servers: Record<string, Json>;
  /** The WWW-Authenticate header of a 401; null: no header. */
  challenge: string | null;
  register(sent: Json, nth: number): OddAnswer;
  token(sent: Form, nth: number, request: OddRequest): OddAnswer;
  revoke(sent: Form): OddAnswer;
  /** Added to the query of the callback. */
  authorize(query: Form): Record<string, string>;
  /** Answers instead of everything else; null: it does not. */
  first(request: OddRequest): OddAnswer | null;
  /** Rejects a request to the MCP server; null: it does not. */
  guard(token: string): OddAnswer | null;
}

export interface OddProvider {
  readonly origin: string;
  readonly url: string;
  readonly odd: Oddities;
  readonly requests: readonly OddRequest[];
  at(path: string): OddRequest[];
  refreshes(): OddRequest[];
  registrations(): Json[];
  forget(): void;
  close(): Promise<void>;
}

export const usualTokens = (nth: number, more: Json = {}): OddAnswer => ({
  body: {
    access_token: `access-${nth}`,
    token_type: "Bearer",
    expires_in: 3600,
    refresh_token: `refresh-${nth}`,
    ...more,
  },
});

export const refusal = (status: number, error: string, error_description?: string): OddAnswer => ({
  status,
  body: { error, ...(error_description === undefined ? {} : { error_description }) },
});

export const usualClient = (sent: Json, nth: number, more: Json = {}): OddAnswer => ({
  status: 201,
  body: {
    client_id: `client-${nth}`,
    redirect_uris: sent.redirect_uris,
    token_endpoint_auth_method: sent.token_endpoint_auth_method,
    ...(sent.token_endpoint_auth_method === "none" ? {} : { client_secret: `secret of ${nth}` }),
    ...more,
  },
});

/**
 * An authorization server and an MCP server at one origin, without consent pages, which behave like real
 * ones that caused problems for someone. What is not replaced follows the specifications.
 */
export async function startOddProvider(
  replace: (origin: string, usual: Oddities) => Partial<Oddities> = () => ({}),
): Promise<OddProvider> {
  const requests: OddRequest[] = [];
  let counts = { register: 0, token: 0, code: 0 };
  let odd: Oddities;
  const server = await startHttpServer(async (incoming, response) => {
    const request = await readRequest(incoming);
    requests.push(request);
    const { status = 200, body = "", headers = {} } = answer(request);
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (typeof body === "string") response.writeHead(status).end(body);
    else sendJson(response, status, body);
  });
  const { origin } = server;

  function answer(request: OddRequest): OddAnswer {
    const replaced = odd.first(request);
    if (replaced) return replaced;
    const { method, path, body, form, query } = request;
    const document = odd.resources[path] ?? odd.servers[path];
    if (document && method === "GET") return { body: document };
    switch (path) {
      case "/authorize": {
        const asked = Object.fromEntries(query);
        if (!asked.redirect_uri) return refusal(400, "invalid_request");
        const back = new URL(asked.redirect_uri);
        const told =
          asked.prompt === "none"
            ? { error: "login_required" }
            : { code: `code-${++counts.code}`, ...odd.authorize(asked) };
        for (const [name, value] of Object.entries({ state: asked.state ?? "", ...told })) {
          back.searchParams.set(name, value);
        }
        return { status: 302, headers: { location: back.href } };
      }
      case "/register":
        return odd.register(JSON.parse(body), ++counts.register);
      case "/token":
        return odd.token(form, ++counts.token, request);
      case "/revoke":
        return odd.revoke(form);
      case odd.mcpPath:
        return mcp(request);
      default:
        return { status: 404, body: { error: "not_found" } };
    }
  }

  function mcp({ method, body, authorization }: OddRequest): OddAnswer {
    if (authorization === null) {
      const headers: Record<string, string> =
        odd.challenge === null ? {} : { "www-authenticate": odd.challenge };
      return { status: 401, headers };
    }
    const refused = odd.guard(authorization.replace(/^Bearer /, ""));
    if (refused) return refused;
    if (method !== "POST") return { status: 405 };
    const message = JSON.parse(body) as { id?: unknown; method: string };
    const results: Record<string, Json> = {
      initialize: {
        protocolVersion: "2025-11-25",
        capabilities: { tools: {} },
        serverInfo: { name: "Odd", version: "1.0.0" },
      },
      "tools/list": { tools: [{ name: "ping", inputSchema: { type: "object" } }] },
      "tools/call": { content: [{ type: "text", text: "pong" }] },
    };
    if (message.method.startsWith("notifications/")) return { status: 202 };
    const result = results[message.method];
    const error = { code: -32601, message: "Method not found" };
    return { body: { jsonrpc: "2.0", id: message.id, ...(result ? { result } : { error }) } };
  }

  const usual: Oddities = {
    mcpPath: "/mcp",
    resources: {
      "/.well-known/oauth-protected-resource/mcp": {
        resource: `${origin}/mcp`,
        authorization_servers: [origin],
      },
    },
    servers: { "/.well-known/oauth-authorization-server": usualMetadata(origin) },
    challenge: `Bearer resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp"`,
    register: (sent, nth) => usualClient(sent, nth),
    token: (_, nth) => usualTokens(nth),
    revoke: () => ({}),
    authorize: () => ({}),
    first: () => null,
    guard: () => null,
  };
  odd = { ...usual, ...replace(origin, usual) };
  return {
    origin,
    get url() {
      return origin + odd.mcpPath;
    },
    odd,
    requests,
    at: (path) => requests.filter((each) => each.path === path),
    refreshes: () => requests.filter(({ form }) => form.grant_type === "refresh_token"),
    registrations: () =>
      requests.filter(({ path }) => path === "/register").map(({ body }) => JSON.parse(body)),
    forget: () => {
      requests.length = 0;
      counts = { ...counts };
    },
    close: () => server.close(),
  };
}

export function usualMetadata(origin: string, more: Json = {}): Json {
  return {
    issuer: origin,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    registration_endpoint: `${origin}/register`,
    response_types_supported: ["code"],
    code_challenge_methods_supported: ["S256"],
    token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "none"],
    ...more,
  };
}

async function readRequest(incoming: IncomingMessage): Promise<OddRequest> {
  const body = await readBody(incoming);
  const url = new URL(incoming.url ?? "/", "http://localhost");
  return {
    method: incoming.method ?? "GET",
    path: url.pathname,
    query: url.searchParams,
    authorization: incoming.headers.authorization ?? null,
    body,
    form: Object.fromEntries(new URLSearchParams(body)),
  };
}

/** Every refresh gets this answer from now on. */
export function refuseRefreshes(provider: OddProvider, answer: OddAnswer): void {
  provider.odd.token = (sent, nth) =>
    sent.grant_type === "refresh_token" ? answer : usualTokens(nth);
}
