// A model's server that costs next to nothing: it says the same again and again, at the speed that it is told.

import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text as textOf } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { serve } from "../child";

export interface ModelPace {
  /** What each delta says: as long as the words of most models. */
  word: string;
  /** Before the first word of each answer, in ms. */
  thinksForMs: number;
  deltas: number;
  /** Between two deltas; 0: as fast as the reader takes them. */
  everyMs: number;
  /** Calls this tool first, where it is offered one whose name ends so. */
  tool?: string;
}

const envelope = { id: "chatcmpl-bench", object: "chat.completion.chunk", created: 0, model: "m" };
const event = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({ ...envelope, choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
let pace: ModelPace = { word: "", thinksForMs: 0, deltas: 1, everyMs: 0 };
let requests = 0;

interface Request {
  messages: { role: string }[];
  tools?: { function: { name: string } }[];
}

const server = createServer(async (request, response) => {
  const { messages, tools = [] } = JSON.parse(await textOf(request)) as Request;
  const { thinksForMs, tool } = pace;
  requests += 1;
  response.writeHead(200, { "content-type": "text/event-stream" });
  await delay(thinksForMs);
  const called = tool && tools.find((each) => each.function.name.endsWith(tool))?.function.name;
  if (called && messages.at(-1)?.role === "user") sayCall(response, called);
  else await sayWords(response);
  response.end("data: [DONE]\n\n");
});

function sayCall(response: ServerResponse, name: string): void {
  const call = { name, arguments: JSON.stringify({ text: "hello" }) };
  const tool_calls = [{ index: 0, id: `call_${requests}`, type: "function", function: call }];
  response.write(event({ role: "assistant", tool_calls }) + event({}, "tool_calls"));
}

async function sayWords(response: ServerResponse): Promise<void> {
  const { word, deltas, everyMs } = pace;
  const wordEvent = event({ content: word });
  response.write(event({ role: "assistant", content: "" }));
  const startedAt = performance.now();
  for (let index = 0; index < deltas; index++) {
    // By the clock, so that a late timer makes no slower model.
    const early = startedAt + index * everyMs - performance.now();
    if (early > 1) await delay(early);
    if (response.destroyed) return;
    if (!response.write(wordEvent)) await new Promise((resolve) => response.once("drain", resolve));
  }
  response.write(event({}, "stop"));
}

await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

const commands = {
  async url() {
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  },
  async setPace(next: ModelPace) {
    pace = next;
    requests = 0;
  },
  async countRequests() {
    return requests;
  },
};
export type StreamingModel = typeof commands;

serve(commands);
