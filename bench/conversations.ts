import { randomUUID } from "node:crypto";
import { visitorFor } from "@/tests/support/installation";
import type { Child } from "./child";
import { type BenchInstallation, sql } from "./installation";
import type { AskedFor, People, ReadAnswer } from "./processes/people";
import type { StreamingModel } from "./processes/streaming-model";
import { assertCorrect } from "./row";
import type { NextApp } from "./web-apps";

/** What each delta says: as long as the words of most models. */
export const word = "word ";

/** What takes part in a conversation that is measured. */
export interface Converse {
  model: Child<StreamingModel>;
  people: Child<People>;
  usher: NextApp;
  bare: NextApp;
  installation: BenchInstallation;
  assistantId: string;
}

export async function addAssistant({ app }: BenchInstallation, serverId: string): Promise<string> {
  const assistant = await app.db.assistant.create({
    data: {
      ...{ name: "Bench", instructions: "", model: "openai-compatible/bench-model" },
      servers: { create: { serverId } },
    },
  });
  return assistant.id;
}

/** @returns the cookies of each */
export async function addPeople({ app }: BenchInstallation, count: number): Promise<string[]> {
  const cookies: string[] = [];
  for (let number = 0; number < count; number++) {
    const user = await app.db.user.create({
      data: {
        email: `person-${number}-${randomUUID()}@example.com`,
        name: `Person ${number}`,
        role: "MEMBER",
      },
    });
    const visitor = await visitorFor(app, user);
    cookies.push([...visitor.cookies].map(([name, value]) => `${name}=${value}`).join("; "));
  }
  return cookies;
}

/** A new conversation of each person, and how its first message is sent. */
export async function beginAt(
  { installation, usher, assistantId }: Converse,
  cookies: readonly string[],
  apartMs: number,
): Promise<AskedFor[]> {
  await sql(installation.database.url, 'DELETE FROM "RateLimit"');
  return Promise.all(
    cookies.map(async (cookie, number) => {
      const headers = { cookie, origin: usher.url };
      const answer = await fetch(`${usher.url}/api/chat/conversations`, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body: JSON.stringify({ assistantId }),
      });
      assertCorrect(answer.ok, `a new conversation answered ${answer.status}`);
      const { id } = (await answer.json()) as { id: string };
      const url = `${usher.url}/api/chat/conversations/${id}/turn`;
      return { url, headers, afterMs: number * apartMs };
    }),
  );
}

export function assertWhole(answer: ReadAnswer, deltas: number, tools: number): void {
  const { characters, toolResults, problem } = answer;
  const isWhole = characters === deltas * word.length && toolResults === tools && !problem;
  assertCorrect(isWhole, `an answer came as ${JSON.stringify(answer)}`);
}
