import { readdirSync } from "node:fs";
import path from "node:path";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiScopes } from "@/lib/contracts/api-scopes";
import { shapeOf } from "@/lib/openapi/shape";
import { apiRoutes } from "@/lib/openapi/topics";
import { createApiKey } from "@/lib/session/api-keys/authenticate";
import { type Permission, scopeOf } from "@/lib/session/permissions";
import { type Installation, publicUrl, startInstallation } from "@/tests/support/installation";
import { serverInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

const root = path.resolve(import.meta.dirname, "../..");
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** Without a session or a key: for browsers that sign in, and for platforms. */
const publicRoutes = [
  ...["GET /api/auth/[...nextauth]", "POST /api/auth/[...nextauth]", "GET /api/auth/session"],
  ...["GET /api/auth/callback/oidc", "POST /api/auth/signin/oidc", "POST /api/auth/two-factor"],
  ...["GET /api/cron/refresh-tokens", "GET /api/metrics", "GET /api/openapi.json"],
  ...["GET /api/health", "GET /api/health/echo", "GET /api/health/live", "GET /api/health/ready"],
  ...["POST /api/invitations/accept", "POST /api/reset-password", "POST /api/setup"],
  ...["POST /api/forgot-password"],
  ...["GET /oauth/authorize/[serverId]", "GET /oauth/callback", "GET /oauth/client-metadata"],
  ...["POST /oauth/callback", "GET /oauth/jwks"],
];

type Handler = Parameters<Visitor["visit"]>[0] & { permission?: Permission };
type Operation = {
  responses: Record<string, { content?: Record<string, { schema: object }> }>;
  requestBody?: unknown;
};
interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
}

const handlers = new Map<string, Handler>();
let usher: Installation;
let document: OpenApi;
let key: string;
let ajv: Ajv2020;

beforeAll(async () => {
  for (const file of readdirSync(path.join(root, "app"), { recursive: true, encoding: "utf8" })) {
    if (!/(^|\/)route\.tsx?$/.test(file)) continue;
    const exported = await import(/* @vite-ignore */ path.join(root, "app", file));
    for (const method of methods) {
      const name = `${method} /${path.dirname(file)}`;
      if (exported[method]) handlers.set(name, exported[method]);
    }
  }
  usher = await startInstallation();
  const admin = await usher.join("ADMIN");
  const { secret, keyHash, prefix } = createApiKey();
  await usher.app.db.apiKey.create({
    data: {
      ...{ name: "Key", keyHash, prefix, scopes: [...apiScopes], createdAt: new Date() },
      ...{ userId: admin.user.id, lastUsedAt: new Date(Date.now() + 60_000) },
    },
  });
  key = secret;
  document = (await (await ask("GET /api/openapi.json", { key: null })).json()) as OpenApi;
  ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(document, "usher");
});
afterAll(() => usher.close());

interface Asked {
  json?: unknown;
  params?: Record<string, string>;
  query?: string;
  key?: string | null;
}

function ask(name: string, { json, params = {}, query = "", ...asked }: Asked = {}) {
  const [method = ""] = name.split(" ");
  const handler = handlers.get(name);
  if (!handler) throw new Error(`There is no ${name}`);
  const secret = asked.key === undefined ? key : asked.key;
  const request = new Request(`${publicUrl}/${query}`, {
    method,
    headers: secret === null ? {} : { authorization: `Bearer ${secret}` },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
  return handler(request, { params: Promise.resolve(params as never) });
}

const inBraces = (name: string) => name.replace(/\[(\w+)\]/g, "{$1}");

describe("the table of routes", () => {
  it("has every route that a key can call, with the route's own permission, and no other", () => {
    const real = [...handlers].flatMap(([name, { permission }]) => {
      const [method = ""] = name.split(" ");
      if (!permission || scopeOf(permission, method) === null) return [];
      return `${inBraces(name)}: ${permission}`;
    });
    const told = apiRoutes().map(
      ({ method, path: at, permission }) => `${method} ${at}: ${permission}`,
    );
    expect(told.toSorted()).toEqual(real.toSorted());
  });

  it("omits only routes without a permission that are listed as public", () => {
    const open = [...handlers].filter(([, { permission }]) => !permission).map(([name]) => name);
    expect(open.toSorted()).toEqual(publicRoutes.toSorted());
  });
});

describe("the document", () => {
  it("is valid OpenAPI 3.1", async () => {
    const validator = new Validator();
    const result = await validator.validate({ ...structuredClone(document) });
    expect(result.errors ?? []).toEqual([]);
    expect(result.valid).toBe(true);
    expect(validator.version).toBe("3.1");
  });

  it("is reported as invalid where it is, so that the check above can fail", async () => {
    const broken = structuredClone(document) as unknown as { paths: Record<string, unknown> };
    broken.paths["/api/people"] = { get: { responses: { 200: {} } } };
    expect((await new Validator().validate(broken)).valid).toBe(false);
  });

  it("names each operation once, and refers only to existing schemas", () => {
    const operations = Object.values(document.paths).flatMap((item) => Object.values(item));
    const ids = operations.map((each) => (each as { operationId?: string }).operationId);
    expect(new Set(ids).size).toBe(apiRoutes().length);
    const text = JSON.stringify(document.paths);
    for (const [, name = ""] of text.matchAll(/#\/components\/schemas\/(\w+)/g)) {
      expect(document.components.schemas, name).toHaveProperty(name);
    }
  });

  it("describes the content of every body and answer", () => {
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      expect(Object.keys(schema), name).not.toEqual([]);
      expect(shapeOf(schema), name).not.toBe("any");
    }
  });

  it("describes what the contract refuses in a body", () => {
    const validate = ajv.getSchema("usher#/components/schemas/TurnInput");
    expect(validate?.({ kind: "send", messageId: "1", text: "Hello" })).toBe(true);
    expect(validate?.({ kind: "send", messageId: "1" })).toBe(false);
    expect(validate?.({ kind: "other" })).toBe(false);
  });
});

describe("real answers match the document", () => {
  let serverId: string;
  let assistantId: string;
  let conversationId: string;

  /** Sends the request, and compares the response with the document's entry for its status. */
  async function compare(name: string, status: number, asked: Asked = {}) {
    const response = await ask(name, asked);
    const body = response.status === 204 ? null : await response.json();
    expect(response.status, JSON.stringify(body)).toBe(status);
    const [method = "", at = ""] = inBraces(name).split(" ");
    const operation = document.paths[at]?.[method.toLowerCase()];
    expect(operation?.responses, `${name} ${status}`).toHaveProperty(`${status}`);
    const { schema } = operation?.responses[status]?.content?.["application/json"] ?? {};
    if (status === 204) {
      expect(schema).toBeUndefined();
      return null;
    }
    const { $ref = "" } = schema as { $ref?: string };
    const validate = ajv.getSchema(`usher${$ref}`);
    if (!validate) throw new Error(`${name} has no schema for ${status}`);
    validate(body);
    expect(validate.errors ?? [], name).toEqual([]);
    return body;
  }

  it("of servers", async () => {
    const plain = serverInput({ name: "Plain", url: "http://127.0.0.1:9/mcp" });
    await compare("POST /api/mcp-servers", 201, { json: plain });
    const oauth = serverInput({
      ...{ name: "OAuth", authentication: "OAUTH" },
      url: "http://127.0.0.1:9/other",
      oauth: {
        clientId: "client",
        clientSecret: "secret",
        authorizationEndpoint: "https://as.example.com/authorize",
        tokenEndpoint: "https://as.example.com/token",
      },
    });
    ({ id: serverId } = await compare("POST /api/mcp-servers", 201, { json: oauth }));
    const params = { serverId };
    await compare("GET /api/mcp-servers", 200);
    await compare("GET /api/mcp-servers/[serverId]", 200, { params });
    await compare("GET /api/mcp-servers/[serverId]/tools", 200, { params });
    await compare("GET /api/mcp-servers/[serverId]/tool-reviews", 200, { params });
    await compare("GET /api/mcp-servers/[serverId]/flows", 200, { params });
    await compare("GET /api/mcp-servers/form-context", 200);
    await compare("GET /api/catalogue", 200);
    const linear = { params: { vendorServerId: "linear" } };
    await compare("GET /api/catalogue/[vendorServerId]", 200, linear);
    const url = "https%3A%2F%2Fmcp.linear.app%2Fmcp";
    await compare("GET /api/catalogue/match", 200, { query: `?url=${url}` });
    await compare("GET /api/catalogue/match", 400);
    await compare("PUT /api/mcp-servers/[serverId]", 400, { params, json: { name: "" } });
    await compare("GET /api/mcp-servers/[serverId]", 404, { params: { serverId: "gone" } });
  });

  it("of connections", async () => {
    const params = { serverId };
    await compare("GET /api/connections", 200);
    await compare("GET /api/connections/[serverId]", 200, { params });
    const at = "/api/mcp-servers/[serverId]/authorizations";
    const asked = await compare(`POST ${at}`, 201, { params });
    const of = { params: { serverId, authorizationId: asked.id } };
    await compare(`GET ${at}/[authorizationId]`, 200, of);
    await compare(`DELETE ${at}/[authorizationId]`, 204, of);
    await compare(`GET ${at}/[authorizationId]`, 404, { params: { ...of.params, serverId: "x" } });
    await compare("POST /oauth/revoke/[serverId]", 200, { params, json: { what: "server" } });
  });

  it("of assistants and the chat", async () => {
    const json = {
      ...{ name: "Guide", description: "Helps", instructions: "", model: "" },
      servers: [{ serverId, allTools: true, toolNames: [] }],
    };
    ({ id: assistantId } = await compare("POST /api/assistants", 201, { json }));
    await compare("GET /api/assistants", 200);
    await compare("GET /api/assistants/[assistantId]", 200, { params: { assistantId } });
    await compare("GET /api/assistants/form-context", 200);
    await compare("GET /api/chat/assistants", 200);
    const created = await compare("POST /api/chat/conversations", 201, { json: { assistantId } });
    conversationId = created.id;
    const params = { conversationId };
    const turn = { kind: "send", messageId: crypto.randomUUID(), text: "Hello" };
    const at = "POST /api/chat/conversations/[conversationId]/turn";
    const response = await ask(at, { params, json: turn });
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    expect(await response.text()).toContain("[DONE]");
    await usher.settle();
    await compare("GET /api/chat/conversations", 200);
    const conversation = await compare("GET /api/chat/conversations/[conversationId]", 200, {
      params,
    });
    expect(conversation.messages).toHaveLength(2);
    await compare("PATCH /api/chat/conversations/[conversationId]", 200, {
      ...{ params, json: { title: "Another" } },
    });
    await compare("DELETE /api/chat/conversations/[conversationId]", 204, { params });
    await compare("DELETE /api/assistants/[assistantId]", 204, { params: { assistantId } });
  });

  it("of people, settings and the audit", async () => {
    const { user } = await usher.join("MEMBER");
    await compare("GET /api/people", 200);
    await compare("PATCH /api/people/[userId]", 200, {
      ...{ params: { userId: user.id }, json: { disabled: true } },
    });
    await compare("GET /api/settings", 200);
    await compare("GET /api/refreshes", 200);
    await compare("POST /api/refreshes", 200);
    await compare("GET /api/audit", 200);
    await compare("GET /api/audit", 400, { query: "?after=nonsense" });
  });

  it("of refusals", async () => {
    await compare("GET /api/people", 401, { key: null });
    await compare("GET /api/people", 401, { key: "ush_wrong" });
    await compare("PATCH /api/people/[userId]", 403, {
      ...{ params: { userId: "any" }, json: { role: "ADMIN" } },
    });
  });
});

describe("the short form of a schema", () => {
  it.each([
    [{ type: "string" }, "string"],
    [{ enum: ["a", "b"] }, '"a" | "b"'],
    [{ const: "a" }, '"a"'],
    [{ anyOf: [{ type: "string" }, { type: "null" }] }, "string | null"],
    [{ type: "array", items: { enum: ["a", "b"] } }, '("a" | "b")[]'],
    [{ type: "object", additionalProperties: { type: "number" } }, "{ [name: string]: number }"],
    [
      {
        type: "object",
        properties: { a: { type: "string" }, b: { type: "object", properties: {} } },
        required: ["a"],
      },
      "{\n  a: string;\n  b?: object;\n}",
    ],
    [{}, "any"],
  ])("of %j is %s", (schema, shape) => {
    expect(shapeOf(schema)).toBe(shape);
  });
});
