import { describe, expect, test } from "vitest";
import { TryLaterError } from "@/lib/errors";
import type { McpConnections } from "@/lib/mcp/connections";
import { closedAfterEach } from "@/tests/support/closed-after-each";
import {
  fixtureConnections,
  httpTarget,
  type McpFixture,
  type McpFixtureOptions,
  startMcpFixture,
  until,
} from "@/tests/support/mcp-fixture";

const closing = closedAfterEach();

async function fixture(options: McpFixtureOptions): Promise<McpFixture> {
  const started = await startMcpFixture(options);
  closing.push(started.close);
  return started;
}

function connections(deps: Parameters<typeof fixtureConnections>[0] = {}): McpConnections {
  const made = fixtureConnections(deps);
  closing.push(made.close);
  return made;
}

const echo = (message: string) => ({ name: "echo", input: { message } });
const count = (server: McpFixture, method: string) =>
  server.methods().filter((seen) => seen === method).length;

describe.each([
  { speaks: "sessions", responseMode: "sse", version: "2025-11-25" },
  { speaks: "sessions", responseMode: "json", version: "2025-11-25" },
  { speaks: "both", responseMode: "auto", version: "2026-07-28" },
  { speaks: "modern", responseMode: "sse", version: "2026-07-28" },
] as const)("a server that speaks $version ($speaks, $responseMode)", (options) => {
  test("answers many calls over one connection", async () => {
    const server = await fixture(options);
    const mcp = connections();

    for (let call = 1; call <= 5; call++) {
      const result = await mcp.callTool(httpTarget(server.url), echo(`call ${call}`));
      expect(result).toEqual({
        content: [{ type: "text", text: `call ${call}` }],
        isError: false,
        truncated: false,
      });
    }

    const handshake = options.version === "2025-11-25" ? 1 : 0;
    expect(count(server, "server/discover")).toBe(1);
    expect(count(server, "initialize")).toBe(handshake);
    expect(count(server, "tools/call")).toBe(5);
    // With a session, one more for news.
    const listening = options.speaks === "sessions" ? 1 : 0;
    expect(server.requests).toHaveLength(6 + 2 * handshake + listening);
    expect(server.requests.at(-1)?.headers.get("mcp-protocol-version")).toBe(options.version);
  });

  test("shakes hands once for callers who arrive at the same time", async () => {
    const server = await fixture(options);
    const mcp = connections();

    const results = await Promise.all(
      Array.from({ length: 20 }, (_, n) => mcp.callTool(httpTarget(server.url), echo(`${n}`))),
    );

    expect(results.map(({ content }) => content)).toEqual(
      Array.from({ length: 20 }, (_, n) => [{ type: "text", text: `${n}` }]),
    );
    expect(count(server, "server/discover")).toBe(1);
    expect(count(server, "initialize")).toBeLessThanOrEqual(1);
  });
});

describe("a kept connection", () => {
  test("is not used for another owner, and neither is its session", async () => {
    const server = await fixture({ speaks: "sessions" });
    const mcp = connections();
    const call = (ownerKey: string) =>
      mcp.callTool(httpTarget(server.url, { ownerKey }), echo("hello"));

    await call("ada");
    await call("bob");
    await call("ada");

    const sessions = server.requests
      .filter(({ method }) => method === "tools/call")
      .map(({ headers }) => headers.get("mcp-session-id"));
    expect(sessions[0]).not.toBe(sessions[1]);
    expect(sessions[2]).toBe(sessions[0]);
  });

  test("opens alongside many others without a warning from Node", async () => {
    const server = await fixture({ speaks: "sessions" });
    const mcp = connections();
    const warnings: string[] = [];
    const hear = ({ name, message }: Error) => warnings.push(`${name}: ${message}`);
    process.on("warning", hear);
    const owners = Array.from({ length: 30 }, (_, number) => `person-${number}`);
    await Promise.all(
      owners.map((ownerKey) => mcp.callTool(httpTarget(server.url, { ownerKey }), echo("hello"))),
    );
    process.off("warning", hear);
    expect(warnings).toEqual([]);
  });

  test("is not used with other headers, or for another version of the configuration", async () => {
    const server = await fixture({ speaks: "sessions" });
    const mcp = connections();
    const endpoint = (key: string) => ({
      transport: "STREAMABLE_HTTP" as const,
      url: server.url,
      headers: { "x-api-key": key },
    });

    await mcp.callTool(httpTarget(server.url, { endpoint: endpoint("one") }), echo("1"));
    await mcp.callTool(httpTarget(server.url, { endpoint: endpoint("two") }), echo("2"));
    expect(server.openSessions).toBe(2);
    await mcp.callTool(
      httpTarget(server.url, { endpoint: endpoint("two"), version: 2 }),
      echo("3"),
    );

    const calls = server.requests.filter(({ method }) => method === "tools/call");
    expect(calls.map(({ headers }) => headers.get("x-api-key"))).toEqual(["one", "two", "two"]);
    expect(new Set(calls.map(({ headers }) => headers.get("mcp-session-id"))).size).toBe(3);
  });

  test("sends the stored headers with every request", async () => {
    const server = await fixture({ speaks: "sessions" });
    const mcp = connections();
    const endpoint = {
      transport: "STREAMABLE_HTTP" as const,
      url: server.url,
      headers: { "X-Api-Key": "k", Authorization: "Basic abc" },
    };

    await mcp.callTool(httpTarget(server.url, { endpoint }), echo("1"));

    for (const { headers } of server.requests) {
      expect(headers.get("x-api-key")).toBe("k");
      expect(headers.get("authorization")).toBe("Basic abc");
    }
  });

  test("is reopened, and the call sent again, when the server has forgotten the session", async () => {
    const server = await fixture({ speaks: "sessions" });
    const mcp = connections();
    await mcp.callTool(httpTarget(server.url), echo("before"));
    server.forgetSessions();
    server.requests.length = 0;

    const results = await Promise.all(
      ["one", "two", "three"].map((word) => mcp.callTool(httpTarget(server.url), echo(word))),
    );

    expect(results.map(({ content }) => content[0])).toEqual(
      ["one", "two", "three"].map((word) => ({ type: "text", text: word })),
    );
    expect(count(server, "initialize")).toBe(1);
    // By now this server is known to be an older one.
    expect(count(server, "server/discover")).toBe(0);
  });

  test("is abandoned after one new session if the server forgets that as well", async () => {
    const server = await fixture({
      speaks: "sessions",
      intercept: ({ method }) =>
        method === "tools/call"
          ? Response.json(
              { jsonrpc: "2.0", id: null, error: { code: -32001, message: "Session not found" } },
              { status: 404 },
            )
          : undefined,
    });
    const mcp = connections();

    await expect(mcp.callTool(httpTarget(server.url), echo("1"))).rejects.toMatchObject({
      code: "mcp_server_error",
      userMessage: expect.stringContaining("Session not found"),
    });
    expect(count(server, "tools/call")).toBe(2);
  });

  test("is closed, and the server told, after a period without use", async () => {
    const server = await fixture({ speaks: "sessions" });
    let now = Date.parse("2026-01-01T00:00:00Z");
    const mcp = connections({ idleMs: 200, now: () => new Date(now) });
    await mcp.callTool(httpTarget(server.url), echo("1"));
    expect(server.openSessions).toBe(1);

    now += 150;
    await mcp.callTool(httpTarget(server.url), echo("2"));
    expect(count(server, "initialize")).toBe(1);
    now += 250;
    await until(() => server.openSessions === 0);

    expect(server.requests.at(-1)?.httpMethod).toBe("DELETE");
    await mcp.callTool(httpTarget(server.url), echo("3"));
    expect(count(server, "initialize")).toBe(2);
  });

  test("is not closed as idle during a call", async () => {
    const server = await fixture({ speaks: "sessions" });
    let now = Date.parse("2026-01-01T00:00:00Z");
    const mcp = connections({ idleMs: 20, now: () => new Date(now) });

    const calling = mcp.callTool(httpTarget(server.url), { name: "wait", input: { ms: 200 } });
    await until(() => count(server, "tools/call") === 1);
    now += 1_000_000;

    await expect(calling).resolves.toMatchObject({ isError: false });
  });

  test("makes room for another when there are too many, the least recently used first", async () => {
    const server = await fixture({ speaks: "sessions" });
    const mcp = connections({ maxConnections: 2 });
    const call = (ownerKey: string) =>
      mcp.callTool(httpTarget(server.url, { ownerKey }), echo("hello"));

    await call("ada");
    await call("bob");
    await call("ada");
    await call("cleo");
    await until(() => server.openSessions === 2);
    server.requests.length = 0;
    await call("ada");

    expect(count(server, "initialize")).toBe(0);
    await call("bob");
    expect(count(server, "initialize")).toBe(1);
  });

  test("is refused with a request for patience when all of them are in use", async () => {
    const server = await fixture({ speaks: "sessions" });
    const mcp = connections({ maxConnections: 1 });
    const busy = mcp.callTool(httpTarget(server.url, { ownerKey: "ada" }), {
      name: "wait",
      input: { ms: 300 },
    });

    await expect(
      mcp.callTool(httpTarget(server.url, { ownerKey: "bob" }), echo("1")),
    ).rejects.toBeInstanceOf(TryLaterError);
    await busy;
    await mcp.callTool(httpTarget(server.url, { ownerKey: "bob" }), echo("2"));
  });

  test("is abandoned when it is dropped, and calls in progress finish first", async () => {
    const server = await fixture({ speaks: "sessions" });
    const mcp = connections();
    await mcp.callTool(httpTarget(server.url, { ownerKey: "bob" }), echo("1"));
    const calling = mcp.callTool(httpTarget(server.url, { ownerKey: "ada" }), {
      name: "wait",
      input: { ms: 100 },
    });
    await until(() => count(server, "tools/call") === 2);

    mcp.drop("server-1", "ada");
    await expect(calling).resolves.toMatchObject({ isError: false });
    server.requests.length = 0;
    await mcp.callTool(httpTarget(server.url, { ownerKey: "bob" }), echo("2"));
    expect(count(server, "initialize")).toBe(0);
    await mcp.callTool(httpTarget(server.url, { ownerKey: "ada" }), echo("3"));
    expect(count(server, "initialize")).toBe(1);

    mcp.drop("server-1");
    await mcp.callTool(httpTarget(server.url, { ownerKey: "bob" }), echo("4"));
    expect(count(server, "initialize")).toBe(2);
  });

  test("ends at once with its calls when everything is closed", async () => {
    const server = await fixture({ speaks: "sessions" });
    const mcp = connections();
    const calling = mcp.callTool(httpTarget(server.url), { name: "wait", input: { ms: 60_000 } });
    calling.catch(() => {});
    await until(() => count(server, "tools/call") === 1);

    await mcp.close();

    await expect(calling).rejects.toMatchObject({ code: "unreachable", reason: "reset" });
    expect(server.openSessions).toBe(0);
    await expect(mcp.callTool(httpTarget(server.url), echo("1"))).rejects.toBeInstanceOf(
      TryLaterError,
    );
  });
});

describe("a stored protocol era", () => {
  test("spares a 2026-07-28 server every request except the call", async () => {
    const server = await fixture({ speaks: "modern" });
    const { era } = await connections().readCatalogue(httpTarget(server.url));
    server.requests.length = 0;

    const stored = JSON.parse(JSON.stringify(era));
    const mcp = connections({ storedEra: async () => stored });
    await mcp.callTool(httpTarget(server.url), echo("1"));

    expect(server.methods()).toEqual(["tools/call"]);
  });

  test("spares an older server the question of what it speaks", async () => {
    const server = await fixture({ speaks: "sessions" });
    const { era } = await connections().readCatalogue(httpTarget(server.url));
    server.requests.length = 0;

    const stored = JSON.parse(JSON.stringify(era));
    const mcp = connections({ storedEra: async () => stored });
    await mcp.callTool(httpTarget(server.url), echo("1"));

    expect(server.methods()).toEqual(["initialize", "notifications/initialized", "tools/call"]);
  });

  test("is recognized as outdated, and the call still runs once", async () => {
    const modern = await fixture({ speaks: "modern" });
    const { era } = await connections().readCatalogue(httpTarget(modern.url));
    const older = await fixture({ speaks: "sessions" });

    const mcp = connections({ storedEra: async () => era });
    const result = await mcp.callTool(httpTarget(older.url), echo("still"));
    await mcp.callTool(httpTarget(older.url), echo("again"));

    expect(result.content).toEqual([{ type: "text", text: "still" }]);
    expect(older.methods().slice(-4)).toEqual([
      "initialize",
      "notifications/initialized",
      "tools/call",
      "tools/call",
    ]);
    // Its refusal names the versions that it speaks.
    expect(count(older, "server/discover")).toBe(0);
  });

  test("of an older server is recognized as outdated too", async () => {
    const older = await fixture({ speaks: "sessions" });
    const { era } = await connections().readCatalogue(httpTarget(older.url));
    const modern = await fixture({ speaks: "modern" });

    const mcp = connections({ storedEra: async () => era });
    const result = await mcp.callTool(httpTarget(modern.url), echo("still"));

    expect(result.content).toEqual([{ type: "text", text: "still" }]);
  });

  test("that is broken or unreadable costs one extra question and nothing else", async () => {
    const server = await fixture({ speaks: "modern" });
    const broken = connections({ storedEra: async () => ({ era: "modern", discover: 7 }) });
    const unreadable = connections({
      storedEra: async () => {
        throw new Error("no database");
      },
    });

    await broken.callTool(httpTarget(server.url), echo("1"));
    await unreadable.callTool(httpTarget(server.url), echo("2"));

    expect(count(server, "server/discover")).toBe(2);
  });
});
