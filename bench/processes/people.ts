// Many people who send messages and read each answer to its end.

import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { EventSourceParserStream } from "eventsource-parser/stream";
import { serve } from "../child";

/** A stream of the AI SDK's UI messages. */
export interface AskedFor {
  url: string;
  headers: Record<string, string>;
  /** When this one begins, in ms from now. */
  afterMs: number;
}

interface AskedAgain {
  people: AskedFor[];
  turns: number;
  pauseMs: number;
}

export interface ReadAnswer {
  /** From the request to the first text, in ms. */
  firstTextMs: number;
  tookMs: number;
  characters: number;
  /** Pieces of text. */
  pieces: number;
  toolResults: number;
  /** What ended the answer early. */
  problem: string | null;
}

const commands = {
  /** @returns each person's answer, in order */
  async read(people: AskedFor[]): Promise<ReadAnswer[]> {
    return Promise.all(people.map(readOne));
  },
  /** Each person sends `turns` messages, each `pauseMs` after the last answer. @returns all answers */
  async readAgain({ people, turns, pauseMs }: AskedAgain): Promise<ReadAnswer[]> {
    const answers = people.map(async (person) => {
      const own: ReadAnswer[] = [];
      for (let turn = 0; turn < turns; turn++) {
        own.push(await readOne(turn === 0 ? person : { ...person, afterMs: pauseMs }));
      }
      return own;
    });
    return (await Promise.all(answers)).flat();
  },
};
export type People = typeof commands;

async function readOne({ url, headers, afterMs }: AskedFor): Promise<ReadAnswer> {
  await delay(afterMs);
  const startedAt = performance.now();
  const response = await fetch(url, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify({ kind: "send", messageId: randomUUID(), text: "What happened?" }),
  });
  const read = { firstTextMs: Number.NaN, characters: 0, pieces: 0, toolResults: 0 };
  const answer: ReadAnswer = { ...read, tookMs: 0, problem: null };
  if (!response.ok || !response.body) {
    return { ...answer, problem: `${response.status} ${(await response.text()).slice(0, 300)}` };
  }
  const events = response.body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream());
  for await (const { data } of events) {
    const chunk = data === "[DONE]" ? null : JSON.parse(data);
    if (chunk?.type === "text-delta") {
      if (answer.pieces === 0) answer.firstTextMs = performance.now() - startedAt;
      answer.pieces += 1;
      answer.characters += chunk.delta.length;
    } else if (chunk?.type === "tool-output-available") answer.toolResults += 1;
    else if (chunk?.type === "data-turn-error") answer.problem = chunk.data.message;
    else if (chunk?.type === "error") answer.problem = chunk.errorText;
  }
  answer.tookMs = performance.now() - startedAt;
  return answer;
}

serve(commands);
