import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { askingTools, contractTool } from "@/demo/mcp-server/asking-tools";
import { InputRequiredError } from "@/lib/errors";
import type { Elicit, Elicitation, ElicitationResponse } from "@/lib/mcp/elicitation";
import type { CallLimits } from "@/lib/mcp/target";
import {
  fixtureConnections,
  httpTarget,
  type McpFixture,
  startMcpFixture,
} from "@/tests/support/mcp-fixture";
import { startEverythingServer, type TestMcpServer } from "@/tests/support/mcp-servers";

const page = "https://calendar.example/sign-in";
const signed = new Set<string>();
let connections: ReturnType<typeof fixtureConnections>;
let server: McpFixture;

beforeEach(() => {
  signed.clear();
  connections = fixtureConnections();
});
afterEach(async () => {
  await connections.close();
  await server?.close();
});

async function start(speaks: "sessions" | "modern"): Promise<void> {
  server = await startMcpFixture({
    speaks,
    tools: (mcp) => {
      askingTools(mcp, page);
      contractTool(mcp, page, signed);
    },
  });
}

const booking = { name: "book_room", input: { room: "Lovelace" } };
const accepted: ElicitationResponse = {
  action: "accept",
  content: { day: "2026-12-01", people: 3, coffee: true },
};

function call(given: object, callLimits?: CallLimits) {
  const target = httpTarget(server.url, callLimits && { callLimits });
  return connections.callTool(target, { ...booking, ...given });
}

const words = async (result: ReturnType<typeof call>) => (await result).content;
const said = (text: string) => [{ type: "text", text }];

async function requiredInput(result: Promise<unknown>): Promise<InputRequiredError> {
  const error = await result.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof InputRequiredError)) throw new Error(`No input was required: ${error}`);
  return error;
}

describe("a server of 2026-07-28 that asks during a call", () => {
  beforeEach(() => start("modern"));

  it("gets the answers with the same call again, and its own state back", async () => {
    const required = await requiredInput(call({}));
    expect(required).toMatchObject({
      flow: "INPUT_REQUIRED",
      requestState: "booking Lovelace",
      requests: {
        answer: { mode: "form", message: "When do you need Lovelace, and for how many?" },
      },
    });
    const again = { inputResponses: { answer: accepted }, requestState: required.requestState };
    expect(await words(call(again))).toEqual(said("Booked Lovelace on 2026-12-01 for 3."));
    const declined = { inputResponses: { answer: { action: "decline" } } };
    expect(await words(call(declined))).toEqual(said("Not booked: decline."));
  });

  it("may ask to have a page opened, which nothing here fetches", async () => {
    const link = { name: "link_calendar", input: {} };
    const required = await requiredInput(call(link));
    expect(required.requests).toEqual({
      answer: { mode: "url", message: "Sign in to your calendar.", url: page },
    });
    const again = { ...link, inputResponses: { answer: { action: "accept" } } };
    expect(await words(call(again))).toEqual(said("Linked."));
  });

  it("is told that a person can be asked for forms and pages, and nothing else", async () => {
    await requiredInput(call({}));
    const [sent] = server.requests.filter(({ method }) => method === "tools/call");
    const meta = sent?.message?.params?._meta as Record<string, unknown>;
    expect(meta["io.modelcontextprotocol/clientCapabilities"]).toEqual({
      elicitation: { form: {}, url: {} },
    });
  });
});

describe("a server of 2025-11-25 that asks during a call", () => {
  beforeEach(() => start("sessions"));

  it("gets the answer while its call is open", async () => {
    const asked: Elicitation[] = [];
    const elicit: Elicit = async (question) => {
      asked.push(question);
      return accepted;
    };
    expect(await words(call({ elicit }))).toEqual(said("Booked Lovelace on 2026-12-01 for 3."));
    expect(asked).toMatchObject([{ mode: "form", requestedSchema: { type: "object" } }]);
  });

  it("is told about a decline, a cancel, and a decline if no one can be asked", async () => {
    for (const action of ["decline", "cancel"] as const) {
      const elicit: Elicit = async () => ({ action });
      expect(await words(call({ elicit }))).toEqual(said(`Not booked: ${action}.`));
    }
    expect(await words(call({}))).toEqual(said("Not booked: decline."));
  });

  it("waits for the person longer than it may itself stay silent", async () => {
    const elicit: Elicit = () => new Promise((resolve) => setTimeout(() => resolve(accepted), 900));
    const result = call({ elicit }, { silenceMs: 400, totalMs: 60_000 });
    expect(await words(result)).toEqual(said("Booked Lovelace on 2026-12-01 for 3."));
  });

  it("asks the person who made the call when two people share the connection", async () => {
    const people = ["Ada", "Bob", "Eve", "Lin"];
    const results = await Promise.all(
      people.map((person) => {
        const elicit: Elicit = async ({ message }) => {
          expect(message).toBe(`When do you need ${person}'s room, and for how many?`);
          return { action: "accept", content: { day: "2026-12-01", people: 2 } };
        };
        return words(call({ input: { room: `${person}'s room` }, elicit }));
      }),
    );
    expect(results).toEqual(
      people.map((person) => said(`Booked ${person}'s room on 2026-12-01 for 2.`)),
    );
    expect(server.methods().filter((method) => method === "initialize")).toHaveLength(1);
  });

  // ArcadeAI/arcade-mcp#828, modelcontextprotocol/modelcontextprotocol#2978
  it.each([
    ["null for a type", { requestedSchema: { properties: { a: { type: ["string", "null"] } } } }],
    ["a format of its own", { requestedSchema: { properties: { a: { format: "color" } } } }],
    ["its schema under an older name", { schema: { properties: { a: { type: "string" } } } }],
    ["a page without an id", { mode: "url", url: page }],
    ["a page without a mode", { url: page }],
    ["a mode in capitals", { mode: "URL", url: page }],
    ["its schema in a text", { requestedSchema: '{"type":"object"}' }],
  ])("reaches the person with %s, which the call survives", async (_name, params) => {
    const asked = { jsonrpc: "2.0", id: "q1", method: "elicitation/create" };
    let push = (_message: object) => {};
    let callId: unknown;
    let reply: unknown;
    await server.close();
    server = await startMcpFixture({
      speaks: "sessions",
      intercept: ({ method, message }) => {
        if (method === "tools/call") {
          callId = message?.id;
          const body = new ReadableStream<Uint8Array>({
            start(controller) {
              push = (each) =>
                controller.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(each)}\n\n`));
              push({ ...asked, params: { message: "Which?", ...params } });
            },
          });
          return new Response(body, { headers: { "content-type": "text/event-stream" } });
        }
        if (message?.id !== "q1") return undefined;
        reply = message;
        push({ jsonrpc: "2.0", id: callId, result: { content: said("Thanks.") } });
        return new Response(null, { status: 202 });
      },
    });
    const questions: Elicitation[] = [];
    const elicit: Elicit = async (question) => {
      questions.push(question);
      return { action: "decline" };
    };
    expect(await words(call({ elicit }))).toEqual(said("Thanks."));
    expect(questions).toMatchObject([{ message: "Which?" }]);
    expect(questions[0]).not.toMatchObject({ requestedSchema: undefined });
    expect(reply).toMatchObject({ id: "q1", result: { action: "decline" } });
  });

  it("ends the question with the call", async () => {
    const stop = new AbortController();
    let ended = false;
    const elicit: Elicit = (_question, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => {
          ended = true;
          reject(signal.reason);
        });
        stop.abort(new Error("stopped"));
      });
    await expect(call({ elicit, signal: stop.signal })).rejects.toThrow("stopped");
    expect(ended).toBe(true);
  });

  it("may refuse a call until a page was opened, and accepts the same call again", async () => {
    const contract = { name: "file_contract", input: { name: "lease" } };
    const required = await requiredInput(call(contract));
    expect(required).toMatchObject({
      flow: "URL_REQUIRED",
      requests: { 0: { mode: "url", message: "Read and sign lease.", url: page } },
    });
    signed.add("lease");
    expect(await words(call(contract))).toEqual(said("Filed lease."));
  });
});

describe("server-everything", () => {
  let everything: TestMcpServer;
  afterEach(() => everything.close());

  it.each([
    ["streamableHttp", "STREAMABLE_HTTP"],
    ["sse", "SSE"],
  ] as const)("asks over %s, and gets what was entered", async (transport, kind) => {
    everything = await startEverythingServer(transport);
    const endpoint = { transport: kind, url: everything.url, headers: {} };
    const target = httpTarget(everything.url, { endpoint });
    const elicit: Elicit = async () => ({ action: "accept", content: { name: "Ada Lovelace" } });
    const name = "trigger-elicitation-request";
    const result = await connections.callTool(target, { name, input: {}, elicit });
    expect(JSON.stringify(result.content)).toContain("Ada Lovelace");
  });

  it("is declined over SSE while two calls are open: it cannot tell whose question it is", async () => {
    everything = await startEverythingServer("sse");
    const endpoint = { transport: "SSE" as const, url: everything.url, headers: {} };
    const target = httpTarget(everything.url, { endpoint });
    const stop = new AbortController();
    const slow = { duration: 20, steps: 2 };
    const other = connections.callTool(target, {
      name: "trigger-long-running-operation",
      input: slow,
      signal: stop.signal,
    });
    const elicit: Elicit = async () => {
      throw new Error("Nobody may be asked.");
    };
    const name = "trigger-elicitation-request";
    const result = await connections.callTool(target, { name, input: {}, elicit });
    expect(JSON.stringify(result.content)).toMatch(/decline/i);
    stop.abort(new Error("enough"));
    await expect(other).rejects.toThrow("enough");
  });
});
