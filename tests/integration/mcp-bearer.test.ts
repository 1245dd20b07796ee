import { describe, expect, test } from "vitest";
import { openLoopbackListener } from "@/demo/loopback-listener";
import { AuthorizationRequiredError, ConflictError, TryLaterError } from "@/lib/errors";
import { createBearer } from "@/lib/mcp/client/bearer";
import type { McpConnections } from "@/lib/mcp/connections";
import { serverFetch } from "@/lib/mcp/http/server-fetch";
import type { BearerSource, McpTarget } from "@/lib/mcp/target";
import { closedAfterEach } from "@/tests/support/closed-after-each";
import {
  fixtureConnections,
  httpTarget,
  type McpFixture,
  type McpFixtureOptions,
  type SeenRequest,
  scriptedBearer,
  startMcpFixture,
  until,
} from "@/tests/support/mcp-fixture";

const closing = closedAfterEach();

function connections(): McpConnections {
  const made = fixtureConnections();
  closing.push(made.close);
  return made;
}

/** An MCP server that accepts the tokens in `valid`, as they are at the time of a request. */
async function guarded(
  valid: Set<string>,
  options: Partial<McpFixtureOptions> = {},
): Promise<McpFixture> {
  const started = await startMcpFixture({
    speaks: "sessions",
    ...options,
    intercept: (seen, request) =>
      valid.has(tokenOf(seen)) ? options.intercept?.(seen, request) : unauthorized(),
  });
  closing.push(started.close);
  return started;
}

const tokenOf = ({ headers }: SeenRequest) =>
  headers.get("authorization")?.replace(/^Bearer /, "") ?? "";
const unauthorized = () =>
  Response.json(
    { error: "invalid_token" },
    { status: 401, headers: { "www-authenticate": 'Bearer error="invalid_token"' } },
  );
const echo = { name: "echo", input: { message: "hello" } };
const callTokens = (server: McpFixture) =>
  server.requests.filter(({ method }) => method === "tools/call").map(tokenOf);

describe.each(["sessions", "both"] as const)("a token (%s)", (speaks) => {
  test("is sent with every request", async () => {
    const server = await guarded(new Set(["token-1"]), { speaks });

    await connections().callTool(
      httpTarget(server.url, { bearer: scriptedBearer({ tokens: ["token-1"] }) }),
      echo,
    );

    expect(server.requests.map(tokenOf)).toEqual(server.requests.map(() => "token-1"));
  });

  test("that is refused in a call is replaced once, and the same call is sent once more", async () => {
    const valid = new Set(["token-1"]);
    const server = await guarded(valid, { speaks });
    const bearer = scriptedBearer({ tokens: ["token-1", "token-2"] });
    const mcp = connections();
    const target = httpTarget(server.url, { bearer });
    await mcp.callTool(target, echo);
    valid.clear();
    valid.add("token-2");
    server.requests.length = 0;

    const result = await mcp.callTool(target, echo);

    expect(result.content).toEqual([{ type: "text", text: "hello" }]);
    expect(callTokens(server)).toEqual(["token-1", "token-2"]);
    expect(server.requests[1]?.message).toEqual(server.requests[0]?.message);
    expect(bearer.replaced).toEqual(["token-1"]);
    expect(bearer.rejected).toEqual([]);
  });

  test("that is refused at the handshake is replaced once, and the call runs", async () => {
    const server = await guarded(new Set(["token-2"]), { speaks });
    const bearer = scriptedBearer({ tokens: ["token-1", "token-2"] });

    await connections().callTool(httpTarget(server.url, { bearer }), echo);

    expect(bearer.replaced).toEqual(["token-1"]);
    // The first request proves nothing about a token: the handshake does.
    expect(server.requests.map(tokenOf).filter((token) => token === "token-1")).toHaveLength(2);
  });

  test("whose replacement is refused too ends in the source's own error", async () => {
    const valid = new Set(["token-1"]);
    const server = await guarded(valid, { speaks });
    const gone = new AuthorizationRequiredError(
      { serverId: "server-1", ownerKey: "ada" },
      "Authorize again.",
    );
    const bearer = scriptedBearer({
      tokens: ["token-1", "token-2", "token-3"],
      onReject: () => {
        throw gone;
      },
    });
    const mcp = connections();
    const target = httpTarget(server.url, { bearer });
    await mcp.callTool(target, echo);
    valid.clear();
    server.requests.length = 0;

    await expect(mcp.callTool(target, echo)).rejects.toBe(gone);

    expect(callTokens(server)).toEqual(["token-1", "token-2"]);
    // Perhaps the session was refused: a new one shows that it was not.
    const inNewSession = speaks === "sessions";
    expect(bearer.replaced).toEqual(inNewSession ? ["token-1", "token-2"] : ["token-1"]);
    expect(bearer.rejected).toEqual([inNewSession ? "token-3" : "token-2"]);
  });

  test("that the source cannot improve is not tried a second time", async () => {
    const server = await guarded(new Set(), { speaks });
    const gone = new AuthorizationRequiredError(
      { serverId: "server-1", ownerKey: "ada" },
      "Authorize again.",
    );
    const same = scriptedBearer({
      tokens: ["token-1", "token-1"],
      onReject: () => {
        throw gone;
      },
    });

    await expect(
      connections().callTool(httpTarget(server.url, { bearer: same }), echo),
    ).rejects.toBe(gone);
    expect(server.methods()).toEqual(["server/discover", "initialize"]);
    expect(same.rejected).toEqual(["token-1"]);
  });

  test("that no one has consented to is reported as such, before anything is sent", async () => {
    const server = await guarded(new Set(), { speaks });
    const missing = new AuthorizationRequiredError(
      { serverId: "server-1", ownerKey: "ada" },
      "Connect your account.",
    );
    const later = new TryLaterError("The provider is down.", { retryAfterMs: 1_000 });
    const failing = (error: Error): BearerSource => ({
      token: () => Promise.reject(error),
      replace: () => Promise.reject(error),
      reject: () => Promise.reject(error),
    });

    for (const error of [missing, later]) {
      await expect(
        connections().callTool(httpTarget(server.url, { bearer: failing(error) }), echo),
      ).rejects.toBe(error);
    }
    expect(server.requests).toHaveLength(0);
  });

  test("that cannot be replaced at the moment is reported as such", async () => {
    const server = await guarded(new Set(), { speaks });
    const later = new TryLaterError("The provider is down.", { retryAfterMs: 1_000 });
    const bearer = scriptedBearer({ tokens: ["token-1"], onReplace: () => Promise.reject(later) });

    await expect(connections().callTool(httpTarget(server.url, { bearer }), echo)).rejects.toBe(
      later,
    );
    expect(server.methods()).toEqual(["server/discover", "initialize"]);
  });
});

test("concurrent calls each replace their token at most once and all succeed", async () => {
  const valid = new Set(["token-1"]);
  const server = await guarded(valid);
  const bearer = scriptedBearer({ tokens: ["token-1"], onReplace: async () => "token-2" });
  const mcp = connections();
  const target = httpTarget(server.url, { bearer });
  await mcp.callTool(target, echo);
  valid.clear();
  valid.add("token-2");
  server.requests.length = 0;

  const results = await Promise.all(Array.from({ length: 25 }, () => mcp.callTool(target, echo)));

  expect(results.every(({ isError }) => !isError)).toBe(true);
  expect(bearer.replaced.length).toBeLessThanOrEqual(25);
  expect(new Set(bearer.replaced)).toEqual(new Set(["token-1"]));
  const sent = new Map<unknown, number>();
  for (const { message } of server.requests) {
    sent.set(message?.id, (sent.get(message?.id) ?? 0) + 1);
  }
  expect(Math.max(...sent.values())).toBeLessThanOrEqual(2);
});

// punkpeye/mcp-proxy#108: a restarted server refuses what it does not know as it refuses a token.
describe("a session that its server has forgotten, and answers with 401 invalid_token,", () => {
  async function restarted(changes: Partial<McpTarget>, tokens: string[]) {
    const forgotten = new Set<string>();
    const server = await startMcpFixture({
      speaks: "sessions",
      intercept: (seen) => {
        const isKnown = !forgotten.has(seen.headers.get("mcp-session-id") ?? "");
        return isKnown && tokens.includes(tokenOf(seen)) ? undefined : unauthorized();
      },
    });
    closing.push(server.close);
    const mcp = connections();
    const target = httpTarget(server.url, changes);
    await mcp.callTool(target, echo);
    for (const { headers } of server.requests) forgotten.add(headers.get("mcp-session-id") ?? "");
    forgotten.delete("");
    server.requests.length = 0;
    return { server, call: () => mcp.callTool(target, echo) };
  }

  test("is replaced by a new one, and the token stays", async () => {
    const bearer = scriptedBearer({ tokens: ["token-1", "token-2"] });
    const { server, call } = await restarted({ bearer }, ["token-1", "token-2"]);

    expect((await call()).content).toEqual([{ type: "text", text: "hello" }]);
    expect(bearer.rejected).toEqual([]);
    expect(server.methods().filter((each) => each === "initialize")).toHaveLength(1);
  });

  test("is replaced by a new one, also if there is no other token", async () => {
    const bearer = scriptedBearer({ tokens: ["token-1", "token-1"] });
    const { call } = await restarted({ bearer }, ["token-1"]);

    expect((await call()).content).toEqual([{ type: "text", text: "hello" }]);
    expect(bearer.rejected).toEqual([]);
  });

  test("is replaced by a new one, and a person's key stays", async () => {
    let refusals = 0;
    const personalKey = {
      refused: async () => {
        refusals += 1;
        throw new Error("refused");
      },
      accepted: async () => {},
    };
    const { call } = await restarted({ personalKey }, [""]);

    expect((await call()).content).toEqual([{ type: "text", text: "hello" }]);
    expect(refusals).toBe(0);
  });

  test("is replaced by a new one, and stored headers are not blamed", async () => {
    const { call } = await restarted({}, [""]);

    expect((await call()).content).toEqual([{ type: "text", text: "hello" }]);
  });
});

test("a session is ended with the last used token, without requesting another", async () => {
  const server = await guarded(new Set(["token-1"]));
  const bearer = scriptedBearer({ tokens: ["token-1", "token-2"] });
  const mcp = connections();
  await mcp.callTool(httpTarget(server.url, { bearer }), echo);
  bearer.token = () => Promise.reject(new Error("asked for a token to say goodbye"));

  await mcp.close();

  expect(server.requests.at(-1)).toMatchObject({ httpMethod: "DELETE" });
  expect(server.requests.map(tokenOf).at(-1)).toBe("token-1");
  expect(server.openSessions).toBe(0);
});

describe("no token goes", () => {
  async function canary() {
    const listener = await openLoopbackListener();
    closing.push(listener.close);
    const seen: string[] = [];
    listener.serve((request, response) => {
      seen.push(`${request.method} ${request.headers.authorization ?? "no token"}`);
      request.resume();
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
    return { url: listener.url, seen };
  }

  test.each([301, 302, 303, 307, 308])("to the target of a redirect (%i)", async (status) => {
    const other = await canary();
    const server = await guarded(new Set(["token-1"]), {
      intercept: () =>
        new Response(null, { status, headers: { location: `${other.url}/mcp?token=x` } }),
    });
    const bearer = scriptedBearer({ tokens: ["token-1"] });

    await expect(
      connections().callTool(httpTarget(server.url, { bearer }), echo),
    ).rejects.toMatchObject({
      code: "mcp_server_error",
      userMessage: expect.stringContaining(`redirects to ${other.url}/mcp. Usher follows no`),
    });
    expect(other.seen).toEqual([]);
  });

  test("to another path of the same server by a redirect", async () => {
    const server = await guarded(new Set(["token-1"]), {
      intercept: () => new Response(null, { status: 307, headers: { location: "/elsewhere" } }),
    });
    const bearer = scriptedBearer({ tokens: ["token-1"] });

    await expect(
      connections().callTool(httpTarget(server.url, { bearer }), echo),
    ).rejects.toMatchObject({ userMessage: expect.stringContaining("/elsewhere") });
    expect(server.methods()).toEqual(["server/discover", "initialize"]);
  });

  test("to another host that an SSE server names as its message endpoint", async () => {
    const other = await canary();
    const listener = await openLoopbackListener();
    closing.push(listener.close);
    listener.serve((_request, response) => {
      response
        .writeHead(200, { "content-type": "text/event-stream" })
        .write(`event: endpoint\ndata: ${other.url}/messages\n\n`);
    });
    const target = httpTarget("", {
      endpoint: { transport: "SSE", url: `${listener.url}/sse`, headers: { "x-key": "secret" } },
      bearer: scriptedBearer({ tokens: ["token-1"] }),
    });

    await expect(connections().callTool(target, echo)).rejects.toMatchObject({
      code: "mcp_server_error",
    });
    expect(other.seen).toEqual([]);
  });

  test("anywhere except its server's origin, whoever asks for it", async () => {
    const other = await canary();
    const target = httpTarget("https://mcp.example.com/mcp");
    const bearer = createBearer(scriptedBearer({ tokens: ["token-1"] }), "Fixture");
    const fetch = serverFetch(target, new URL("https://mcp.example.com/mcp"), bearer, {
      outbound: globalThis.fetch,
      now: () => new Date(),
    });

    await expect(fetch(`${other.url}/mcp`)).rejects.toMatchObject({ code: "mcp_server_error" });
    expect(other.seen).toEqual([]);
  });

  test("to a server whose settings changed during a call", async () => {
    const valid = new Set(["token-1"]);
    let answer = () => {};
    const server = await guarded(valid);
    const slow = await startMcpFixture({
      speaks: "sessions",
      intercept: (seen) =>
        seen.method === "tools/call"
          ? new Promise((resolve) => {
              answer = () => resolve(unauthorized());
            })
          : undefined,
    });
    closing.push(slow.close);
    const mcp = connections();
    const bearer = scriptedBearer({ tokens: ["token-1", "token-for-the-new-server"] });
    const calling = mcp.callTool(httpTarget(slow.url, { bearer }), echo);
    calling.catch(() => {});
    await until(() => slow.methods().includes("tools/call"));

    await mcp.callTool(httpTarget(server.url, { bearer, version: 2 }), echo);
    answer();

    await expect(calling).rejects.toBeInstanceOf(ConflictError);
    expect(slow.requests.map(tokenOf)).not.toContain("token-for-the-new-server");
  });
});
