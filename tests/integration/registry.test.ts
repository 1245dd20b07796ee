import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GET as searchRoute } from "@/app/api/registry/servers/route";
import { GET as versionsRoute } from "@/app/api/registry/servers/versions/route";
import type { RegistryPage } from "@/lib/contracts/catalogue/registry";
import { type Installation, startInstallation } from "@/tests/support/installation";
import { type LocalHttpServer, sendJson, startHttpServer } from "@/tests/support/local-http-server";
import type { Visitor } from "@/tests/support/visitor";

const official = "io.modelcontextprotocol.registry/official";
const wiki = {
  name: "com.example/wiki",
  title: "Example Wiki",
  description: "Search the wiki.",
  version: "2.0.0",
  websiteUrl: "https://wiki.example.com/",
  remotes: [
    {
      type: "streamable-http",
      url: "https://{tenant}.example.com/mcp",
      variables: { tenant: { description: "Your tenant", default: "eu", choices: ["eu", "us"] } },
      headers: [
        { name: "X-Api-Key", description: "Your key", isRequired: true, isSecret: true },
        { name: "bad name\r\nX-Evil: 1" },
      ],
    },
    { type: "sse", url: "https://wiki.example.com/sse" },
  ],
};

let registry: LocalHttpServer;
let usher: Installation;
let admin: Visitor;
let asked: string[];
let answer: { status: number; body: unknown } | { raw: string };

beforeAll(async () => {
  registry = await startHttpServer((request, response) => {
    asked.push(request.url ?? "");
    if ("raw" in answer) response.end(answer.raw);
    else sendJson(response, answer.status, answer.body);
  });
  usher = await startInstallation({ env: { MCP_REGISTRY_URL: `${registry.origin}/mirror/v0.1/` } });
  admin = await usher.join("ADMIN");
});
afterAll(async () => {
  await usher.close();
  await registry.close();
});

async function search(query = "", given: typeof answer = { status: 200, body: { servers: [] } }) {
  asked = [];
  answer = given;
  return admin.visit(searchRoute, { path: `/api/registry/servers${query}` });
}

async function found(servers: unknown[], metadata = {}): Promise<RegistryPage> {
  const response = await search("", { status: 200, body: { servers, metadata } });
  expect(response.status).toBe(200);
  return (await response.json()) as RegistryPage;
}

describe("a search in the MCP registry", () => {
  it("calls the configured registry, below its base URL, a page at a time", async () => {
    const body = { servers: [], metadata: { nextCursor: "com.example/wiki:2.0.0", count: 0 } };
    const response = await search("?search=wiki%26limit%3D9&cursor=a/b", { status: 200, body });
    expect(asked).toEqual([
      "/mirror/v0.1/servers?limit=30&version=latest&search=wiki%26limit%3D9&cursor=a%2Fb",
    ]);
    expect(await response.json()).toMatchObject({ nextCursor: "com.example/wiki:2.0.0" });
  });

  it("reads URLs, their parts, and the names of headers", async () => {
    const meta = {
      [official]: { status: "active", isLatest: true, updatedAt: "2026-10-01T08:00:00Z" },
    };
    const { servers, leftOut } = await found([{ server: wiki, _meta: meta }]);
    expect(leftOut).toEqual([]);
    expect(servers).toEqual([
      {
        ...{ name: "com.example/wiki", title: "Example Wiki", version: "2.0.0" },
        ...{ description: "Search the wiki.", status: "active", isLatest: true },
        ...{ updatedAt: "2026-10-01T08:00:00.000Z", website: "https://wiki.example.com/" },
        remotes: [
          {
            transport: "STREAMABLE_HTTP",
            url: "https://{tenant}.example.com/mcp",
            urlParts: [
              { name: "tenant", description: "Your tenant", default: "eu", choices: ["eu", "us"] },
            ],
            headers: [{ name: "X-Api-Key", description: "Your key", required: true, secret: true }],
          },
          { transport: "SSE", url: "https://wiki.example.com/sse", urlParts: [], headers: [] },
        ],
        leftOut: [],
      },
    ]);
  });

  it("reads the answers of older registries", async () => {
    const older = {
      ...{ name: "com.example/old", description: "Old", version: "1", status: "deprecated" },
      remotes: [
        {
          ...{ transport_type: "streamable", url: "https://old.example.com/mcp" },
          headers: [{ name: "Key", is_required: true, is_secret: true }],
        },
      ],
    };
    const { servers, nextCursor } = await found([older], { next_cursor: "more" });
    expect(nextCursor).toBe("more");
    expect(servers[0]).toMatchObject({ title: "old", status: "deprecated", updatedAt: null });
    expect(servers[0]?.remotes[0]).toMatchObject({
      transport: "STREAMABLE_HTTP",
      headers: [{ name: "Key", required: true, secret: true }],
    });
  });

  it("leaves out what it cannot read, says why, and keeps the rest", async () => {
    const odd = {
      ...wiki,
      ...{ name: "com.example/odd", title: 5, description: ["no"], version: null },
      ...{ websiteUrl: "javascript:alert(1)" },
      remotes: [
        null,
        { type: "websocket", url: "wss://odd.example.com" },
        { type: "streamable-http", url: "javascript:alert(1)" },
        { type: "streamable-http", url: "https://ada:secret@odd.example.com/mcp" },
        { type: "sse", url: "https://odd.example.com/sse", headers: "none", variables: [] },
      ],
    };
    const deleted = { server: wiki, _meta: { [official]: { status: "deleted" } } };
    const { servers, leftOut } = await found([
      ...[null, 7, { server: {} }, deleted, { server: odd, _meta: null }],
      { server: { name: "com.example/package", version: "1", packages: [{}] } },
    ]);
    expect(leftOut).toHaveLength(3);
    expect(servers.map(({ name }) => name)).toEqual(["com.example/odd", "com.example/package"]);
    expect(servers[0]).toMatchObject({ title: "odd", description: "", website: null });
    expect(servers[0]?.remotes.map(({ url }) => url)).toEqual(["https://odd.example.com/sse"]);
    expect(servers[0]?.leftOut).toHaveLength(4);
    expect(JSON.stringify(servers)).not.toContain("secret@");
    expect(servers[1]?.remotes).toEqual([]);
  });

  it("shows the publisher's text on one line, truncated, and without deceptive characters", async () => {
    const { servers } = await found([
      {
        server: {
          ...wiki,
          ...{ title: `Wiki\u202e\n<script>${"x".repeat(500)}`, description: "y".repeat(5000) },
        },
      },
    ]);
    expect(servers[0]?.title).toMatch(/^Wiki <script>x+…$/);
    expect(servers[0]?.title.length).toBeLessThanOrEqual(80);
    expect(servers[0]?.description.length).toBeLessThanOrEqual(300);
  });

  it("lists one version of each server if the registry sends all", async () => {
    const version = (text: string, isLatest: boolean) => ({
      server: { ...wiki, version: text },
      _meta: { [official]: { isLatest } },
    });
    const { servers } = await found([version("1.0.0", false), version("2.0.0", true)]);
    expect(servers.map((server) => server.version)).toEqual(["2.0.0"]);
  });

  it.each([
    ["another status", { status: 500, body: { error: "down" } }, "answered with status 500"],
    ["a page", { raw: "<!doctype html>" }, "did not answer as an MCP registry does"],
    ["another object", { status: 200, body: { items: [] } }, "did not answer as an MCP registry"],
    ["deep JSON", { raw: `{"servers":${"[".repeat(5000)}` }, "did not answer as an MCP registry"],
    ["too much", { raw: "x".repeat(1_100_000) }, "more data than Usher accepts"],
  ] as const)("reports %s", async (_, given, words) => {
    const response = await search("", given);
    expect(response.status).toBe(502);
    expect((await response.json()).error.message).toContain(words);
  });

  it("is limited to admins", async () => {
    const member = await usher.join("MEMBER");
    asked = [];
    const response = await member.visit(searchRoute, { path: "/api/registry/servers" });
    expect(response.status).toBe(403);
    expect(asked).toEqual([]);
  });
});

describe("the versions of a server", () => {
  it("are looked up by its name, and belong to that name alone", async () => {
    asked = [];
    answer = {
      status: 200,
      body: {
        servers: ["2.0.0", "1.0.0"]
          .map((version) => ({ server: { ...wiki, version } }))
          .concat([{ server: { ...wiki, name: "com.evil/wiki" } }]),
      },
    };
    const path = "/api/registry/servers/versions?name=com.example%2Fwiki";
    const response = await admin.visit(versionsRoute, { path });
    const { servers } = (await response.json()) as RegistryPage;
    expect(servers.map(({ version }) => version)).toEqual(["2.0.0", "1.0.0"]);
    expect(asked).toEqual(["/mirror/v0.1/servers/com.example%2Fwiki/versions"]);
  });

  it("cannot be requested from another path", async () => {
    asked = [];
    answer = { status: 404, body: {} };
    const path = "/api/registry/servers/versions?name=..%2F..%2Fadmin%3Fx";
    const response = await admin.visit(versionsRoute, { path });
    expect(response.status).toBe(404);
    expect(asked).toEqual(["/mirror/v0.1/servers/..%2F..%2Fadmin%3Fx/versions"]);
  });
});

it("without MCP_REGISTRY_URL nothing is requested, and the answer says what to set", async () => {
  const other = await startInstallation();
  try {
    const visitor = await other.join("ADMIN");
    const response = await visitor.visit(searchRoute, { path: "/api/registry/servers?search=a" });
    expect(response.status).toBe(404);
    expect((await response.json()).error.message).toContain("MCP_REGISTRY_URL");
  } finally {
    await other.close();
  }
});
