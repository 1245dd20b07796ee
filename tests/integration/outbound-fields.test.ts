import { type AddressInfo, createServer as createListener, type Server } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { PUT as changeRoute } from "@/app/api/mcp-servers/[serverId]/route";
import { POST as discoverRoute } from "@/app/api/mcp-servers/discover/route";
import { POST as createRoute } from "@/app/api/mcp-servers/route";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { discoverQuietly } from "@/lib/discovery/discover";
import { createServer } from "@/lib/servers/save";
import { type Installation, startInstallation } from "@/tests/support/installation";
import { privateHosts } from "@/tests/support/private-hosts";
import { serverInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

const fields = [
  "url",
  "oauth.authorizationEndpoint",
  "oauth.tokenEndpoint",
  "oauth.revocationEndpoint",
  "oauth.issuer",
  "oauth.refreshEndpoint",
  "oauth.registrationEndpoint",
] as const;
type Field = (typeof fields)[number];

const badAuthorizationUrls = [
  "javascript:alert(1)",
  "JaVaScRiPt:alert(1)",
  " javascript:alert(1)",
  "java\nscript:alert(1)",
  "java\tscript:alert(1)",
  "\u0000javascript:alert(1)",
  "\u00a0javascript:alert(1)",
  "javascript://as.example.com/%0aalert(1)",
  "data:text/html,<script>alert(1)</script>",
  "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
  "vbscript:msgbox(1)",
  "file:///etc/passwd",
  "blob:https://as.example.com/4f6a",
  "filesystem:https://as.example.com/temporary/a",
  "view-source:https://as.example.com/",
  "about:blank",
  "chrome://settings",
  "intent://as.example.com/#Intent;scheme=https;end",
  "ms-settings:privacy",
  "mailto:admin@example.com",
  "ftp://as.example.com/authorize",
  "ws://as.example.com/authorize",
  "wss://as.example.com/authorize",
  "http://as.example.com/authorize",
  "//as.example.com/authorize",
  "/authorize",
  "authorize",
  "https://",
  "https:///",
  "https://?",
  "https://user:password@as.example.com/authorize",
  "https://as.example.com@127.0.0.1/authorize",
  "https:\\\\127.0.0.1\\authorize",
  "https://as.example.com/authorize#response_mode=fragment",
  "https://localhost/authorize",
  "https://[::1]/authorize",
  "https://10.0.0.1/authorize",
  "https://169.254.169.254/latest/meta-data",
  "https://as.example.com:99999/authorize",
  "https://as example.com/authorize",
];

let usher: Installation;
let admin: Visitor;
let listener: Server;
let port = 0;
let connections = 0;

beforeAll(async () => {
  listener = createListener((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => listener.listen({ host: "::", port: 0 }, resolve));
  port = (listener.address() as AddressInfo).port;
  usher = await startInstallation({ env: { ALLOW_HTTP_LOOPBACK: "0" } });
  admin = await usher.join("ADMIN");
});
afterAll(async () => {
  listener.close();
  await usher.close();
});

/** One person may send only a limited number of changes per minute. */
afterEach(() => usher.app.db.rateLimit.deleteMany());

function goodInput(): McpServerInput {
  return serverInput({
    name: crypto.randomUUID(),
    url: "https://mcp.example.com/mcp",
    authentication: "OAUTH",
    oauth: {
      clientId: "client",
      clientSecret: "secret",
      authorizationEndpoint: "https://as.example.com/authorize",
      tokenEndpoint: "https://as.example.com/token",
      revocationEndpoint: "https://as.example.com/revoke",
      issuer: "https://as.example.com",
    },
  });
}

function withField(field: Field, value: string): McpServerInput {
  const input = goodInput();
  if (field === "url") return { ...input, url: value };
  const name = field.slice("oauth.".length);
  return { ...input, oauth: { ...input.oauth, [name]: value } };
}

const create = (json: McpServerInput) =>
  admin.visit(createRoute, { path: "/api/mcp-servers", json });
const stored = () => usher.app.db.mcpServer.count();

describe("a server's form", () => {
  it("accepts good addresses, so that the refusals below mean something", async () => {
    expect((await create(goodInput())).status).toBe(201);
  });

  it.each(fields)(`stores none of ${privateHosts.length} private hosts as %s`, async (field) => {
    const before = await stored();
    for (const host of privateHosts) {
      const response = await create(withField(field, `https://${host}:${port}/`));
      expect(response.status, host).toBe(400);
      expect(Object.keys((await response.json()).error.fields), host).toContain(field);
    }
    expect(await stored()).toBe(before);
    expect(connections).toBe(0);
  });

  it(`stores none of ${badAuthorizationUrls.length} bad authorization URLs, new or by a change`, async () => {
    const serverId = await createServer(usher.app, goodInput());
    const before = await usher.app.db.oAuthClient.findMany({ orderBy: { id: "asc" } });
    for (const url of badAuthorizationUrls) {
      const input = withField("oauth.authorizationEndpoint", url);
      const refusals = [
        await create(input),
        await admin.visit(changeRoute, {
          path: `/api/mcp-servers/${serverId}`,
          method: "PUT",
          params: { serverId },
          json: input,
        }),
      ];
      for (const refusal of refusals) {
        expect(refusal.status, url).toBe(400);
        const { fields: wrong } = (await refusal.json()).error;
        expect(Object.keys(wrong), url).toEqual(["oauth.authorizationEndpoint"]);
      }
    }
    expect(await usher.app.db.oAuthClient.findMany({ orderBy: { id: "asc" } })).toEqual(before);
  });

  it("looks up nothing at a private host", async () => {
    for (const host of privateHosts) {
      const json = { url: `https://${host}:${port}/` };
      const path = "/api/mcp-servers/discover";
      await (await admin.visit(discoverRoute, { path, json })).text();
    }
    expect(connections).toBe(0);
  });
});

/** What a server publishes about itself, each naming an address of its choice. */
const published: Record<string, (address: string) => Record<string, object | string>> = {
  "a challenge": (address) => ({ challenge: address }),
  "the authorization servers of a resource": (address) => ({
    [resourcePlace]: { resource: serverUrl, authorization_servers: [address, `${address}tenant`] },
  }),
  ...Object.fromEntries(
    ["authorization", "token", "registration", "revocation"].map((name) => [
      `the ${name} endpoint of an authorization server`,
      (address: string) => ({
        [resourcePlace]: { resource: serverUrl, authorization_servers: ["https://as.example.com"] },
        "https://as.example.com/.well-known/oauth-authorization-server": {
          issuer: "https://as.example.com",
          authorization_endpoint: "https://as.example.com/authorize",
          token_endpoint: "https://as.example.com/token",
          response_types_supported: ["code"],
          code_challenge_methods_supported: ["S256"],
          jwks_uri: address,
          logo_uri: address,
          [`${name}_endpoint`]: address,
        },
      }),
    ]),
  ),
};
const serverUrl = "https://mcp.example.com/mcp";
const resourcePlace = "https://mcp.example.com/.well-known/oauth-protected-resource/mcp";

describe("metadata", () => {
  it.each(Object.entries(published))(
    `lead to none of ${privateHosts.length} private hosts in %s`,
    async (_, documents) => {
      const { discovery } = usher.app;
      for (const host of privateHosts) {
        const address = `https://${host}:${port}/`;
        const found = await discoverQuietly(serverUrl, {
          ...discovery,
          outbound: (input, init) =>
            answer(documents(address), input) ?? discovery.outbound(input, init),
        });
        const settings = found.outcome === "oauth" ? JSON.stringify(found.settings) : "";
        expect(settings, host).not.toContain(`:${port}`);
      }
      expect(connections).toBe(0);
    },
  );

  it("of that kind are followed if they name good addresses", async () => {
    const { discovery } = usher.app;
    const documents = published["the token endpoint of an authorization server"]?.(
      "https://tokens.example.com/token",
    );
    const found = await discoverQuietly(serverUrl, {
      ...discovery,
      outbound: (input, init) => answer(documents ?? {}, input) ?? discovery.outbound(input, init),
    });
    expect(found).toMatchObject({
      outcome: "oauth",
      settings: { tokenEndpoint: "https://tokens.example.com/token" },
    });
  });
});

/** For the hosts that stand for the public network; everything else goes through the guard. */
function answer(
  documents: Record<string, object | string>,
  input: string | URL | Request,
): Promise<Response> | null {
  const url = input instanceof Request ? input.url : String(input);
  if (!/^https:\/\/(mcp|as)\.example\.com\//.test(url)) return null;
  const document = documents[url];
  if (document) return Promise.resolve(Response.json(document));
  if (url !== serverUrl) return Promise.resolve(new Response(null, { status: 404 }));
  const named = documents.challenge ? ` resource_metadata="${documents.challenge}"` : "";
  // A header is bytes.
  const headers = { "www-authenticate": Buffer.from(`Bearer${named}`).toString("latin1") };
  return Promise.resolve(new Response(null, { status: 401, headers }));
}
