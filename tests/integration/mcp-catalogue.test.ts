import type { McpServer } from "@modelcontextprotocol/server";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { openLoopbackListener } from "@/demo/loopback-listener";
import {
  catalogueTool,
  serverInfo,
  type TestStep,
  testStep,
} from "@/lib/contracts/servers/catalogue";
import { AuthorizationRequiredError } from "@/lib/errors";
import { createLog } from "@/lib/log";
import type { ReadCatalogue } from "@/lib/mcp/catalogue/list-tools";
import { type TestConnectionDeps, testConnection } from "@/lib/mcp/catalogue/test-connection";
import type { McpConnections } from "@/lib/mcp/connections";
import type { BearerSource, McpTarget } from "@/lib/mcp/target";
import { checkUrl } from "@/lib/net/policy";
import { closedAfterEach } from "@/tests/support/closed-after-each";
import {
  fixtureConnections,
  httpTarget,
  type McpFixture,
  type McpFixtureOptions,
  scriptedBearer,
  startMcpFixture,
} from "@/tests/support/mcp-fixture";
import { startHtmlSite } from "@/tests/support/mcp-servers";

const closing = closedAfterEach();

async function fixture(options: McpFixtureOptions): Promise<McpFixture> {
  const started = await startMcpFixture(options);
  closing.push(started.close);
  return started;
}

function connections(): McpConnections {
  const made = fixtureConnections();
  closing.push(made.close);
  return made;
}

/** Answers tools/list with what the test wants to be read. */
function lists(pages: (cursor: unknown) => object): McpFixtureOptions {
  return {
    speaks: "sessions",
    intercept: ({ method, message }) =>
      method === "tools/list"
        ? Response.json({ jsonrpc: "2.0", id: message?.id, result: pages(message?.params?.cursor) })
        : undefined,
  };
}
const tool = (name: string, more: object = {}) => ({
  name,
  inputSchema: { type: "object" },
  ...more,
});

describe("the catalogue", () => {
  test.each(["sessions", "both"] as const)(
    "is read completely, in the form of its contract (%s)",
    async (speaks) => {
      const server = await fixture({ speaks });

      const catalogue = await connections().readCatalogue(httpTarget(server.url));

      const [echo] = catalogue.tools;
      expect(echo).toEqual({
        name: "echo",
        title: "Echo",
        description: "Says it again.",
        inputSchema: expect.objectContaining({
          type: "object",
          properties: { message: { type: "string" } },
          required: ["message"],
        }),
        annotations: { readOnlyHint: true },
      });
      expect(catalogue.tools.map(({ name }) => name)).toEqual(["echo", "write", "fail", "wait"]);
      expect(catalogue.tools.every((each) => catalogueTool.strict().safeParse(each).success)).toBe(
        true,
      );
      expect(catalogue.serverInfo).toEqual({
        name: "Fixture",
        version: "1.2.3",
        title: "A fixture",
        protocolVersion: speaks === "sessions" ? "2025-11-25" : "2026-07-28",
        instructions: "Only for tests.",
      });
      expect(serverInfo.safeParse(catalogue.serverInfo).success).toBe(true);
      expect(catalogue.era.era).toBe(speaks === "sessions" ? "legacy" : "modern");
      expect(JSON.stringify(catalogue.era)).not.toContain("Only for tests.");
      expect(catalogue).toMatchObject({ ttlMs: null, leftOut: [] });
    },
  );

  test("asks the server each time, and leaves the new connection for the next call", async () => {
    const server = await fixture({ speaks: "sessions" });
    const mcp = connections();
    await mcp.readCatalogue(httpTarget(server.url));
    await mcp.readCatalogue(httpTarget(server.url));
    await mcp.callTool(httpTarget(server.url), { name: "echo", input: { message: "1" } });

    const handshakes = server.methods().filter((method) => method === "initialize");
    const probes = server.methods().filter((method) => method === "server/discover");
    expect([handshakes.length, probes.length]).toEqual([2, 2]);
  });

  test("contains the tools of every page", async () => {
    const server = await fixture(
      lists((cursor) =>
        cursor === undefined
          ? { tools: [tool("a")], nextCursor: "2" }
          : { tools: [tool("b")], ...(cursor === "2" ? { nextCursor: "3" } : {}) },
      ),
    );

    const { tools } = await connections().readCatalogue(httpTarget(server.url));

    expect(tools.map(({ name }) => name)).toEqual(["a", "b"]);
  });

  test("without an end is read up to the number of tools that Usher accepts", async () => {
    let page = 0;
    const server = await fixture(
      lists(() => {
        page += 1;
        return { tools: [tool(`tool-${page}`)], nextCursor: String(page) };
      }),
    );

    const { tools, leftOut } = await connections().readCatalogue(httpTarget(server.url));

    expect(tools).toHaveLength(1_000);
    expect(leftOut).toEqual([
      { name: "tool-1001", reason: "Usher takes 1,000 tools of a server." },
    ]);
  });

  test("of endless empty pages is abandoned", async () => {
    let page = 0;
    const server = await fixture(
      lists(() => {
        page += 1;
        return { tools: page === 1 ? [tool("only")] : [], nextCursor: String(page) };
      }),
    );

    const { tools } = await connections().readCatalogue(httpTarget(server.url));

    expect(tools.map(({ name }) => name)).toEqual(["only"]);
    expect(page).toBeLessThan(60);
  });

  test("whose pages return to the same cursor ends there", async () => {
    const server = await fixture(
      lists((cursor) => ({
        tools: [tool(cursor === "a" ? "second" : cursor === "b" ? "third" : "first")],
        nextCursor: cursor === "a" ? "b" : "a",
      })),
    );

    const { tools } = await connections().readCatalogue(httpTarget(server.url));

    expect(tools.map(({ name }) => name)).toEqual(["first", "second", "third"]);
  });

  test("leaves out each tool that cannot be used on its own, with its name and the reason", async () => {
    const server = await fixture(
      lists(() => ({
        tools: [
          tool("good.tool/name:1_-"),
          tool("good.tool/name:1_-", { description: "the second of that name" }),
          tool("two words"),
          tool("查询天气"),
          tool(""),
          tool("x".repeat(129)),
          tool("раypal"),
          tool("new\nline"),
          tool("zero\u200bwidth"),
          tool("huge", { inputSchema: { type: "object", description: "x".repeat(300_000) } }),
          tool("number", { inputSchema: 5 }),
          "a text",
          null,
        ],
      })),
    );

    const { tools, leftOut } = await connections().readCatalogue(httpTarget(server.url));

    expect(tools.map(({ name }) => name)).toEqual(["good.tool/name:1_-", "two words", "查询天气"]);
    expect(leftOut).toEqual([
      { name: "good.tool/name:1_-", reason: "Another tool in the list has the same name." },
      { name: "Number 5 of the list", reason: "It has no name." },
      { name: expect.stringMatching(/^x+…$/), reason: "Its name has more than 128 characters." },
      { name: "раypal", reason: "Its name mixes alphabets whose letters look alike." },
      { name: "new line", reason: "Its name has characters that cannot be seen." },
      { name: "zero width", reason: "Its name has characters that cannot be seen." },
      { name: "huge", reason: "The schema of its arguments is too large." },
      { name: "number", reason: "The schema of its arguments is not a JSON object." },
      { name: "Number 12 of the list", reason: "It is not a description of a tool." },
      { name: "Number 13 of the list", reason: "It is not a description of a tool." },
    ]);
  });

  test("keeps as much of a server's texts as fits, and its time limit", async () => {
    const server = await fixture(
      lists(() => ({
        ttlMs: 90_000,
        tools: [
          tool("a", {
            title: `T\u202eitle ${"x".repeat(500)}`,
            description: "d".repeat(20_000),
            annotations: { title: "other", readOnlyHint: true, unknownHint: "yes" },
          }),
        ],
      })),
    );

    const { tools, ttlMs, leftOut } = await connections().readCatalogue(httpTarget(server.url));

    expect(ttlMs).toBe(90_000);
    expect(tools[0]?.title).toMatch(/^T itle x+…$/);
    expect(tools[0]?.title?.length).toBeLessThanOrEqual(200);
    expect(tools[0]?.description).toMatch(/^d+\n\[Cut here by Usher\.\]$/);
    expect(tools[0]?.description).toHaveLength(8_000);
    expect(leftOut).toEqual([
      {
        name: "a",
        reason: "Its description has 20,000 characters and was cut to 8,000.",
        kept: true,
      },
    ]);
    expect(tools[0]?.annotations).toEqual({ readOnlyHint: true });
  });

  test("of a server without tools is empty", async () => {
    const listener = await openLoopbackListener();
    closing.push(listener.close);
    listener.serve(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const { id, method, params } = JSON.parse(Buffer.concat(chunks).toString());
      const result = {
        protocolVersion: params?.protocolVersion,
        capabilities: {},
        serverInfo: { name: "Empty", version: "1" },
      };
      if (method === "initialize") {
        response
          .writeHead(200, { "content-type": "application/json" })
          .end(JSON.stringify({ jsonrpc: "2.0", id, result }));
      } else {
        response.writeHead(id === undefined ? 202 : 400).end();
      }
    });

    await expect(
      connections().readCatalogue(httpTarget(`${listener.url}/mcp`)),
    ).resolves.toMatchObject({ tools: [], ttlMs: null });
  });

  test("lists tools that can be called even if they need their arguments in headers too", async () => {
    const server = await fixture({
      speaks: "modern",
      tools: (mcp: McpServer) => {
        mcp.registerTool(
          "by_region",
          { inputSchema: z.object({ region: z.string().meta({ "x-mcp-header": "Region" }) }) },
          async ({ region }) => ({ content: [{ type: "text", text: region }] }),
        );
      },
    });

    const result = await connections().callTool(httpTarget(server.url), {
      name: "by_region",
      input: { region: "eu" },
    });

    expect(result.content).toEqual([{ type: "text", text: "eu" }]);
    expect(server.requests.at(-1)?.headers.get("mcp-param-region")).toBe("eu");
  });
});

describe("a connection test", () => {
  async function run(
    target: McpTarget | Error,
    deps: Partial<TestConnectionDeps> = {},
  ): Promise<{ steps: TestStep[]; saved: ReadCatalogue[]; failures: string[] }> {
    const saved: ReadCatalogue[] = [];
    const failures: string[] = [];
    const steps: TestStep[] = [];
    const progress = testConnection({
      loadTarget: async () => {
        if (target instanceof Error) throw target;
        return target;
      },
      checkUrl: (url) => checkUrl(url, { allowHttpLoopback: true, allowedPrivateHosts: [] }),
      mcp: connections(),
      save: async (catalogue) => void saved.push(catalogue),
      saveFailure: async (message) => void failures.push(message),
      log: createLog("silent"),
      ...deps,
    });
    for await (const step of progress) steps.push(testStep.parse(step));
    return { steps, saved, failures };
  }
  const states = (steps: TestStep[]) => steps.map(({ step, state }) => `${step} ${state}`);

  test("goes through every step, and saves what it read", async () => {
    const server = await fixture({ speaks: "both" });

    const { steps, saved, failures } = await run(httpTarget(server.url));

    expect(states(steps)).toEqual([
      "address running",
      "address done",
      "authorization running",
      "authorization done",
      "connect running",
      "connect done",
      "list_tools running",
      "list_tools done",
      "save running",
      "save done",
    ]);
    expect(steps.find(({ tools }) => tools !== undefined)).toMatchObject({
      message: "The server offers 4 tools.",
      tools: 4,
    });
    expect(saved).toHaveLength(1);
    expect(failures).toEqual([]);
  });

  test("stops at an address that Usher may not connect to, before any token is requested", async () => {
    const bearer: BearerSource = {
      token: () => Promise.reject(new Error("asked for a token")),
      replace: () => Promise.reject(new Error()),
      reject: () => Promise.reject(new Error()),
    };

    const { steps, saved, failures } = await run(
      httpTarget("http://mcp.example.com/mcp", { bearer }),
    );

    expect(states(steps)).toEqual([
      "address running",
      "address failed",
      "authorization skipped",
      "connect skipped",
      "list_tools skipped",
      "save skipped",
    ]);
    expect(steps[1]?.message).toContain("Use an address that starts with https://.");
    expect(failures).toEqual([steps[1]?.message]);
    expect(saved).toEqual([]);
  });

  test("stops if no one has consented, and says what to do", async () => {
    const server = await fixture({ speaks: "both" });
    const missing = new AuthorizationRequiredError(
      { serverId: "server-1", ownerKey: "shared" },
      "Nobody has authorized this server yet. Press Authorize.",
    );
    const bearer: BearerSource = {
      token: () => Promise.reject(missing),
      replace: () => Promise.reject(missing),
      reject: () => Promise.reject(missing),
    };

    const { steps } = await run(httpTarget(server.url, { bearer }));

    expect(states(steps).slice(2)).toEqual([
      "authorization running",
      "authorization failed",
      "connect skipped",
      "list_tools skipped",
      "save skipped",
    ]);
    expect(steps[3]?.message).toBe("Nobody has authorized this server yet. Press Authorize.");
    expect(server.requests).toEqual([]);
  });

  test("of a server that nobody has connected to yet is tried without a token", async () => {
    const open = await fixture({ speaks: "both" });
    const { steps } = await run(
      httpTarget(open.url, { notConnected: "This account is not connected yet." }),
    );
    expect(states(steps)).toContain("save done");

    const guarded = await fixture({
      speaks: "both",
      intercept: () => new Response(null, { status: 401 }),
    });
    const { failures } = await run(
      httpTarget(guarded.url, { notConnected: "This account is not connected yet." }),
    );
    expect(failures).toEqual([
      "Fixture answers only after an account is connected. Authorize first, then test again.",
    ]);
  });

  test("stops at a web page", async () => {
    const site = await startHtmlSite();
    closing.push(site.close);

    const { steps, failures } = await run(httpTarget(site.url));

    expect(states(steps).slice(-4)).toEqual([
      "connect running",
      "connect failed",
      "list_tools skipped",
      "save skipped",
    ]);
    expect(failures).toEqual([
      "Fixture answered with a web page, not MCP. Check the URL, or ask its operator.",
    ]);
  });

  test("stops if the list of tools fails, even though the handshake succeeded", async () => {
    const server = await fixture({
      speaks: "sessions",
      intercept: ({ method }) =>
        method === "tools/list" ? new Response("broken", { status: 500 }) : undefined,
    });

    const { steps } = await run(httpTarget(server.url));

    expect(states(steps).slice(-4)).toEqual([
      "connect done",
      "list_tools running",
      "list_tools failed",
      "save skipped",
    ]);
  });

  test("reports a failure to save in words that reveal nothing", async () => {
    const server = await fixture({ speaks: "both" });

    const { steps } = await run(httpTarget(server.url), {
      save: async () => {
        throw new Error("connect ECONNREFUSED postgres://user:password@db");
      },
    });

    expect(steps.at(-1)).toEqual({
      step: "save",
      state: "failed",
      message: "Something went wrong inside Usher. Try again; the log of the server says more.",
    });
  });

  test("shows no secret from the server's URL", async () => {
    const server = await fixture({ speaks: "both" });
    const { steps } = await run(httpTarget(`${server.url}?key=very-secret`));

    expect(states(steps)).toContain("save done");
    expect(JSON.stringify(steps)).not.toContain("very-secret");
  });

  test("refreshes a token that the server refuses, like a call", async () => {
    const server = await fixture({
      speaks: "both",
      intercept: ({ headers }) =>
        headers.get("authorization") === "Bearer token-2"
          ? undefined
          : new Response(null, { status: 401 }),
    });
    const bearer = scriptedBearer({ tokens: ["token-1", "token-2"] });

    const { steps } = await run(httpTarget(server.url, { bearer }));

    expect(states(steps)).toContain("save done");
    expect(bearer.replaced).toEqual(["token-1"]);
  });
});
