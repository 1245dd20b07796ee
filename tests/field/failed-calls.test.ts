import { describe, expect, test } from "vitest";
import type { McpTarget } from "@/lib/mcp/target";
import { closedAfterEach } from "@/tests/support/closed-after-each";
import { readBody, startHttpServer } from "@/tests/support/local-http-server";
import {
  fixtureConnections,
  httpTarget,
  type McpFixture,
  startMcpFixture,
} from "@/tests/support/mcp-fixture";

const closing = closedAfterEach();

type Answer = (id: unknown) => Response | Promise<Response>;

async function server(answer: Answer, method = "tools/call"): Promise<McpFixture> {
  const fixture = await startMcpFixture({
    speaks: "sessions",
    intercept: (seen) => (seen.method === method ? answer(seen.message?.id) : undefined),
  });
  closing.push(fixture.close);
  return fixture;
}

function connections() {
  const mcp = fixtureConnections();
  closing.push(mcp.close);
  return mcp;
}

const echo = { name: "echo", input: { message: "hi" } };

async function toldOf(fixture: McpFixture, changes: Partial<McpTarget> = {}): Promise<string> {
  const target = httpTarget(fixture.url, changes);
  const told = await connections()
    .callTool(target, echo)
    .then(JSON.stringify, (error) => error.userMessage);
  expect(fixture.methods().filter((method) => method === "tools/call")).toHaveLength(1);
  return told;
}

const mayHaveRun = "The call may have run; look before you try again.";
const page = (status: number) =>
  new Response("<html>Oops</html>", { status, headers: { "content-type": "text/html" } });
const status =
  (code: number, headers: Record<string, string> = {}, body = "") =>
  () =>
    new Response(body, { status: code, headers });

const eventStream = { "content-type": "text/event-stream" };
const event = (message: object) => `data: ${JSON.stringify({ jsonrpc: "2.0", ...message })}\n\n`;

/** These events, in a stream that stays open. */
const leftOpen = (...events: string[]) =>
  new Response(
    new ReadableStream({
      start: (to) => to.enqueue(new TextEncoder().encode(events.join(""))),
    }),
    { headers: eventStream },
  );

describe("a call that its server cancels", () => {
  const cancelled = (requestId: unknown, reason?: string) =>
    event({ method: "notifications/cancelled", params: { requestId, reason } });
  const said = "Fixture answered with an error: “Query killed by admin”";

  // langchain4j/langchain4j#5292
  test.each<[string, Answer]>([
    ["in a stream that stays open", (id) => leftOpen(cancelled(id, "Query killed by admin"))],
    ["by an id as text", (id) => leftOpen(cancelled(`${id}`, "Query killed by admin"))],
    [
      "in a stream that ends",
      (id) => new Response(cancelled(id, "Query killed by admin"), { headers: eventStream }),
    ],
  ])("ends with its reason, %s", async (_name, answer) => {
    expect(await toldOf(await server(answer))).toBe(said);
  });

  test("ends with its reason on the stream for news, too", async () => {
    let say = (_: string) => {};
    const news = new ReadableStream({
      start: (to) => {
        say = (text) => to.enqueue(new TextEncoder().encode(text));
      },
    });
    const fixture = await startMcpFixture({
      speaks: "sessions",
      intercept: ({ httpMethod, method, message }) => {
        if (httpMethod === "GET") return new Response(news, { headers: eventStream });
        if (method !== "tools/call") return undefined;
        say(cancelled(message?.id, "Query killed by admin"));
        return leftOpen(": waits\n\n");
      },
    });
    closing.push(fixture.close);
    expect(await toldOf(fixture)).toBe(said);
  });

  test("and gives no reason ends as well", async () => {
    expect(await toldOf(await server((id) => leftOpen(cancelled(id))))).toMatch(
      /cancelled the call/,
    );
  });

  test("and answers after all keeps its answer", async () => {
    const result = { content: [{ type: "text", text: "done" }] };
    const answer: Answer = (id) => leftOpen(cancelled(id, "Query killed"), event({ id, result }));
    expect(await toldOf(await server(answer))).toContain("done");
  });

  test("is not one whose own question the server takes back under the same number", async () => {
    const asks = (id: unknown) => event({ id, method: "ping" });
    const fixture = await server((id) => leftOpen(asks(id), cancelled(id, "Took too long")));
    const callLimits = { silenceMs: 3_500, totalMs: 3_500 };
    expect(await toldOf(fixture, { callLimits })).toMatch(/told to stop.*may have run/);
  });
});

// mcheemaa/mistri#26, smg-project/smg#2441, CALLE-AI/awesome-phone-call-agents#229
describe("a call that may have run", () => {
  test.each<[string, Answer]>([
    ["an error of the server", status(500, {}, "boom")],
    ["an error of what stands before it", () => page(502)],
    ["a server that is away", status(503)],
    ["a web page", () => page(200)],
    ["another document", () => new Response("<a/>", { headers: { "content-type": "text/xml" } })],
    ["nothing", status(200)],
    ["an unknown compression", status(200, { "content-encoding": "zstd" }, "x")],
  ])("is told as one after %s", async (_name, answer) => {
    expect(await toldOf(await server(answer))).toContain(mayHaveRun);
    const listing = await server(answer, "tools/list");
    const told = await connections()
      .readCatalogue(httpTarget(listing.url))
      .catch((error) => error.userMessage);
    expect(told).toContain(" ");
    expect(told).not.toContain("may have run");
  });

  // getnao/nao#913
  test.each([
    [{ silenceMs: 300, totalMs: 60_000 }, "sent nothing for 0.3 seconds", "Call timeout"],
    [{ silenceMs: 60_000, totalMs: 400 }, "had not finished after 0.4 seconds", "Longest call"],
  ])(
    "is told as one after its time is over, with the limit: %o",
    async (callLimits, what, setting) => {
      const silent = await server(() => new Promise<Response>(() => {}));
      const told = await toldOf(silent, { callLimits });
      expect(told).toBe(
        `Fixture ${what}, and was told to stop. An admin can allow more under “${setting}”. ${mayHaveRun}`,
      );
    },
  );

  test("is told as one after a connection that breaks", async () => {
    const fixture = await server(() => new Response());
    const gateway = await startHttpServer(async (request, response) => {
      const body = await readBody(request);
      if (body.includes('"tools/call"')) return response.destroy();
      const headers = { ...(request.headers as Record<string, string>) };
      const answer = await fetch(fixture.url, { method: "POST", headers, body });
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      response.end(await answer.text());
    });
    closing.push(gateway.close);
    const call = connections().callTool(httpTarget(`${gateway.origin}/mcp`), echo);
    await expect(call).rejects.toMatchObject({
      reason: "reset",
      userMessage: expect.stringContaining(`as a web server should. ${mayHaveRun}`),
    });
  });

  test.each([
    ["what stands before the server did not reach it", 521],
    ["the request is too large", 413],
    ["the server does not know the host", 421],
  ])("is not one if %s", async (_name, code) => {
    const told = await toldOf(await server(() => page(code)));
    expect(told).toContain(`(HTTP ${code})`);
    expect(told).not.toMatch(/may have run|web page/);
  });
});

describe("a refusal", () => {
  // Kilo-Org/kilocode#12763
  test("of stored headers does not ask for headers", async () => {
    const fixture = await server(status(401, {}, "Invalid API key"));
    const headers = { "X-Api-Key": "key-of-the-test" };
    const endpoint = { transport: "STREAMABLE_HTTP" as const, url: fixture.url, headers };
    expect(await toldOf(fixture, { endpoint })).toBe(
      "Fixture did not accept its stored headers (HTTP 401). Enter a new key in its Authentication section. It said: “Invalid API key”",
    );
  });

  // stefanko-ch/Nexus-Stack#893
  test.each([
    ["https://team.cloudflareaccess.com/cdn-cgi/access/login/mcp.example.com?kid=secret", true],
    ["https://login.example.com/common/oauth2/authorize?client_id=1", true],
    ["/accounts/sign_in?next=/mcp", true],
    ["https://mcp.example.com/v2/mcp", false],
  ])("by a redirect to %s is told as what it is", async (location, isSignIn) => {
    const told = await toldOf(await server(status(302, { location })));
    expect(told.includes("redirects to a page for signing in")).toBe(isSignIn);
    expect(told).not.toMatch(/secret|client_id/);
  });

  test.each([
    ["in a header", { "x-ratelimit-reset": "90" }, ""],
    ["in a body", {}, '{"error":"Too many","retry_after":90}'],
    ["in the details of an error", {}, '{"error":{"code":1,"data":{"retryAfterSeconds":"90"}}}'],
  ])("that asks for patience %s says for how long", async (_name, headers, body) => {
    const told = await toldOf(await server(status(429, headers, body)));
    expect(told).toContain("Try again in 2 minutes.");
  });

  test.each([
    ["XML", "<Error><Code>AccessDenied</Code><Message>Not yours</Message></Error>", "“Not yours”"],
    ["another spelling", '{"Message":"Not yours"}', "“Not yours”"],
    [
      "a page after a comment",
      "<!-- edge --><!DOCTYPE html><html>No</html>",
      "Something in front of it refused",
    ],
  ])("in %s is quoted, or named", async (_name, body, words) => {
    expect(await toldOf(await server(status(403, {}, body)))).toContain(words);
  });
});

describe("a refusal of what stands before the server", () => {
  test.each(["error code: 1010", "error code: 1020"])(
    "such as %s does not blame the account",
    async (body) => {
      const told = await toldOf(await server(status(403, {}, body)));
      expect(told).toContain("something in front of it refused (HTTP 403)");
      expect(told).toContain(`“${body}”`);
    },
  );

  // 18F/piipan#2530, Azure/Azure-Resource-Manager-MCP#18
  test.each<[string, Record<string, string>, string]>([
    ["in words", {}, "Rate limit is exceeded. Try again in 95 seconds."],
    ["in other words", {}, "Please retry after 1 minute 35 seconds."],
    ["in milliseconds", {}, '{"retryAfterMs":95000}'],
    ["in one header of all limits", { ratelimit: '"default";r=0;t=95' }, ""],
    ["in an older one", { ratelimit: "limit=100, remaining=0, reset=95" }, ""],
    ["in a header that a proxy repeats", { "retry-after": "95, 95" }, ""],
    ["in the header of another service", { "x-ratelimit-reset-after": "95.2" }, ""],
  ])("that asks for patience %s says for how long", async (_name, headers, body) => {
    expect(await toldOf(await server(status(429, headers, body)))).toContain("in 2 minutes.");
  });

  // agentgateway/agentgateway#3129
  test("that asks for patience and not for how long gets no time that nobody said", async () => {
    expect(await toldOf(await server(status(429)))).toBe(
      "Fixture is receiving too many requests. Try again in a moment.",
    );
  });

  test("205 is told as a call that was taken and not answered", async () => {
    const told = await toldOf(await server(() => new Response(null, { status: 205 })));
    expect(told).toContain(`took the request (HTTP 205) and did not answer it. ${mayHaveRun}`);
  });
});

// A model corrects its arguments by the whole list.
test("an error of a call is quoted up to 2,000 characters", async () => {
  const wrong = Array.from({ length: 40 }, (_, at) => `field_${at} is required`).join("; ");
  const fixture = await server((id) =>
    Response.json({ jsonrpc: "2.0", id, error: { code: -32602, message: `${wrong}; the last` } }),
  );
  expect(await toldOf(fixture)).toContain("the last");
});

// modelcontextprotocol/csharp-sdk#1021
test.each([400, 403])("-32042 with HTTP %i asks for the page as well", async (code) => {
  const elicitations = [{ mode: "url", url: "https://a.example/", message: "Sign in" }];
  const fixture = await server((id) =>
    Response.json(
      { jsonrpc: "2.0", id, error: { code: -32042, message: "First", data: { elicitations } } },
      { status: code },
    ),
  );
  const call = connections().callTool(httpTarget(fixture.url), echo);
  await expect(call).rejects.toMatchObject({ flow: "URL_REQUIRED" });
});

describe("a 2026-era server that asks for input", () => {
  const form = { message: "Sure?", requestedSchema: { type: "object", properties: {} } };
  const request = { method: "elicitation/create", params: form };
  const askedBy = async (result: object) => {
    const fixture = await startMcpFixture({
      speaks: "modern",
      intercept: ({ method, message }) =>
        method === "tools/call"
          ? Response.json({
              ...{ jsonrpc: "2.0", id: message?.id },
              result: { resultType: "input_required", ...result },
            })
          : undefined,
    });
    closing.push(fixture.close);
    return connections().callTool(httpTarget(fixture.url), echo);
  };

  test.each([
    ["in a list", { inputRequests: [request] }, { requests: { 0: { message: "Sure?" } } }],
    ["next to nothing", { inputRequests: { a: null, b: request } }, { requests: { b: {} } }],
    ["without a method", { inputRequests: { a: form } }, { requests: { a: { mode: "form" } } }],
    [
      "with a number as its state",
      { inputRequests: { a: request }, requestState: 5 },
      { requestState: "5" },
    ],
    ["in another spelling", { resultType: "inputRequired", inputRequests: { a: request } }, {}],
    [
      "in Python's names",
      { input_requests: { a: request }, request_state: "s" },
      { requestState: "s" },
    ],
  ])("%s is understood", async (_name, result, asked) => {
    await expect(askedBy(result)).rejects.toMatchObject({ code: "input_required", ...asked });
  });

  test.each([
    ["asks for nothing", {}, "did not answer as an MCP server should"],
    ["starts a task", { resultType: "task", taskId: "t" }, "runs this as a task in the background"],
    ["answers in an unknown way", { resultType: "stream" }, "a kind of result that Usher does not"],
  ])("and %s is told as one that may have run the call", async (_name, result, words) => {
    const told = await askedBy(result).catch((error) => error.userMessage);
    expect(told).toContain(words);
    expect(told).toContain(mayHaveRun);
  });

  // anthropics/claude-ai-mcp#1027
  test("by its state alone may do so while it works, within the time of the call", async () => {
    let rounds = 0;
    const { fixture, target } = await stateAlone(() => rounds++ < 11);
    const { content } = await connections().callTool(target(60_000), echo);
    expect(content).toEqual([{ type: "text", text: "done" }]);
    expect(fixture.methods().filter((method) => method === "tools/call")).toHaveLength(12);
    const endless = await stateAlone(() => true);
    const told = connections().callTool(endless.target(1_500), echo);
    await expect(told).rejects.toMatchObject({
      userMessage: `Fixture asks for the same call again and again. ${mayHaveRun}`,
    });
  }, 40_000);

  async function stateAlone(goesOn: () => boolean) {
    const fixture = await startMcpFixture({
      speaks: "modern",
      intercept: ({ method, message }) => {
        if (method !== "tools/call") return undefined;
        const asks = { resultType: "input_required", requestState: "s" };
        const result = goesOn() ? asks : { content: [{ type: "text", text: "done" }] };
        return Response.json({ jsonrpc: "2.0", id: message?.id, result });
      },
    });
    closing.push(fixture.close);
    const target = (totalMs: number) =>
      httpTarget(fixture.url, { callLimits: { silenceMs: totalMs, totalMs } });
    return { fixture, target };
  }
});

// rekog-labs/MCP-Nest#263: behind a gateway that passes on what a newer server says.
test("a question in the newer form over an older session is asked, and its answer sent", async () => {
  const params = { message: "Sure?", requestedSchema: { type: "object", properties: {} } };
  const asks = {
    resultType: "input_required",
    inputRequests: { a: { method: "elicitation/create", params } },
    requestState: "s",
  };
  const fixture = await startMcpFixture({
    speaks: "sessions",
    intercept: ({ method, message }) => {
      if (method !== "tools/call") return undefined;
      const given = message?.params?.inputResponses;
      const result = given ? { content: [{ type: "text", text: JSON.stringify(given) }] } : asks;
      return Response.json({ jsonrpc: "2.0", id: message?.id, result });
    },
  });
  closing.push(fixture.close);
  const mcp = connections();
  const target = httpTarget(fixture.url);
  await expect(mcp.callTool(target, echo)).rejects.toMatchObject({ requestState: "s" });
  const again = { ...echo, inputResponses: { a: { action: "decline" } }, requestState: "s" };
  const { content } = await mcp.callTool(target, again);
  expect(content).toEqual([{ type: "text", text: '{"a":{"action":"decline"}}' }]);
});
