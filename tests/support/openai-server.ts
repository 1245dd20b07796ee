import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { fingerprint } from "@/demo/authorization-server/request-log";
import { openLoopbackListener } from "@/demo/loopback-listener";

/** The model's next steps. They run in order; without an `error` or `drop` the answer ends normally. */
export type ModelStep =
  /** Text, in as many deltas as there are strings. */
  | { type: "text"; deltas: readonly string[]; everyMs?: number }
  /** A tool call whose arguments arrive in this many pieces (4 unless given). */
  | { type: "tool-call"; name: string; arguments: unknown; id?: string; pieces?: number }
  /** Nothing is sent for this long. */
  | { type: "pause"; ms: number }
  /** Nothing is sent until this resolves. */
  | { type: "wait"; until: Promise<unknown> }
  /** As the first step: an error response, without a body if the message is empty; later: an error in the stream. */
  | { type: "error"; status: number; message?: string; retryAfter?: string | number }
  /** Each verbatim, in a stream; with `ends`, nothing follows, not even the usual finish. */
  | { type: "chunks"; chunks: readonly object[]; ends?: "done" | "cut" }
  /** The connection is cut in the middle of the answer. */
  | { type: "drop" };

export interface ChatMessage {
  role: "system" | "developer" | "user" | "assistant" | "tool";
  content?: unknown;
  tool_calls?: { id: string; function: { name: string; arguments: string } }[];
  tool_call_id?: string;
}

export interface ChatCompletionRequest {
  model: string;
  messages: ChatMessage[];
  tools?: {
    type: "function";
    function: { name: string; description?: string; parameters: unknown };
  }[];
  stream?: boolean;
  [parameter: string]: unknown;
}

export interface SeenChatCompletion {
  readonly at: Date;
  readonly body: ChatCompletionRequest;
  /** Enough of the hash of `Authorization` to compare it; null if there was none. */
  readonly authorizationHash: string | null;
  /** Each chunk sent, with the time in ms since the epoch. */
  readonly chunks: { at: number; data: string }[];
  /** When the client disconnected before the end. */
  abortedAt: Date | null;
}

/** @param turn the number of earlier requests, 0 for the first */
export type ModelScript = (
  request: ChatCompletionRequest,
  turn: number,
) => readonly ModelStep[] | Promise<readonly ModelStep[]>;

export interface OpenAiServer {
  /** The base URL, which ends in `/v1`. */
  readonly url: string;
  readonly requests: readonly SeenChatCompletion[];
  /** Replaces the script that it was started with. */
  setScript(script: ModelScript): void;
  /** What `GET /v1/models` answers from now on. */
  setModels(status: number, body: unknown): void;
  close(): Promise<void>;
}

/** An OpenAI-compatible server on 127.0.0.1 that follows its script. */
export async function startOpenAiServer(
  script: ModelScript,
  options: { port?: number } = {},
): Promise<OpenAiServer> {
  const listener = await openLoopbackListener(options.port);
  const requests: SeenChatCompletion[] = [];
  let current = script;
  let list: { status: number; body: unknown } = {
    status: 200,
    body: { object: "list", data: [{ id: "practice-model", object: "model" }] },
  };
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    if (request.method === "GET" && request.url === "/v1/models") {
      return sendJson(response, list.status, list.body);
    }
    if (request.method !== "POST" || request.url !== "/v1/chat/completions") {
      return sendJson(response, 404, { error: { message: `No ${request.method} ${request.url}` } });
    }
    const body = JSON.parse(await textOf(request)) as ChatCompletionRequest;
    const { authorization } = request.headers;
    const seen: SeenChatCompletion = {
      at: new Date(),
      body,
      authorizationHash: authorization === undefined ? null : fingerprint(authorization),
      chunks: [],
      abortedAt: null,
    };
    response.once("close", () => {
      if (!response.writableFinished) seen.abortedAt = new Date();
    });
    requests.push(seen);
    const steps = await current(body, requests.length - 1);
    const [first] = steps;
    if (first?.type === "error") return sendError(response, first);
    await (body.stream ? stream(response, body.model, steps, seen) : whole(response, body, steps));
  };
  listener.serve((request, response) => {
    serve(request, response).catch((error: Error) => {
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { error: { message: error.message, type: "server_error" } });
    });
  });
  return {
    url: `${listener.url}/v1`,
    requests,
    setScript: (next) => {
      current = next;
    },
    setModels: (status, body) => {
      list = { status, body };
    },
    close: listener.close,
  };
}

async function stream(
  response: ServerResponse,
  model: string,
  steps: readonly ModelStep[],
  seen: SeenChatCompletion,
): Promise<void> {
  const envelope = { id: "chatcmpl-practice", object: "chat.completion.chunk", created: 0, model };
  const sendData = (data: string) => {
    seen.chunks.push({ at: Date.now(), data });
    response.write(`data: ${data}\n\n`);
  };
  const send = (delta: object, finish: string | null = null) =>
    sendData(
      JSON.stringify({ ...envelope, choices: [{ index: 0, delta, finish_reason: finish }] }),
    );
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  send({ role: "assistant", content: "" });
  let toolCalls = 0;
  for (const step of steps) {
    if (response.destroyed) return;
    if (step.type === "text") {
      for (const [index, content] of step.deltas.entries()) {
        if (index > 0 && step.everyMs) await delay(step.everyMs);
        send({ content });
      }
    } else if (step.type === "tool-call") {
      for (const delta of toolCallDeltas(step, toolCalls)) send({ tool_calls: [delta] });
      toolCalls += 1;
    } else if (step.type === "error") {
      sendData(
        JSON.stringify({
          error: { message: step.message ?? "Practice fault.", type: "server_error" },
        }),
      );
      response.end();
      return;
    } else if (step.type === "chunks") {
      for (const each of step.chunks) sendData(JSON.stringify({ ...envelope, ...each }));
      if (step.ends === undefined) continue;
      response.end(step.ends === "done" ? "data: [DONE]\n\n" : "");
      return;
    } else if (step.type === "drop") {
      response.socket?.resetAndDestroy();
      return;
    } else {
      await wait(step);
    }
  }
  send({}, toolCalls > 0 ? "tool_calls" : "stop");
  sendData(
    JSON.stringify({
      ...envelope,
      choices: [],
      usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
    }),
  );
  response.end("data: [DONE]\n\n");
}

async function whole(
  response: ServerResponse,
  request: ChatCompletionRequest,
  steps: readonly ModelStep[],
): Promise<void> {
  let content = "";
  const calls: object[] = [];
  for (const step of steps) {
    if (step.type === "text") content += step.deltas.join("");
    else if (step.type === "tool-call") {
      const [head, ...rest] = toolCallDeltas(step, calls.length);
      const pieces = rest.map((delta) => delta.function.arguments).join("");
      calls.push({ ...head, function: { name: step.name, arguments: pieces } });
    } else if (step.type === "error") return sendError(response, step);
    else if (step.type === "drop") {
      response.socket?.resetAndDestroy();
      return;
    } else if (step.type === "chunks") {
      throw new Error("Chunks belong in a stream.");
    } else await wait(step);
  }
  sendJson(response, 200, {
    id: "chatcmpl-practice",
    object: "chat.completion",
    created: 0,
    model: request.model,
    choices: [
      {
        index: 0,
        message: { role: "assistant", content, ...(calls.length > 0 && { tool_calls: calls }) },
        finish_reason: calls.length > 0 ? "tool_calls" : "stop",
      },
    ],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  });
}

function toolCallDeltas(step: Extract<ModelStep, { type: "tool-call" }>, index: number) {
  const text = typeof step.arguments === "string" ? step.arguments : JSON.stringify(step.arguments);
  const length = Math.max(1, Math.ceil(text.length / (step.pieces ?? 4)));
  const pieces = text.match(new RegExp(`[\\s\\S]{1,${length}}`, "g")) ?? [""];
  const id = step.id ?? `call_${Math.random().toString(36).slice(2, 12)}`;
  return [
    { index, id, type: "function", function: { name: step.name, arguments: "" } },
    ...pieces.map((piece) => ({ index, function: { arguments: piece } })),
  ];
}

async function wait(step: Extract<ModelStep, { type: "pause" | "wait" }>): Promise<void> {
  await (step.type === "pause" ? delay(step.ms) : step.until);
}

function sendError(response: ServerResponse, step: Extract<ModelStep, { type: "error" }>): void {
  if (step.retryAfter !== undefined) response.setHeader("Retry-After", step.retryAfter);
  if (step.message === "") return void response.writeHead(step.status).end();
  sendJson(response, step.status, {
    error: { message: step.message ?? "Practice fault.", type: "server_error", code: null },
  });
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
