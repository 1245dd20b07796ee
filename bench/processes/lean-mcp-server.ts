// An MCP server written by hand, so that the server is not what is measured: it checks the bearer
// token, answers one tool, and counts. It knows just enough of both eras for the clients here.

import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "../child";
import { filler } from "./loop";

/** One path for each protocol. */
const paths = { modern: "/2026-07-28", legacy: "/2025-11-25" };
export type Era = keyof typeof paths;

interface Message {
  id?: unknown;
  method?: string;
  params?: { protocolVersion?: string; arguments?: { text?: string } };
}

interface Provider {
  issuer: string;
  /** Where it says whether a token is good. */
  endpoint: string;
  authorization: string;
}

/** Null: a token is worth what the provider says of it, asked once. */
let accepted: Set<string> | null = new Set();
let introspection: Provider | null = null;
const opinions = new Map<string, Promise<boolean>>();
const refused = new Set<string>();
let counts: Record<string, number> = {};
let accessTokens = new Set<string>();

const server = createServer(async (request, response) => {
  const message = await readMessage(request);
  const path = request.url ?? "";
  if (introspection && path.startsWith(resourceMetadataPath)) {
    const resource = ownOrigin() + path.slice(resourceMetadataPath.length);
    return json(response, 200, { resource, authorization_servers: [introspection.issuer] });
  }
  count("requests");
  count(`${request.method} ${message?.method ?? ""}`.trim());
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
  if (!(await isGood(token))) {
    count("unauthorized");
    const metadata = `, resource_metadata="${ownOrigin()}${resourceMetadataPath}${path}"`;
    const challenge = `Bearer error="invalid_token"${introspection ? metadata : ""}`;
    return response.writeHead(401, { "www-authenticate": challenge }).end();
  }
  if (request.method !== "POST" || !message) return response.writeHead(405).end();
  if (message.method === "tools/call") accessTokens.add(token);
  answer(path, message, request, response);
});
server.keepAliveTimeout = 600_000;
server.requestTimeout = 0;

const resourceMetadataPath = "/.well-known/oauth-protected-resource";

function ownOrigin(): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function isGood(token: string): Promise<boolean> {
  if (refused.has(token)) return false;
  if (accepted) return accepted.has(token);
  const known = opinions.get(token) ?? introspect(token);
  opinions.set(token, known);
  return known;
}

async function introspect(token: string): Promise<boolean> {
  if (!introspection || token === "") return false;
  const { endpoint, authorization } = introspection;
  const body = new URLSearchParams({ token });
  const answer = await fetch(endpoint, { method: "POST", headers: { authorization }, body });
  return ((await answer.json()) as { active?: boolean }).active === true;
}

function answer(
  path: string,
  { id, method, params }: Message,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const modern = path === paths.modern;
  if (id === undefined) {
    response.writeHead(202).end();
    return;
  }
  if (method === "server/discover" && !modern) {
    json(response, 400, { jsonrpc: "2.0", id: null, error: unknownMethod });
    return;
  }
  const result = resultOf(method, params, modern);
  if (!result) {
    json(response, 200, { jsonrpc: "2.0", id, error: unknownMethod });
    return;
  }
  const body = { result, jsonrpc: "2.0", id };
  const session =
    request.headers["mcp-session-id"] ?? (method === "initialize" ? randomUUID() : null);
  if (session !== null) response.setHeader("mcp-session-id", session);
  json(response, 200, body);
}

const unknownMethod = { code: -32601, message: "Method not found" };
const serverInfo = { name: "Lean", version: "1.0.0" };
const capabilities = { tools: {} };
const tool = {
  name: "echo",
  description: "Says it again.",
  inputSchema: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
  annotations: { readOnlyHint: true },
};

function resultOf(method: string | undefined, params: Message["params"], modern: boolean) {
  const modernFields = {
    resultType: "complete",
    _meta: { "io.modelcontextprotocol/serverInfo": serverInfo },
  };
  const cacheable = { ttlMs: 0, cacheScope: "private" };
  const extra = modern ? modernFields : {};
  switch (method) {
    case "server/discover":
      return { supportedVersions: ["2026-07-28"], capabilities, ...cacheable, ...extra };
    case "initialize":
      return { protocolVersion: params?.protocolVersion, capabilities, serverInfo };
    case "ping":
      return {};
    case "tools/list":
      return { tools: [tool], ...(modern ? { ...cacheable, ...extra } : {}) };
    case "tools/call":
      return {
        content: [{ type: "text", text: `${params?.arguments?.text}\n${filler}` }],
        ...extra,
      };
    default:
      return null;
  }
}

function json(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": body.byteLength,
  });
  response.end(body);
}

async function readMessage(request: IncomingMessage): Promise<Message | null> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return chunks.length === 0 ? null : JSON.parse(Buffer.concat(chunks).toString());
}

function count(what: string): void {
  counts[what] = (counts[what] ?? 0) + 1;
}

const commands = {
  async url(era: Era): Promise<string> {
    return ownOrigin() + paths[era];
  },
  async acceptTokens(tokens: string[]) {
    accepted = new Set(tokens);
  },
  /** From now on the provider is asked, once about each token, and named to who comes without one. */
  async askProvider(provider: Provider) {
    introspection = provider;
    accepted = null;
  },
  /** It has expired, whatever the provider says. */
  async refuse(token: string) {
    refused.add(token);
  },
  /** By HTTP method and MCP method, and altogether, since the last time this was asked. */
  async takeCounts() {
    const taken = { counts, accessTokens: [...accessTokens] };
    counts = {};
    accessTokens = new Set();
    return taken;
  },
  async closeIdleConnections() {
    server.closeIdleConnections();
  },
};
export type LeanMcpServer = typeof commands;

server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => serve(commands));
