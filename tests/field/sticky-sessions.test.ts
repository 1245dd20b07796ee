import { describe, expect, test } from "vitest";
import { closedAfterEach } from "@/tests/support/closed-after-each";
import { readBody, startHttpServer } from "@/tests/support/local-http-server";
import { fixtureConnections, httpTarget, startMcpFixture } from "@/tests/support/mcp-fixture";

const closing = closedAfterEach();

const echo = { name: "echo", input: { message: "hi" } };

type Balanced = { url: string; sent: (string | undefined)[] };

/** A server behind a load balancer that sets cookies with its answers to these methods. */
async function server(cookies: Readonly<Record<string, readonly string[]>>): Promise<Balanced> {
  const inner = await startMcpFixture({ speaks: "sessions" });
  const sent: Balanced["sent"] = [];
  const balancer = await startHttpServer(async (request, response) => {
    const body = await readBody(request);
    const { method = "" } = (body === "" ? {} : JSON.parse(body)) as { method?: string };
    if (method === "tools/call") sent.push(request.headers.cookie);
    const { connection: _, "content-length": __, ...headers } = request.headers;
    const answer = await fetch(inner.url, {
      method: request.method ?? "GET",
      headers: headers as Record<string, string>,
      body: body === "" ? null : body,
    });
    response.setHeader("set-cookie", cookies[method] ?? []);
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(await answer.text());
  });
  closing.push(inner.close, balancer.close);
  return { url: `${balancer.origin}/mcp`, sent };
}

function connections() {
  const mcp = fixtureConnections();
  closing.push(mcp.close);
  return mcp;
}

// punkpeye/mcp-remote#168, modelcontextprotocol/modelcontextprotocol#325, mcp-use/mcp-use#153
describe("a load balancer that knows its node by a cookie", () => {
  test("gets it with each later request of the connection", async () => {
    const set = [
      "AWSALB=node-1; Expires=Wed, 01 Jan 2031 00:00:00 GMT; Path=/",
      "route=a=b; HttpOnly",
    ];
    const fixture = await server({ initialize: set });
    const mcp = connections();
    await mcp.callTool(httpTarget(fixture.url), echo);
    await mcp.callTool(httpTarget(fixture.url), echo);
    expect(fixture.sent).toEqual(["AWSALB=node-1; route=a=b", "AWSALB=node-1; route=a=b"]);
  });

  test("may change it, and take it back", async () => {
    const fixture = await server({
      initialize: ["node=1", "gone=1", "old=1"],
      "notifications/initialized": [
        "node=2",
        "gone=; Max-Age=0",
        "old=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
      ],
    });
    await connections().callTool(httpTarget(fixture.url), echo);
    expect(fixture.sent).toEqual(["node=2"]);
  });

  test.each([
    ["for https", "node=1; Secure"],
    ["for another path", "node=1; Path=/admin"],
    ["without a name", "=1"],
    ["in letters that no cookie has", "node=é"],
    ["that is huge", `node=${"x".repeat(5_000)}`],
  ])("gets none %s", async (_name, cookie) => {
    const fixture = await server({ initialize: [cookie] });
    await connections().callTool(httpTarget(fixture.url), echo);
    expect(fixture.sent).toEqual([undefined]);
  });

  test("does not take the place of a cookie that an admin entered", async () => {
    const fixture = await server({ initialize: ["node=1", "team=stolen"] });
    const headers = { Cookie: "team=blue" };
    const endpoint = { transport: "STREAMABLE_HTTP" as const, url: fixture.url, headers };
    await connections().callTool(httpTarget(fixture.url, { endpoint }), echo);
    expect(fixture.sent).toEqual(["team=blue; node=1"]);
  });

  test("gets nobody else's", async () => {
    const fixture = await server({ initialize: ["node=1"], "tools/call": ["whose=ada"] });
    const mcp = connections();
    await mcp.callTool(httpTarget(fixture.url, { ownerKey: "ada" }), echo);
    await mcp.callTool(httpTarget(fixture.url, { ownerKey: "bob" }), echo);
    expect(fixture.sent).toEqual(["node=1", "node=1"]);
  });

  test("gets at most twenty", async () => {
    const many = Array.from({ length: 60 }, (_, at) => `c${at}=1`);
    const fixture = await server({ initialize: many });
    await connections().callTool(httpTarget(fixture.url), echo);
    expect(fixture.sent[0]?.split("; ")).toHaveLength(20);
  });

  test("gets it with messages of the older transport", async () => {
    const seen: (string | undefined)[] = [];
    const listener = await startHttpServer((request, response) => {
      request.resume();
      if (request.method === "POST") {
        seen.push(request.headers.cookie);
        response.writeHead(500).end();
      } else {
        const headers = { "content-type": "text/event-stream", "set-cookie": "node=1" };
        response.writeHead(200, headers).write("event: endpoint\ndata: /messages\n\n");
      }
    });
    closing.push(listener.close);
    const endpoint = { transport: "SSE" as const, url: `${listener.origin}/sse`, headers: {} };
    await connections()
      .callTool(httpTarget("", { endpoint }), echo)
      .catch(() => {});
    expect(seen).toEqual(["node=1"]);
  });
});
