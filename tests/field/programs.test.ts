import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test, vi } from "vitest";
import { closedAfterEach } from "@/tests/support/closed-after-each";
import { fixtureConnections, httpTarget } from "@/tests/support/mcp-fixture";

const closing = closedAfterEach();

/** A program as a server; `source` is plain JavaScript. */
async function program(source: string, environment: Record<string, string> = {}) {
  const folder = await mkdtemp(path.join(tmpdir(), "usher-program-"));
  const script = path.join(folder, "server.mjs");
  await writeFile(script, source);
  const mcp = fixtureConnections();
  closing.push(mcp.close, () => rm(folder, { recursive: true }));
  const command = { command: process.execPath, args: [script], environment };
  const callLimits = { silenceMs: 15_000, totalMs: 15_000 };
  const target = httpTarget("", { endpoint: { transport: "STDIO", ...command }, callLimits });
  const call = () => mcp.callTool(target, { name: "echo", input: {} });
  return { call, told: () => call().then(JSON.stringify, (error) => error.userMessage) };
}

const done = { content: [{ type: "text", text: "done" }] };

/** A server that answers by these lines first; `id`, `method` and `say` are known there. */
const server = (lines: string, { before = "", answeredId = "id" } = {}) => `
import readline from "node:readline";
const say = (value) => process.stdout.write(JSON.stringify({ jsonrpc: "2.0", ...value }) + "\\n");
const done = ${JSON.stringify(done)};
${before}
readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const { id: asked, method, params } = JSON.parse(line);
  const id = ${answeredId === "id" ? "asked" : answeredId};
  const init = { protocolVersion: "2025-06-18", capabilities: {}, serverInfo: { name: "x" } };
  ${lines}
  if (asked === undefined) return;
  if (method === "initialize") say({ id, result: init });
  else if (method === "tools/call") say({ id, result: done });
  else say({ id, error: { code: -32601, message: "Method not found" } });
});`;

describe("a program that ends", () => {
  // auth0/auth0-mcp-server#161, justadityaraj/shim-mcp#6
  test.each([
    ["a line", 'console.log("Error: GITHUB_TOKEN is required.");'],
    ["its usage", 'console.log("Usage: x\\nerror: GITHUB_TOKEN is required");'],
    [
      "a message",
      'console.log(JSON.stringify({ jsonrpc: "2.0", method: "notifications/message", params: { data: "GITHUB_TOKEN is required" } }));',
    ],
    // As @twilio-alpha/mcp does.
    [
      "a log's message of another kind",
      'console.log(JSON.stringify({ jsonrpc: "2.0", id: "7f", method: "log", params: { message: "GITHUB_TOKEN is required" } }));',
    ],
  ])("is quoted with what it wrote to stdout, such as %s", async (_name, write) => {
    const told = await (await program(`${write} process.exit(1);`)).told();
    expect(told).toContain("GITHUB_TOKEN is required");
  });

  test("in a call is quoted too, as one that may have run it", async () => {
    const dies = `if (method === "tools/call") { process.stdout.write("panic: index 5\\n"); return process.exit(2); }`;
    const told = await (await program(server(dies))).told();
    expect(told).toContain("It wrote: “panic: index 5”");
    expect(told).toContain("The call may have run");
  });

  test("is quoted without the secrets that it was given", async () => {
    const source = 'console.log("Bad key " + process.env.API_KEY); process.exit(1);';
    const told = await (await program(source, { API_KEY: "key-very-secret-123" })).told();
    expect(told).toContain("It wrote: “Bad key [removed]”");
  });
});

// As figma-developer-mcp does without --stdio.
test("a program that never gets ready is quoted", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "usher-started-"));
  closing.push(() => rm(folder, { recursive: true }));
  const started = path.join(folder, "started");
  const source = `import { writeFileSync } from "node:fs";
  process.stdout.write("HTTP server listening on port 3333\\n", () => writeFileSync(process.env.STARTED, ""));
  setInterval(() => {}, 1_000);`;
  const { told } = await program(source, { STARTED: started });
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const telling = told();
  while (!existsSync(started)) await new Promise(setImmediate);
  for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate);
  await vi.advanceTimersByTimeAsync(61_000);
  vi.useRealTimers();
  expect(await telling).toBe(
    "Fixture did not get ready in 60 seconds. Try its command by hand. It wrote: “HTTP server listening on port 3333”",
  );
});

// radareorg/radare2-mcp#68
test.each(["0", "null"])(
  "a program that gives each answer the id %s is understood",
  async (answeredId) => {
    const { call } = await program(server("", { answeredId }));
    expect(await call()).toMatchObject(done);
  },
);

// qpd-v/mcp-communicator-telegram#6
test("a program's answer to a notification is not taken for a call's, and not for a later one's", async () => {
  const answers = `if (method === "notifications/initialized") setTimeout(() => say({ error: { code: -32601, message: "Method not found" } }), 100);
  globalThis.calls ??= 0;
  if (method === "tools/call") return setTimeout(() => say({ id, result: done }), globalThis.calls++ ? 6_000 : 500);`;
  const { call } = await program(server(answers));
  expect(await call()).toMatchObject(done);
  expect(await call()).toMatchObject(done);
}, 20_000);

test("a program's error that names no request is told, also right after a notification", async () => {
  const fails = `if (method === "tools/call") return say({ error: { code: -32601, message: "No such method" } });`;
  expect(await (await program(server(fails))).told()).toContain("No such method");
}, 20_000);

// langchain4j/langchain4j#5292
test("a program that cancels a call ends it with its reason", async () => {
  const cancels = `if (method === "tools/call") return say({ method: "notifications/cancelled", params: { requestId: id, reason: "Query killed by admin" } });`;
  expect(await (await program(server(cancels))).told()).toBe(
    "Fixture answered with an error: “Query killed by admin”",
  );
});

test("a program that takes back its own question leaves the call", async () => {
  const asks = `if (method === undefined) return;
  if (method === "tools/call") {
    say({ id, method: "ping" });
    say({ method: "notifications/cancelled", params: { requestId: id, reason: "Too late" } });
    return setTimeout(() => say({ id, result: done }), 6_000);
  }`;
  expect(await (await program(server(asks))).call()).toMatchObject(done);
}, 20_000);

test("a program of 2026-07-28 that starts slowly is understood once its answer to the first question comes", async () => {
  const newer = `if (method === "server/discover") return say({ id, result: { supportedVersions: ["2026-07-28"], capabilities: { tools: {} } } });
  if (method === "initialize") return say({ id, error: { code: -32022, message: "Unsupported", data: { supported: ["2026-07-28"] } } });`;
  const before = "await new Promise((resolve) => setTimeout(resolve, 6_000));";
  expect(await (await program(server(newer, { before }))).call()).toMatchObject(done);
}, 40_000);
