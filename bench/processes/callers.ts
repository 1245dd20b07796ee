// Whoever calls and is not Usher: the official SDK's client, bare HTTP, somebody who uses mcp-hub, a
// browser that loads or chats, the AI SDK. Each runs in its own process.

import { randomUUID } from "node:crypto";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { streamText } from "ai";
import { EventSourceParserStream } from "eventsource-parser/stream";
import { Agent } from "undici";
import { serve } from "../child";
import type { Era } from "./lean-mcp-server";
import { type CallRound, runCalls, runRound } from "./loop";

interface McpCalls {
  url: string;
  token: string;
}

export interface ChatAnswer {
  firstTokenMs: number;
  text: string;
}

const agent = new Agent();
const connected = new Map<string, Promise<Client>>();

const commands = {
  /** The official SDK's client, v2, as its documentation says, with the token as a fixed header. */
  async sdkCalls({ url, token, ...round }: McpCalls & CallRound) {
    const connecting = connected.get(url) ?? connect(url, token);
    connected.set(url, connecting);
    const client = await connecting;
    return runCalls((text) => callEcho(client, text), round);
  },

  /** Connects a new client and calls once. */
  async sdkColdCall({ url, token }: McpCalls) {
    const clients: Client[] = [];
    const call = async (text: string) => {
      const client = await connect(url, token);
      clients.push(client);
      return callEcho(client, text);
    };
    const measured = await runCalls(call, { calls: 1, concurrency: 1 });
    for (const client of clients) await client.close();
    return measured;
  },

  /** The least that a call can cost on Node: one POST over a kept connection and JSON.parse. */
  async rawCalls({ url, token, era, ...round }: McpCalls & CallRound & { era: Era }) {
    const modern = era === "modern";
    const headers = {
      accept: "application/json, text/event-stream",
      authorization: `Bearer ${token}`,
      "mcp-protocol-version": modern ? "2026-07-28" : "2025-11-25",
      ...(modern
        ? { "mcp-method": "tools/call", "mcp-name": "echo" }
        : { "mcp-session-id": "raw" }),
    };
    const _meta = {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": { name: "bench", version: "1.0.0" },
      "io.modelcontextprotocol/clientCapabilities": {},
    };
    let id = 0;
    return runCalls(async (text) => {
      const params = { name: "echo", arguments: { text }, ...(modern ? { _meta } : {}) };
      const message = { jsonrpc: "2.0", id: id++, method: "tools/call", params };
      const { body } = await post(url, headers, message);
      return JSON.parse(await body.text()).result.content[0].text;
    }, round);
  },

  /** A running mcp-hub over its REST interface, the only one it has. */
  async hubCalls({ url, serverName, ...round }: CallRound & { url: string; serverName: string }) {
    return runCalls(async (text) => {
      const call = { server_name: serverName, tool: "echo", arguments: { text } };
      const { statusCode, body } = await post(`${url}/api/servers/tools`, {}, call);
      const answer = (await body.json()) as { result?: { content: { text: string }[] } };
      if (statusCode !== 200) throw new Error(JSON.stringify(answer).slice(0, 300));
      return answer.result?.content[0]?.text ?? "";
    }, round);
  },

  /**
   * GETs over kept connections. Every answer has to be `answer`, except for the numbers that count down;
   * null: it changes with time, and only its status counts.
   */
  async gets({ url, headers, answer, ...round }: CallRound & Gets) {
    const { origin, pathname, search } = new URL(url);
    const expected = answer === null ? null : withoutCountdowns(answer);
    return runRound(async () => {
      const asked = { origin, path: pathname + search, method: "GET", headers } as const;
      const { statusCode, body } = await agent.request(asked);
      const text = withoutCountdowns(await body.text());
      if (statusCode !== 200 || (expected !== null && text !== expected)) {
        const at = [...text].findIndex((character, index) => character !== expected?.[index]);
        throw new Error(
          `A wrong answer (${statusCode}), from ${at} on: ${text.slice(at, at + 100)}`,
        );
      }
    }, round);
  },

  /** A turn of Usher's chat, until its answer is complete. */
  async chatTurn({ url, cookie, conversationId, text }: Turn): Promise<ChatAnswer> {
    const startedAt = performance.now();
    const response = await fetch(`${url}/api/chat/conversations/${conversationId}/turn`, {
      method: "POST",
      headers: { cookie, origin: url, "content-type": "application/json" },
      body: JSON.stringify({ kind: "send", messageId: randomUUID(), text }),
    });
    if (!response.ok || !response.body) throw new Error(await response.text());
    const events = response.body
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(new EventSourceParserStream());
    const answer: ChatAnswer = { firstTokenMs: Number.NaN, text: "" };
    for await (const { data } of events) {
      const chunk = data === "[DONE]" ? null : JSON.parse(data);
      if (chunk?.type === "text-delta") append(answer, startedAt, chunk.delta);
    }
    return answer;
  },

  /** The same question, asked of the model itself by the AI SDK. */
  async modelTurn({ url, model, instructions, text }: ModelTurn): Promise<ChatAnswer> {
    const startedAt = performance.now();
    const provider = createOpenAICompatible({ name: "bench", baseURL: url });
    const result = streamText({ model: provider(model), system: instructions, prompt: text });
    const answer: ChatAnswer = { firstTokenMs: Number.NaN, text: "" };
    for await (const delta of result.textStream) append(answer, startedAt, delta);
    return answer;
  },
};
export type Caller = typeof commands;

interface Gets {
  url: string;
  headers: Record<string, string>;
  answer: string | null;
}

interface Turn {
  url: string;
  cookie: string;
  conversationId: string;
  text: string;
}

interface ModelTurn {
  url: string;
  model: string;
  instructions: string;
  text: string;
}

async function connect(url: string, token: string): Promise<Client> {
  const client = new Client(
    { name: "bench", version: "1.0.0" },
    { versionNegotiation: { mode: "auto" } },
  );
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
  return client;
}

async function callEcho(client: Client, text: string): Promise<string> {
  const result = await client.callTool({ name: "echo", arguments: { text } });
  const [first] = result.content;
  return first?.type === "text" ? first.text : "";
}

function post(url: string, headers: Record<string, string>, message: unknown) {
  const { origin, pathname } = new URL(url);
  return agent.request({
    ...{ origin, path: pathname, method: "POST", body: JSON.stringify(message) },
    headers: { "content-type": "application/json", ...headers },
  });
}

/** A connection's standing says in how many ms time alone changes it. */
function withoutCountdowns(text: string): string {
  return text.replace(/"changesInMs":\d+/g, '"changesInMs":0');
}

function append(answer: ChatAnswer, startedAt: number, delta: string): void {
  if (answer.text === "") answer.firstTokenMs = performance.now() - startedAt;
  answer.text += delta;
}

serve(commands);
