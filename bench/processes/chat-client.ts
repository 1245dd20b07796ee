// Somebody who asks and waits for the first word: of Usher over HTTP, or of the model by the AI SDK.

import { randomUUID } from "node:crypto";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { streamText } from "ai";
import { EventSourceParserStream } from "eventsource-parser/stream";
import { serve } from "./commands";

export interface Answer {
  firstTokenMs: number;
  text: string;
}

interface Turn {
  url: string;
  cookie: string;
  conversationId: string;
  text: string;
}

interface Direct {
  baseUrl: string;
  model: string;
  instructions: string;
  text: string;
}

const commands = {
  async turn({ url, cookie, conversationId, text }: Turn): Promise<Answer> {
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
    const answer: Answer = { firstTokenMs: Number.NaN, text: "" };
    for await (const { data } of events) {
      const chunk = data === "[DONE]" ? null : JSON.parse(data);
      if (chunk?.type === "text-delta") take(answer, startedAt, chunk.delta);
    }
    return answer;
  },

  async direct({ baseUrl, model, instructions, text }: Direct): Promise<Answer> {
    const startedAt = performance.now();
    const provider = createOpenAICompatible({ name: "bench", baseURL: baseUrl });
    const result = streamText({ model: provider(model), system: instructions, prompt: text });
    const answer: Answer = { firstTokenMs: Number.NaN, text: "" };
    for await (const delta of result.textStream) take(answer, startedAt, delta);
    return answer;
  },
};
export type ChatClientProcess = typeof commands;

function take(answer: Answer, startedAt: number, delta: string): void {
  if (answer.text === "") answer.firstTokenMs = performance.now() - startedAt;
  answer.text += delta;
}

serve(commands);
