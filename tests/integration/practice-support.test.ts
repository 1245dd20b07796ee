import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import {
  Client,
  SSEClientTransport,
  StreamableHTTPClientTransport,
  type Transport,
} from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { streamText, tool } from "ai";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { openLoopbackListener } from "@/demo/loopback-listener";
import type { PracticeReady } from "@/demo/practice";
import {
  STDIO_SERVER,
  startEverythingServer,
  startHeaderKeyMcpServer,
  startHtmlSite,
  startPlainMcpServer,
  startSseMcpServer,
} from "@/tests/support/mcp-servers";
import { type ModelScript, startOpenAiServer } from "@/tests/support/openai-server";

async function connected(transport: Transport): Promise<Client> {
  const mcp = new Client(
    { name: "practice-test", version: "1.0.0" },
    { versionNegotiation: { mode: "auto" } },
  );
  await mcp.connect(transport);
  return mcp;
}

const http = (url: string, headers: Record<string, string> = {}) =>
  new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } });
const sse = (url: string) => new SSEClientTransport(new URL(url));

async function echo(mcp: Client): Promise<unknown> {
  const { content } = await mcp.callTool({ name: "echo", arguments: { message: "hello" } });
  return content[0];
}

describe("the practice process", () => {
  function run(options: object) {
    const child = spawn(process.execPath, ["--import", "tsx", "demo/practice.ts"], {
      env: { ...process.env, PRACTICE_OPTIONS: JSON.stringify(options) },
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    return { child, exited: once(child, "exit"), output: () => ({ stdout, stderr }) };
  }
  const options = {
    redirectUris: ["http://127.0.0.1:9/oauth/callback"],
    clientSecret: "a-secret-of-the-demo",
  };

  it("prints one line of JSON when it is ready, and exits cleanly when it is told to", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "practice-process-"));
    const { child, exited, output } = run({ ...options, dataDir });
    await once(child.stdout, "data");
    const ready = JSON.parse(output().stdout) as PracticeReady;
    expect(ready.ready).toBe(true);
    expect(ready.calendar).toBeNull();
    expect((await fetch(ready.handbook.url, { method: "POST" })).status).toBe(401);
    expect((await fetch(ready.personal.url, { method: "POST" })).status).toBe(401);
    expect(output().stdout).not.toContain(options.clientSecret);
    child.kill("SIGTERM");
    expect(await exited).toEqual([0, null]);
    expect(output().stderr).toBe("");
    expect(output().stdout.trim().split("\n")).toHaveLength(1);
    await rm(dataDir, { recursive: true, force: true });
  });

  it("starts an identity provider that admits people to a third server, if told to", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "practice-process-"));
    const clientSecret = "a-secret-of-the-sign-in";
    const redirectUri = "http://127.0.0.1:9/api/auth/callback/oidc";
    const { child, exited, output } = run({
      ...{ ...options, dataDir, signIn: { redirectUri, clientSecret } },
    });
    await once(child.stdout, "data");
    const { calendar, provider } = JSON.parse(output().stdout) as PracticeReady;
    expect((await fetch(calendar?.url ?? "", { method: "POST" })).status).toBe(401);
    const metadata = await fetch(`${provider.issuer}/.well-known/openid-configuration`);
    expect(await metadata.json()).toMatchObject({
      authorization_grant_profiles_supported: ["urn:ietf:params:oauth:grant-profile:id-jag"],
    });
    expect(output().stdout).not.toContain(clientSecret);
    child.kill("SIGTERM");
    expect(await exited).toEqual([0, null]);
    await rm(dataDir, { recursive: true, force: true });
  });

  it("names the port that is in use", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "practice-process-"));
    const other = await openLoopbackListener();
    const { exited, output } = run({ ...options, dataDir, handbookPort: other.port });
    expect(await exited).toEqual([1, null]);
    expect(output().stderr.trim()).toBe(`Port ${other.port} is taken by another program.`);
    await other.close();
    await rm(dataDir, { recursive: true, force: true });
  });
});

describe("MCP servers for tests", () => {
  it("speaks over stdin and stdout, and reports its environment", async () => {
    const mcp = await connected(
      new StdioClientTransport({
        command: STDIO_SERVER.command,
        args: [...STDIO_SERVER.args],
        env: { PRACTICE_GREETING: "Good morning" },
      }),
    );
    const sum = await mcp.callTool({ name: "add_numbers", arguments: { a: 2, b: 3 } });
    expect(sum.structuredContent).toEqual({ sum: 5 });
    const { structuredContent } = await mcp.callTool({ name: "describe_environment" });
    expect(structuredContent).toMatchObject({ greeting: "Good morning" });
    await mcp.close();
  });

  it("serves without authentication", async () => {
    const server = await startPlainMcpServer();
    const mcp = await connected(http(server.url));
    expect(await echo(mcp)).toEqual({ type: "text", text: "hello" });
    expect((await mcp.callTool({ name: "fail" })).isError).toBe(true);
    expect(server.requests.at(-1)?.toolName).toBe("fail");
    await mcp.close();
    await server.close();
  });

  it("serves clients that have the key", async () => {
    const server = await startHeaderKeyMcpServer("the-key");
    await expect(connected(http(server.url))).rejects.toThrow();
    const mcp = await connected(http(server.url, { "X-Api-Key": "the-key" }));
    expect(await echo(mcp)).toEqual({ type: "text", text: "hello" });
    await mcp.close();
    await server.close();
  });

  it("serves the deprecated SSE transport", async () => {
    const server = await startSseMcpServer();
    const mcp = await connected(sse(server.url));
    expect(await echo(mcp)).toEqual({ type: "text", text: "hello" });
    await mcp.close();
    await server.close();
  });

  it.each(["streamableHttp", "sse"] as const)("runs server-everything over %s", async (kind) => {
    const server = await startEverythingServer(kind);
    const mcp = await connected(kind === "sse" ? sse(server.url) : http(server.url));
    expect(await echo(mcp)).toEqual({ type: "text", text: "Echo: hello" });
    await mcp.close();
    await server.close();
  });

  it("offers a web site that is not an MCP server", async () => {
    const site = await startHtmlSite();
    await expect(connected(http(site.url))).rejects.toThrow();
    await site.close();
  });
});

describe("the OpenAI-compatible test server", () => {
  async function ask(script: ModelScript) {
    const server = await startOpenAiServer(script);
    const provider = createOpenAICompatible({
      name: "practice",
      baseURL: server.url,
      apiKey: "practice-key",
    });
    const errors: unknown[] = [];
    const result = streamText({
      model: provider("practice-model"),
      prompt: "Add two and three.",
      maxRetries: 0,
      onError: ({ error }) => void errors.push(error),
      tools: { add: tool({ inputSchema: z.object({ a: z.number(), b: z.number() }) }) },
    });
    return { server, result, errors };
  }

  it("streams text chunk by chunk, with the given delay between them", async () => {
    const { server, result } = await ask(() => [
      { type: "text", deltas: ["One", " two", " three"], everyMs: 60 },
    ]);
    let text = "";
    for await (const delta of result.textStream) text += delta;
    expect(text).toBe("One two three");
    const chunks = server.requests[0]?.chunks ?? [];
    const told = chunks.filter(({ data }) => /One| two| three/.test(data));
    expect(told).toHaveLength(3);
    // Node's timers may fire a millisecond early.
    expect((told[2]?.at ?? 0) - (told[0]?.at ?? 0)).toBeGreaterThanOrEqual(115);
    await server.close();
  });

  it("sends tool calls whose arguments arrive in pieces", async () => {
    const { server, result } = await ask(() => [
      { type: "tool-call", name: "add", arguments: { a: 2, b: 3 }, pieces: 5 },
    ]);
    await result.consumeStream();
    expect(await result.toolCalls).toMatchObject([{ toolName: "add", input: { a: 2, b: 3 } }]);
    expect(await result.finishReason).toBe("tool-calls");
    const pieces = server.requests[0]?.chunks.filter(({ data }) => data.includes("arguments"));
    expect(pieces?.length).toBeGreaterThanOrEqual(5);
    await server.close();
  });

  it.each([429, 500])("answers %i", async (status) => {
    const { server, result, errors } = await ask(() => [{ type: "error", status }]);
    await result.consumeStream();
    expect(errors).toMatchObject([{ statusCode: status }]);
    await server.close();
  });

  it("cuts the connection in the middle, and notices when the client does", async () => {
    const { server, result, errors } = await ask(() => [
      { type: "text", deltas: ["Half"] },
      { type: "drop" },
    ]);
    await result.consumeStream();
    expect(errors).toHaveLength(1);

    let release = () => {};
    const until = new Promise<void>((resolve) => {
      release = resolve;
    });
    server.setScript(() => [
      { type: "text", deltas: ["A"] },
      { type: "wait", until },
    ]);
    const stop = new AbortController();
    const response = await fetch(`${server.url}/chat/completions`, {
      method: "POST",
      body: JSON.stringify({ model: "m", messages: [], stream: true }),
      signal: stop.signal,
    });
    await response.body?.getReader().read();
    stop.abort();
    await expect.poll(() => server.requests[1]?.abortedAt).toBeInstanceOf(Date);
    release();
    await server.close();
  });
});
