import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type AuthorizationServer, startAuthorizationServer } from "@/demo/authorization-server";
import type { PracticeMcpServer } from "@/demo/mcp-server";
import { startPersonalFiles, startTeamHandbook } from "@/demo/practice-files";
import { ProviderClient } from "@/tests/support/provider-client";

const redirectUri = "http://127.0.0.1:9/oauth/callback";
const ERAS = ["2026-07-28", "2025-11-25"] as const;
type Era = (typeof ERAS)[number];

let dataDir: string;
let provider: AuthorizationServer;
let client: ProviderClient;
let handbook: PracticeMcpServer;
let personal: PracticeMcpServer;
const token = { ada: "", grace: "" };

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "practice-mcp-"));
  provider = await startAuthorizationServer({ redirectUris: [redirectUri] });
  client = new ProviderClient(provider, { redirectUri });
  handbook = await startTeamHandbook({ provider, dataDir });
  personal = await startPersonalFiles({ provider, dataDir });
  for (const person of ["ada", "grace"] as const) {
    token[person] = (await client.authorize({ person })).access_token;
  }
});

beforeEach(() => {
  handbook.forgetRequests();
  personal.forgetRequests();
});

afterAll(async () => {
  await Promise.all([handbook.close(), personal.close(), provider.close()]);
  await rm(dataDir, { recursive: true, force: true });
});

async function connect(server: PracticeMcpServer, accessToken: string, era: Era = "2026-07-28") {
  const mcp = new Client(
    { name: "practice-test", version: "1.0.0" },
    { versionNegotiation: { mode: era === "2026-07-28" ? { pin: era } : "legacy" } },
  );
  await mcp.connect(
    new StreamableHTTPClientTransport(new URL(server.url), {
      requestInit: { headers: { authorization: `Bearer ${accessToken}` } },
    }),
  );
  return mcp;
}

async function call(mcp: Client, name: string, input: Record<string, unknown> = {}) {
  const result = await mcp.callTool({ name, arguments: input });
  const [content] = result.content;
  return { text: content?.type === "text" ? content.text : "", isError: result.isError ?? false };
}

function post(server: PracticeMcpServer, authorization?: string): Promise<Response> {
  return fetch(server.url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...(authorization && { authorization }),
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" }),
  });
}

describe("a practice MCP server", () => {
  it("answers a request without a token with 401, and says where tokens come from", async () => {
    const response = await post(handbook);
    expect(response.status).toBe(401);
    const challenge = response.headers.get("www-authenticate") ?? "";
    const metadataUrl = /resource_metadata="([^"]+)"/.exec(challenge)?.[1];
    expect(metadataUrl).toBe(handbook.resourceMetadataUrl);
    expect(await (await fetch(handbook.resourceMetadataUrl)).json()).toMatchObject({
      resource: handbook.url,
      resource_name: "Team Handbook",
      authorization_servers: [provider.issuer],
      scopes_supported: ["files:read", "files:write"],
    });
  });

  it("refuses a made-up token, and a revoked one", async () => {
    const { access_token, refresh_token } = await client.authorize({ person: "ada" });
    expect((await post(handbook, `Bearer ${access_token}`)).status).toBe(200);
    await client.revoke(refresh_token);
    for (const bad of ["made-up", access_token]) {
      const response = await post(handbook, `Bearer ${bad}`);
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toContain('error="invalid_token"');
    }
  });

  it("refuses a token issued for another server", async () => {
    const { access_token } = await client.authorize({ person: "ada", resource: handbook.url });
    expect((await post(handbook, `Bearer ${access_token}`)).status).toBe(200);
    expect((await post(personal, `Bearer ${access_token}`)).status).toBe(401);
  });

  it("accepts JWT access tokens too", async () => {
    const jwtProvider = await startAuthorizationServer({
      redirectUris: [redirectUri],
      accessTokenFormat: "jwt",
    });
    const server = await startTeamHandbook({ provider: jwtProvider, dataDir });
    const jwtClient = new ProviderClient(jwtProvider, { redirectUri });
    const { access_token } = await jwtClient.authorize({ person: "grace", resource: server.url });
    expect(access_token.split(".")).toHaveLength(3);
    const mcp = await connect(server, access_token);
    expect((await call(mcp, "whoami")).text).toBe("Grace Hopper (grace)");
    expect((await post(server, `Bearer ${access_token.slice(0, -4)}AAAA`)).status).toBe(401);
    await Promise.all([mcp.close(), server.close(), jwtProvider.close()]);
  });

  it("describes its tools, which of them are read-only, and how long the list is valid", async () => {
    const mcp = await connect(handbook, token.ada);
    const { tools, ttlMs } = await mcp.listTools();
    expect(
      tools.map(({ name, annotations }) => [
        name,
        annotations?.readOnlyHint,
        annotations?.destructiveHint,
      ]),
    ).toEqual([
      ["list_files", true, false],
      ["read_file", true, false],
      ["search_files", true, false],
      ["write_file", false, true],
      ["whoami", true, false],
    ]);
    expect(ttlMs).toBe(300_000);
    await mcp.close();
  });

  it.each(ERAS)(
    "shows each person their own files and everyone the same handbook, in %s",
    async (era) => {
      const [ada, grace] = [
        await connect(personal, token.ada, era),
        await connect(personal, token.grace, era),
      ];
      expect(ada.getNegotiatedProtocolVersion()).toBe(era);
      expect((await call(ada, "whoami")).text).toBe("Ada Lovelace (ada)");
      expect((await call(grace, "whoami")).text).toBe("Grace Hopper (grace)");
      expect((await call(ada, "read_file", { path: "notes.md" })).text).toContain("Jacquard");
      expect((await call(grace, "read_file", { path: "notes.md" })).text).toContain("moth");
      expect((await call(ada, "list_files")).text).toContain("projects/note-g.md");
      expect((await call(grace, "list_files")).text).not.toContain("note-g");

      const shared = await connect(handbook, token.grace, era);
      expect((await call(shared, "search_files", { query: "30 DAYS" })).text).toMatch(
        /^holidays\.md:3: /,
      );
      expect(personal.toolCalls).toContain("whoami");
      await Promise.all([ada.close(), grace.close(), shared.close()]);
    },
  );

  it("writes real files that the other person cannot see", async () => {
    const [ada, grace] = [await connect(personal, token.ada), await connect(personal, token.grace)];
    const path = "letters/babbage.md";
    expect((await call(ada, "write_file", { path, content: "Dear Sir," })).text).toContain("Made");
    const again = await call(ada, "write_file", { path, content: "Dear Mr Babbage," });
    expect(again.text).toContain("Replaced");
    expect(await readFile(join(dataDir, "people/ada", path), "utf8")).toBe("Dear Mr Babbage,");
    expect((await call(grace, "read_file", { path })).isError).toBe(true);
    await Promise.all([ada.close(), grace.close()]);
  });

  it.each([
    "../grace/notes.md",
    "projects/../../grace/notes.md",
    "/etc/hostname",
    "way-out/secret.md",
    "notes.md\0.txt",
  ])("lets no path out of the folder: %j", async (path) => {
    const outside = join(dataDir, "outside");
    await writeFile(join(dataDir, "secret.md"), "secret");
    await symlink(dataDir, join(dataDir, "people/ada/way-out")).catch(() => {});
    const mcp = await connect(personal, token.ada);
    for (const [tool, input] of [
      ["read_file", { path }],
      ["write_file", { path, content: outside }],
    ] as const) {
      const { isError, text } = await call(mcp, tool, input);
      expect(isError).toBe(true);
      expect(text).toContain("is not a path in this folder");
    }
    expect(await readFile(join(dataDir, "secret.md"), "utf8")).toBe("secret");
    await mcp.close();
  });

  it.each(ERAS)("asks for the scope that a tool needs and the token lacks, in %s", async (era) => {
    const reader = await client.authorize({ person: "ada", scope: "files:read" });
    const answers: Response[] = [];
    const mcp = new Client(
      { name: "practice-test", version: "1.0.0" },
      { versionNegotiation: { mode: era === "2026-07-28" ? { pin: era } : "legacy" } },
    );
    await mcp.connect(
      new StreamableHTTPClientTransport(new URL(personal.url), {
        requestInit: { headers: { authorization: `Bearer ${reader.access_token}` } },
        fetch: async (url, init) => {
          const response = await fetch(url, init);
          answers.push(response);
          return response;
        },
      }),
    );
    expect((await call(mcp, "list_files")).isError).toBe(false);
    await expect(call(mcp, "write_file", { path: "a.md", content: "a" })).rejects.toThrow();
    const refused = answers.find(({ status }) => status === 403);
    const challenge = refused?.headers.get("www-authenticate") ?? "";
    expect(challenge).toContain('error="insufficient_scope"');
    expect(challenge).toContain("files:write");
    await mcp.close();
  });

  it("answers 401 as often as it is told to, to any token", async () => {
    handbook.rejectTokensOnce(2);
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await post(handbook, `Bearer ${token.ada}`)).status);
    expect(statuses).toEqual([401, 401, 200]);
    expect(handbook.requests.map(({ status }) => status)).toEqual([401, 401, 200]);
  });

  it("logs who called what, and no token", async () => {
    const mcp = await connect(personal, token.grace);
    await call(mcp, "whoami");
    const last = personal.requests.at(-1);
    expect(last).toMatchObject({ rpcMethod: "tools/call", toolName: "whoami", account: "grace" });
    expect(JSON.stringify(personal.requests)).not.toContain(token.grace);
    await mcp.close();
  });

  it("keeps what people wrote after a restart", async () => {
    await writeFile(join(dataDir, "handbook/oncall.md"), "Changed by the team.");
    const again = await startTeamHandbook({ provider, dataDir });
    const mcp = await connect(again, token.ada);
    expect((await call(mcp, "read_file", { path: "oncall.md" })).text).toBe("Changed by the team.");
    await mcp.close();
    await again.close();
  });
});

describe("a practice MCP server with one protocol", () => {
  it("keeps 2025-11-25 sessions, which belong to one account and end with a restart", async () => {
    const server = await startPersonalFiles({ provider, dataDir, protocol: "2025-11-25" });
    const mcp = await connect(server, token.ada, "2025-11-25");
    for (let i = 0; i < 3; i++) await call(mcp, "whoami");
    expect(server.initializeCount).toBe(1);

    const { sessionId } = mcp.transport as StreamableHTTPClientTransport;
    const foreign = await fetch(server.url, {
      method: "POST",
      headers: {
        authorization: `Bearer ${token.grace}`,
        "mcp-session-id": String(sessionId),
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
      },
      body: JSON.stringify({ jsonrpc: "2.0", id: 9, method: "tools/list" }),
    });
    expect(foreign.status).toBe(404);
    await server.endSessions();
    await expect(call(mcp, "whoami")).rejects.toThrow();
    await server.close();
  });

  it("sends a client that could speak 2026-07-28 back to 2025-11-25", async () => {
    const server = await startTeamHandbook({ provider, dataDir, protocol: "2025-11-25" });
    const mcp = new Client(
      { name: "practice-test", version: "1.0.0" },
      { versionNegotiation: { mode: "auto" } },
    );
    await mcp.connect(
      new StreamableHTTPClientTransport(new URL(server.url), {
        requestInit: { headers: { authorization: `Bearer ${token.ada}` } },
      }),
    );
    expect(mcp.getNegotiatedProtocolVersion()).toBe("2025-11-25");
    await mcp.close();
    await server.close();
  });

  it("serves no 2025-era client if it speaks only 2026-07-28", async () => {
    const server = await startTeamHandbook({ provider, dataDir, protocol: "2026-07-28" });
    await expect(connect(server, token.ada, "2025-11-25")).rejects.toThrow();
    await (await connect(server, token.ada)).close();
    await server.close();
  });
});
