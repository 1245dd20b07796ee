import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GET as connectionRoute } from "@/app/api/connections/[serverId]/route";
import { PUT as editRoute } from "@/app/api/mcp-servers/[serverId]/route";
import { GET as bundleRoute } from "@/app/api/mcp-servers/[serverId]/support-bundle/route";
import { POST as revokeRoute } from "@/app/oauth/revoke/[serverId]/route";
import { describeAccount } from "@/lib/calls/target";
import type { ConnectionView } from "@/lib/contracts/connections/connection";
import { createServer } from "@/lib/servers/save";
import { clickAuthorize } from "@/tests/support/authorize";
import { type Installation, startInstallation } from "@/tests/support/installation";
import {
  type OddAnswer,
  type OddProvider,
  type OddRequest,
  startOddProvider,
  usualMetadata,
  usualTokens,
} from "@/tests/support/odd-provider";
import { authorizeUnasked } from "@/tests/support/paste-url";
import { serverInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

type Json = Record<string, unknown>;

let usher: Installation;
let admin: Visitor;
let provider: OddProvider;
let serverId: string;
/** Added to the token response, to the metadata, and by path in place of everything else. */
let tokens: Json;
let answers: Record<string, (request: OddRequest) => OddAnswer>;

beforeEach(async () => {
  usher = await startInstallation();
  admin = await usher.join("ADMIN", "Ann Admin");
  tokens = {};
  answers = {};
  provider = await startOddProvider(() => ({
    token: (_, nth) => usualTokens(nth, tokens),
    first: (request) => answers[request.path]?.(request) ?? null,
  }));
  publish({});
  serverId = await createServer(usher.app, input());
});
afterEach(async () => {
  await usher.close();
  await provider.close();
});

function publish(more: Json): void {
  provider.odd.servers["/.well-known/oauth-authorization-server"] = usualMetadata(
    provider.origin,
    more,
  );
}

const input = () =>
  serverInput({
    name: "Mail",
    url: provider.url,
    authentication: "OAUTH",
    oauth: {
      ...{ clientId: "usher", clientSecret: "the client secret", scope: "openid mail" },
      authorizationEndpoint: `${provider.origin}/authorize`,
      tokenEndpoint: `${provider.origin}/token`,
      issuer: provider.origin,
      tokenSharing: "PER_USER",
    },
  });

const idToken = (claims: Json) =>
  `e30.${Buffer.from(JSON.stringify({ iss: provider.origin, aud: "usher", ...claims })).toString("base64url")}.sig`;

async function connect(visitor = admin): Promise<void> {
  expect(await authorizeUnasked(visitor, serverId)).toContain("authorized=1");
}

async function connection(visitor = admin): Promise<ConnectionView> {
  const path = `/api/connections/${serverId}`;
  const response = await visitor.visit(connectionRoute, { path, params: { serverId } });
  return ((await response.json()) as { connection: ConnectionView }).connection;
}

const account = async () => (await connection()).accountName;
const stored = () => usher.app.db.storedTokenSet.findFirstOrThrow({ where: { serverId } });

describe("the account that is connected", () => {
  it("is the one in the ID token, on the page and as the account that calls act as", async () => {
    tokens = { id_token: idToken({ sub: "4711", email: "ada@example.com" }) };
    await connect();
    expect(await account()).toBe("ada@example.com");
    const described = await describeAccount(usher.app, serverId, admin.user);
    expect(described?.actingAs).toBe("Your account ada@example.com");
    expect((await stored()).accountSource).toBe("id_token");
  });

  it.each([
    ["for another client", { aud: "another" }],
    ["of another issuer", { iss: "https://evil.example" }],
  ])("is not taken from an ID token %s", async (_, claims) => {
    tokens = { id_token: idToken({ sub: "1", email: "eve@example.com", ...claims }) };
    await connect();
    expect(await account()).toBeNull();
  });

  it("comes from userinfo, which has to be about the same person", async () => {
    publish({ userinfo_endpoint: `${provider.origin}/userinfo` });
    tokens = { id_token: idToken({ sub: "4711" }) };
    answers["/userinfo"] = () => ({ body: { sub: "4711", email: "ada@example.com" } });
    await connect();
    expect(await account()).toBe("ada@example.com");
    expect(provider.at("/userinfo")[0]).toMatchObject({
      ...{ method: "GET", authorization: "Bearer access-1" },
    });
    answers["/userinfo"] = () => ({ body: { sub: "666", email: "eve@example.com" } });
    await connect();
    expect(await account()).toBe("4711");
  });

  it("comes from introspection, with the client's own credentials", async () => {
    publish({ introspection_endpoint: `${provider.origin}/introspect` });
    answers["/introspect"] = () => ({ body: { active: true, sub: "1", username: "ada" } });
    await connect();
    expect(await account()).toBe("ada");
    const [asked] = provider.at("/introspect");
    expect(asked?.form.token).toBe("access-1");
    expect(asked?.authorization).toMatch(/^Basic /);
    answers["/introspect"] = () => ({ body: { active: false, username: "eve" } });
    await connect();
    expect(await account()).toBeNull();
  });

  it("comes from the token response, with its workspace", async () => {
    tokens = { workspace_name: "Acme", owner: { user: { name: "Ada" } } };
    await connect();
    expect(await account()).toBe("Ada (Acme)");
  });

  it("sends neither secret nor token to another host that metadata name", async () => {
    const elsewhere = await startOddProvider((_, usual) => ({
      ...usual,
      first: () => ({ body: { active: true, sub: "1", email: "eve@example.com" } }),
    }));
    try {
      // Introspection takes the secret, and a non-OpenID token is meant for the MCP server.
      publish({
        introspection_endpoint: `${elsewhere.origin}/introspect`,
        userinfo_endpoint: `${elsewhere.origin}/userinfo`,
      });
      tokens = { scope: "mail" };
      await connect();
      expect(await account()).toBeNull();
      expect(elsewhere.requests).toEqual([]);
    } finally {
      await elsewhere.close();
    }
  });

  it.each([
    ["an error", () => ({ status: 500, body: "<html>broken</html>" })],
    ["a web page", () => ({ body: "<html>sign in</html>" })],
    ["invalid JSON", () => ({ body: "[1,2" })],
    ["a list", () => ({ body: [] })],
    ["something else in place of a name", () => ({ body: { active: true, email: { a: 1 } } })],
    ["a redirect", () => ({ status: 302, headers: { location: "https://evil.example" } })],
  ])("stays unknown where %s comes, and the consent counts", async (_, answer) => {
    publish({
      userinfo_endpoint: `${provider.origin}/userinfo`,
      introspection_endpoint: `${provider.origin}/introspect`,
    });
    answers["/userinfo"] = answer;
    answers["/introspect"] = answer;
    await connect();
    expect(await connection()).toMatchObject({
      ...{ accountName: null, status: "connected" },
    });
  });

  it("is sanitized and truncated, and is never a token", async () => {
    tokens = { user: { email: `a\u202edA\n${"x".repeat(500)}` } };
    await connect();
    const name = await account();
    expect(name).toMatch(/^a dA x+$/);
    expect(name).toHaveLength(120);
    publish({ introspection_endpoint: `${provider.origin}/introspect` });
    tokens = {};
    answers["/introspect"] = ({ form }) => ({ body: { active: true, username: form.token } });
    await connect();
    expect(await account()).toBeNull();
  });

  it("keeps no one waiting, and is shown once it arrives", async () => {
    publish({ userinfo_endpoint: `${provider.origin}/userinfo` });
    const answer = holdBack(provider, "/userinfo", { sub: "1", email: "ada@example.com" });
    await connect();
    expect(await account()).toBeNull();
    answer();
    await usher.app.underWay.settled();
    expect(await account()).toBe("ada@example.com");
    const events = await usher.app.db.auditEvent.findMany({
      where: { action: "connection.account" },
    });
    expect(events).toMatchObject([{ details: { account: "ada@example.com", source: "userinfo" } }]);
  });

  it("changes with a new consent, which the audit records, and is gone with the connection", async () => {
    tokens = { id_token: idToken({ sub: "1", email: "ada@example.com" }) };
    await connect();
    tokens = { id_token: idToken({ sub: "2", email: "grace@example.com" }) };
    await connect();
    expect(await account()).toBe("grace@example.com");
    const events = await usher.app.db.auditEvent.findMany({
      where: { action: "connection.authorize" },
      orderBy: { at: "asc" },
    });
    expect(events.map(({ details }) => details)).toMatchObject([
      { account: "ada@example.com" },
      { account: "grace@example.com", previousAccount: "ada@example.com" },
    ]);
    const path = `/oauth/revoke/${serverId}`;
    await admin.visit(revokeRoute, { path, params: { serverId }, json: { what: "mine" } });
    expect(await account()).toBeNull();
    tokens = {};
    await connect();
    expect(await account()).toBeNull();
  });

  it("appears in the support bundle by its source only", async () => {
    tokens = { id_token: idToken({ sub: "1", preferred_username: "ada-of-acme" }) };
    await connect();
    await usher.settle();
    const path = `/api/mcp-servers/${serverId}/support-bundle`;
    const text = await (await admin.visit(bundleRoute, { path, params: { serverId } })).text();
    expect(JSON.parse(text).accounts.newest).toMatchObject([{ accountSource: "id_token" }]);
    expect(text).not.toContain("ada-of-acme");
  });
});

/** The provider holds this response back. @returns releases it */
function holdBack(odd: OddProvider, path: string, body: Json): () => void {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const { outbound } = usher.app;
  usher.app.outbound = async (to, init) => {
    const url = String(to instanceof Request ? to.url : to);
    if (url === odd.origin + path) await held;
    return outbound(to, init);
  };
  answers[path] = () => ({ body });
  return letGo;
}

describe("the tool that an admin names", () => {
  let tool: Json;
  beforeEach(async () => {
    tool = { name: "whoami", inputSchema: {}, annotations: { readOnlyHint: true } };
    answers["/mcp"] = ({ body, method }) => {
      if (method !== "POST") return { status: 405 };
      const { id, method: asked } = JSON.parse(body) as { id?: unknown; method: string };
      if (asked.startsWith("notifications/")) return { status: 202 };
      const results: Record<string, Json> = {
        initialize: {
          protocolVersion: "2025-11-25",
          capabilities: { tools: {} },
          serverInfo: { name: "Odd", version: "1.0.0" },
        },
        "tools/list": { tools: [{ ...tool, inputSchema: { type: "object" } }] },
        "tools/call": { content: [{ type: "text", text: '{"login":"ada-at-the-tool"}' }] },
      };
      const result = results[asked];
      const error = { code: -32601, message: "Method not found" };
      return { body: { jsonrpc: "2.0", id, ...(result ? { result } : { error }) } };
    };
    await save(1);
  });

  /** The tools are read after a save, which has happened when it resolves. */
  async function save(version: number): Promise<void> {
    const path = `/api/mcp-servers/${serverId}`;
    const json = { ...input(), version, settings: { accountTool: "whoami" } };
    const saved = await admin.visit(editRoute, {
      ...{ path, method: "PUT", params: { serverId }, json },
    });
    expect(saved.status).toBe(200);
    await usher.settle();
  }

  it("identifies the account, and takes precedence over the provider", async () => {
    tokens = { id_token: idToken({ sub: "1", email: "ada@example.com" }) };
    await connect();
    await usher.settle();
    await usher.app.underWay.settled();
    expect(await account()).toBe("ada-at-the-tool");
    expect((await stored()).accountSource).toBe("tool");
  });

  it("is not called unless its server marks it as read-only", async () => {
    tool = { name: "whoami", inputSchema: {} };
    await save(2);
    await connect();
    await usher.settle();
    await usher.app.underWay.settled();
    expect(await account()).toBeNull();
    expect(provider.at("/mcp").some(({ body }) => body.includes("tools/call"))).toBe(false);
  });
});

describe("another account", () => {
  const prompt = async (query: string) =>
    new URL(await clickAuthorize(admin, serverId, query)).searchParams.get("prompt");

  it("is requested by select_account where the provider lists it", async () => {
    publish({ prompt_values_supported: ["none", "login", "consent", "select_account"] });
    await connect();
    expect((await connection()).otherAccount).toEqual({
      ...{ asks: true, host: new URL(provider.origin).host },
    });
    expect(await prompt("")).toBeNull();
    expect(await prompt("?account=other")).toBe("select_account");
  });

  it("is requested by login where the provider lists only that", async () => {
    publish({ prompt_values_supported: ["login"] });
    await connect();
    expect(await prompt("?account=other")).toBe("login");
  });

  it("keeps what an admin entered as prompt", async () => {
    publish({ prompt_values_supported: ["select_account"] });
    await connect();
    await usher.app.db.oAuthClient.updateMany({
      data: { extraAuthorizationParameters: { prompt: "consent" } },
    });
    expect(await prompt("?account=other")).toBe("select_account consent");
    expect(await prompt("")).toBe("consent");
  });

  it("takes a plain consent where nothing is known, after signing out there", async () => {
    await connect();
    expect((await connection()).otherAccount?.asks).toBe(false);
    expect(await prompt("?account=other")).toBeNull();
  });
});
