import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll } from "vitest";
import type { ConversationDetail } from "@/lib/contracts/chat/chat";
import { type ChatFixture, send, startChatFixture, text } from "./chat-fixture";

export type SentRequest = {
  // biome-ignore lint/suspicious/noExplicitAny: a request of any of three APIs
  [field: string]: any;
};
export type Answer = (response: http.ServerResponse, body: SentRequest, n: number) => void;

/** What came of a conversation. */
export type Played = {
  /** Of the turns that failed. */
  problem: string;
  /** The parts of what the model wrote. */
  texts: string[];
  reasoning: string[];
  notices: string[];
  /** The arguments of each call that reached a tool. */
  calls: unknown[];
  requests: SentRequest[];
};

export type RawModelChat = {
  readonly chat: ChatFixture;
  /** A conversation with a model that answers as it is told, byte by byte. */
  play(answer: Answer, ...messages: string[]): Promise<Played>;
};
type Started = RawModelChat & { close(): Promise<void> };

/** For all tests of a file: call it at the file's top. */
export function rawModelChat(): RawModelChat {
  let started: Started;
  beforeAll(async () => {
    started = await start();
  });
  afterAll(() => started.close());
  return {
    get chat() {
      return started.chat;
    },
    play: (...told) => started.play(...told),
  };
}

const inputSchema = { type: "object", properties: { a: { type: "string" } } };

/** A chat with the tools `notes__go` and `notes__other`, and a model's API on 127.0.0.1, of whatever kind. */
async function start(): Promise<Started> {
  const run = ({ input }: { input: unknown }) => text(`got ${JSON.stringify(input)}`);
  const tools = ["go", "other"].map((name) => ({ name, readOnly: true, run, inputSchema }));
  const chat = await startChatFixture([{ name: "Notes", tools }], () => []);
  let current: Answer = (response) => response.end();
  let requests: SentRequest[] = [];
  const server = http.createServer(async (request, response) => {
    const body = JSON.parse(await textOf(request));
    requests.push(body);
    current(response, body, requests.length - 1);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  chat.ctx.modelEnv = { ...chat.ctx.modelEnv, openaiCompatibleBaseUrl: `${origin}/v1` };
  // The other kinds of APIs have usual addresses.
  chat.ctx.modelFetch = (input, init) => fetch(`${origin}${new URL(String(input)).pathname}`, init);
  return {
    chat,
    async play(answer, ...messages) {
      current = answer;
      requests = [];
      chat.calls.length = 0;
      const id = await chat.start();
      for (const message of messages.length > 0 ? messages : ["Go"]) {
        await chat.turn(id, send(message));
      }
      return played(await chat.read(id), chat, requests);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await chat.close();
    },
  };
}

function played(
  { messages }: ConversationDetail,
  { calls }: ChatFixture,
  requests: SentRequest[],
): Played {
  const parts = messages.flatMap((message) => (message.role === "user" ? [] : message.parts));
  return {
    problem: parts
      .map((part) => (part.type === "data-turn-error" ? part.data.message : ""))
      .join(""),
    texts: parts.flatMap((part) => (part.type === "text" ? [part.text] : [])),
    reasoning: parts.flatMap((part) => (part.type === "reasoning" ? [part.text] : [])),
    notices: parts.flatMap((part) => (part.type === "data-turn-notice" ? [part.data.message] : [])),
    calls: calls.map(({ input }) => input),
    requests,
  };
}

/** As a stream, and its end. */
export function streamed(response: http.ServerResponse, ...parts: string[]): void {
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  response.end(parts.join(""));
}

export function answered(
  response: http.ServerResponse,
  body: string | object,
  { status = 200, type = "application/json" } = {},
): void {
  response.writeHead(status, { "Content-Type": type });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}

export const done = "data: [DONE]\n\n";

/** One event with a chunk of Chat Completions, which the given fields replace in part. */
export function chunk(fields: object): string {
  const usual = { id: "x", object: "chat.completion.chunk", created: 1, model: "m" };
  return `data: ${JSON.stringify({ ...usual, ...fields })}\n\n`;
}

export function delta(content: object, finish: unknown = null): string {
  return chunk({ choices: [{ index: 0, delta: content, finish_reason: finish }] });
}

/** Pieces of tool calls, in one delta. */
export function pieces(...given: unknown[]): string {
  return delta({ tool_calls: given });
}

/** A piece with all of a call of `notes__go`, except for the given fields. */
export function callOf(args: unknown, more: object = {}, name: unknown = "notes__go"): object {
  const called = { name, arguments: args };
  return { index: 0, id: "call_a", type: "function", function: called, ...more };
}

/** The stream, and words once a tool has answered. */
export function once(...parts: string[]): Answer {
  return (response, { messages }) => {
    const isAnswered = JSON.stringify(messages).includes('"role":"tool"');
    streamed(response, ...(isAnswered ? said : parts));
  };
}

export const said = [delta({ content: "Done." }), delta({}, "stop"), done];

async function textOf(request: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const each of request as AsyncIterable<Buffer>) chunks.push(each);
  return Buffer.concat(chunks).toString("utf8");
}
