import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { McpServer } from "@modelcontextprotocol/server";
import pg from "pg";
import { describe, expect, test, vi } from "vitest";
import { POST as testServer } from "@/app/api/mcp-servers/[serverId]/test/route";
import { POST as create } from "@/app/api/mcp-servers/route";
import type { Elicit } from "@/lib/mcp/elicitation";
import { closedAfterEach } from "@/tests/support/closed-after-each";
import { startInstallation } from "@/tests/support/installation";
import { readBody, startHttpServer } from "@/tests/support/local-http-server";
import {
  fixtureConnections,
  fixtureTools,
  httpTarget,
  type SeenRequest,
  startMcpFixture,
} from "@/tests/support/mcp-fixture";
import { serverInput } from "@/tests/support/server-input";

const closing = closedAfterEach();
const text = (value: string) => ({ content: [{ type: "text" as const, text: value }] });
const echo = { name: "echo", input: { message: "hi" } };
const changed = { jsonrpc: "2.0", method: "notifications/tools/list_changed" };

const until = (met: () => boolean | Promise<boolean>) => vi.waitUntil(met, { timeout: 60_000 });

function connections() {
  const onToolsChanged = vi.fn();
  const made = fixtureConnections({ onToolsChanged });
  closing.push(made.close);
  return { ...made, onToolsChanged };
}

type Message = { id?: number; method?: string };
type Odd = {
  /** How the request for a stream is answered. */
  stream: (response: ServerResponse) => void;
  listChanged?: boolean;
  session?: string | null;
  /** Before a call is answered. */
  during?: () => Promise<void>;
};

/** A server of 2025-11-25 in which the stream for news is odd. */
async function server({ stream, listChanged = true, session = "one", during }: Odd) {
  const seen: { gets: number; answers: unknown[]; ended: boolean } = {
    ...{ gets: 0, answers: [], ended: false },
  };
  const listener = await startHttpServer(async (request, response) => {
    if (request.method === "GET") {
      seen.gets += 1;
      response.on("close", () => {
        seen.ended = true;
      });
      return stream(response);
    }
    if (request.method !== "POST") return response.writeHead(200).end();
    const asked = JSON.parse(await readBody(request)) as Message;
    if (asked.method === undefined) seen.answers.push(asked);
    if (asked.method === undefined || asked.id === undefined) return response.writeHead(202).end();
    if (asked.method === "server/discover") return response.writeHead(404).end();
    if (asked.method === "tools/call") await during?.();
    const result =
      asked.method === "initialize"
        ? {
            protocolVersion: "2025-11-25",
            capabilities: { tools: { listChanged } },
            serverInfo: { name: "x", version: "1" },
          }
        : { content: [{ type: "text", text: "done" }] };
    const headers = session === null ? {} : { "mcp-session-id": session };
    response.writeHead(200, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify({ jsonrpc: "2.0", id: asked.id, result }));
  });
  closing.push(listener.close);
  return { seen, target: httpTarget(`${listener.origin}/mcp`) };
}

const events = { "content-type": "text/event-stream" };
const event = (message: unknown) => `event: message\ndata: ${JSON.stringify(message)}\n\n`;

describe("what a server says outside of its answers", () => {
  // maximhq/bifrost#6885
  test("is heard: its tools changed between two calls", async () => {
    let mcpServer: McpServer | undefined;
    const fixture = await startMcpFixture({
      speaks: "sessions",
      tools: (each) => {
        mcpServer = each;
        fixtureTools(each);
      },
    });
    closing.push(fixture.close);
    const { callTool, onToolsChanged } = connections();
    await callTool(httpTarget(fixture.url), echo);
    await until(() => fixture.requests.some(({ httpMethod }) => httpMethod === "GET"));
    await until(() => {
      mcpServer?.sendToolListChanged();
      return onToolsChanged.mock.calls.length > 0;
    });
    expect(onToolsChanged).toHaveBeenCalledWith(expect.objectContaining({ serverId: "server-1" }));
  });

  test.each<[string, string]>([
    ["beside what cannot be read", `data: oops\n\n: hi\n\ndata: [1, null]\n\n${event(changed)}`],
    ["in a batch", event([{ jsonrpc: "2.0", id: 7, result: {} }, changed])],
    ["in an event with another name", `event: notification\ndata: ${JSON.stringify(changed)}\n\n`],
  ])("is heard %s", async (_name, text) => {
    const { target } = await server({
      stream: (response) => void response.writeHead(200, events).write(text),
    });
    const { callTool, onToolsChanged } = connections();
    await callTool(target, echo);
    await until(() => onToolsChanged.mock.calls.length === 1);
  });

  // f/prompts.chat#1117
  test.each<[string, (response: ServerResponse) => void]>([
    ["405", (response) => response.writeHead(405).end()],
    ["401", (response) => response.writeHead(401, { "www-authenticate": "Bearer" }).end()],
    ["500", (response) => response.writeHead(500).end("<html>")],
    [
      "JSON",
      (response) => response.writeHead(200, { "content-type": "application/json" }).end("{}"),
    ],
    ["an empty stream", (response) => response.writeHead(200, events).end()],
    ["a broken connection", (response) => response.destroy()],
  ])("need not exist: the stream answered by %s is asked for once", async (_name, stream) => {
    const { seen, target } = await server({ stream });
    const { callTool, onToolsChanged } = connections();
    for (let count = 0; count < 3; count += 1) {
      expect(await callTool(target, echo)).toMatchObject({ content: [{ text: "done" }] });
      await delay(20);
    }
    expect(seen.gets).toBe(1);
    expect(onToolsChanged).not.toHaveBeenCalled();
  });

  test.each<[string, Partial<Odd>]>([
    ["announces no changes", { listChanged: false }],
    ["has no sessions", { session: null }],
  ])("is not asked of a server that %s", async (_name, odd) => {
    const { seen, target } = await server({ stream: () => {}, ...odd });
    await connections().callTool(target, echo);
    await delay(50);
    expect(seen.gets).toBe(0);
  });

  test("is no longer followed once the connection closes", async () => {
    const { seen, target } = await server({
      stream: (response) => void response.writeHead(200, events).write(": hi\n\n"),
    });
    const { callTool, close } = connections();
    await callTool(target, echo);
    await until(() => seen.gets === 1);
    await close();
    await until(() => seen.ended);
  });

  test.each([
    ["server/discover", (seen: SeenRequest) => seen.method === "server/discover"],
    ["a notification", (seen: SeenRequest) => seen.method === "notifications/initialized"],
    ["the stream", (seen: SeenRequest) => seen.httpMethod === "GET"],
    ["the end of a session", (seen: SeenRequest) => seen.httpMethod === "DELETE"],
  ])("is no word about a person's key: a 401 for %s", async (_name, isRefused) => {
    const fixture = await startMcpFixture({
      speaks: "sessions",
      intercept: (seen) => (isRefused(seen) ? new Response(null, { status: 401 }) : undefined),
    });
    closing.push(fixture.close);
    const refused = vi.fn(async () => Promise.reject(new Error("refused")));
    const personalKey = { accepted: async () => {}, refused };
    const { callTool, close } = connections();
    const { content } = await callTool(httpTarget(fixture.url, { personalKey }), echo);
    expect(content).toEqual(text("hi").content);
    await close();
    expect(fixture.requests.some(isRefused)).toBe(true);
    expect(refused).not.toHaveBeenCalled();
  });

  const question = {
    ...{ jsonrpc: "2.0", id: "q", method: "elicitation/create" },
    params: { message: "Sure?", requestedSchema: { type: "object", properties: {} } },
  };

  /** Python's servers ask there unless told which call they ask for. */
  async function asks(calls: number, elicit: Elicit) {
    let stream: ServerResponse | undefined;
    let running = 0;
    const { seen, target } = await server({
      stream: (response) => {
        stream = response.writeHead(200, events);
        stream.write(": hi\n\n");
      },
      during: async () => {
        running += 1;
        await until(() => running === calls && stream !== undefined);
        if (seen.answers.length === 0) stream?.write(event(question));
        await until(() => seen.answers.length > 0);
      },
    });
    const { callTool } = connections();
    await Promise.all(Array.from({ length: calls }, () => callTool(target, { ...echo, elicit })));
    return seen.answers;
  }

  test("may be a question of the only call under way", async () => {
    const elicit = vi.fn<Elicit>(async () => ({ action: "accept", content: {} }));
    expect(await asks(1, elicit)).toMatchObject([{ id: "q", result: { action: "accept" } }]);
  });

  test("reaches nobody if it is a question while two calls are under way", async () => {
    const elicit = vi.fn<Elicit>(async () => ({ action: "accept", content: {} }));
    const [answer] = await asks(2, elicit);
    expect(answer).toMatchObject({ id: "q", result: { action: "decline" } });
    expect(elicit).not.toHaveBeenCalled();
  });
});

const waitsForLock = `SELECT 1 FROM pg_stat_activity
  WHERE datname = current_database() AND wait_event_type = 'Lock' LIMIT 1`;

test("tools that a server adds one after another are all in its list", async () => {
  const servers: McpServer[] = [];
  const fixture = await startMcpFixture({
    speaks: "sessions",
    tools: (each) => {
      servers.push(each);
      fixtureTools(each);
    },
  });
  const usher = await startInstallation();
  closing.push(() => usher.close(), fixture.close);
  const admin = await usher.join("ADMIN");
  const json = serverInput({ name: "Growing", url: fixture.url });
  const { id } = await (await admin.visit(create, { path: "/api/mcp-servers", json })).json();
  const path = `/api/mcp-servers/${id}/test`;
  const tested = await admin.visit(testServer, { path, params: { serverId: id }, method: "POST" });
  await tested.text();
  const hears = () => fixture.requests.some(({ httpMethod }) => httpMethod === "GET");
  await until(hears);

  const names = async () => {
    const catalogue = await usher.app.db.toolCatalogue.findUnique({ where: { serverId: id } });
    return JSON.stringify(catalogue?.tools);
  };
  const add = (name: string) => {
    for (const each of servers) each.registerTool(name, {}, async () => text(name));
  };
  const isListed = (name: string) => until(async () => (await names()).includes(`"${name}"`));
  add("first_new");
  await isListed("first_new");
  // While the list rests that was just read.
  add("second_new");
  await isListed("second_new");
  // While the list that has just come is being saved.
  const other = new pg.Client(usher.database.url);
  await other.connect();
  closing.push(() => other.end());
  await other.query('BEGIN; LOCK TABLE "ToolCatalogue" IN EXCLUSIVE MODE');
  add("third_new");
  await until(async () => (await other.query(waitsForLock)).rowCount === 1);
  add("fourth_new");
  await delay(300);
  await other.query("COMMIT");
  await isListed("fourth_new");
});
