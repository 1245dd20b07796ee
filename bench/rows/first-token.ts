import type { Page } from "playwright";
import { markNext } from "@/tests/support/navigation-times";
import { startOpenAiServer } from "@/tests/support/openai-server";
import { type Figure, inMs, ratioFigure, spread } from "../figures";
import { sessionCookie, sql, startStage } from "../installation";
import type { ChatAnswer } from "../processes/callers";
import { assertCorrect, interleave, type Row } from "../row";
import { startBrowser, startUsherApp } from "../web-apps";

const thinksForMs = 200;
const answer = ["It ", "was ", "opened ", "in ", "May."];
const model = "bench-model";
const question = "When was the issue opened?";

/** How long somebody waits for the first word of an answer. */
export const firstTokenRow: Row = {
  name: "B11",
  title: "The first word of an answer",
  async run({ quick, say }) {
    const models = await startOpenAiServer(() => [
      { type: "pause", ms: thinksForMs },
      { type: "text", deltas: answer },
    ]);
    const stage = await startStage();
    const { installation } = stage;
    const client = await stage.startCaller();
    const browser = await startBrowser();
    const usher = await startUsherApp(installation, { OPENAI_COMPATIBLE_BASE_URL: models.url });
    try {
      const cookie = await sessionCookie(installation);
      const ask = asker(usher.url, { cookie, origin: usher.url });
      const { serverId } = await stage.connect("modern");
      const assistant = await ask<{ id: string }>("/api/assistants", {
        ...{ name: "Bench", description: "", instructions: "" },
        model: `openai-compatible/${model}`,
        servers: [{ serverId, allTools: true, toolNames: [] }],
      });
      say(`a model that thinks for ${thinksForMs} ms`);
      const turn = async () => {
        // What a person may send in a minute is not what is measured.
        await sql(installation.database.url, 'DELETE FROM "RateLimit"');
        const { id } = await ask<{ id: string }>("/api/chat/conversations", {
          assistantId: assistant.id,
        });
        const asked = { url: usher.url, cookie, conversationId: id, text: question };
        return firstTokenOf(await client.run("chatTurn", asked));
      };
      const direct = async () => {
        const asked = { url: models.url, model, instructions: "Answer.", text: question };
        return firstTokenOf(await client.run("modelTurn", asked));
      };
      const rounds = quick ? { warmUps: 2, rounds: 5 } : { warmUps: 10, rounds: 60 };
      const measured = await interleave({ usher: turn, direct }, rounds);
      const asked = 2 * (rounds.warmUps + rounds.rounds);
      const answered = models.requests.length;
      assertCorrect(answered === asked, `the model was asked ${answered} times, not ${asked}`);
      say("in the browser");
      const page = await browser.open(usher, cookie, "/chat");
      const inBrowser: number[] = [];
      for (let round = -2; round < rounds.rounds / 2; round++) {
        await sql(installation.database.url, 'DELETE FROM "RateLimit"');
        const time = await firstTextOnPage(page);
        // The first ones load code.
        if (round >= 0) inBrowser.push(time - thinksForMs);
      }
      return { figures: [...figuresOf(measured), browserFigure(inBrowser)], method };
    } finally {
      await browser.close();
      await usher.stop();
      await stage.close();
      await models.close();
    }
  },
};

function firstTokenOf({ firstTokenMs, text }: ChatAnswer): number {
  assertCorrect(text === answer.join(""), `the answer was "${text.slice(0, 200)}"`);
  return firstTokenMs;
}

function asker(url: string, headers: Record<string, string>) {
  return async <Result>(path: string, body: unknown): Promise<Result> => {
    const answer = await fetch(url + path, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    assertCorrect(answer.ok, `${path} answered ${answer.status}`);
    return (await answer.json()) as Result;
  };
}

/** From Enter in a new conversation to the frame with the answer's first word, in ms. */
async function firstTextOnPage(page: Page): Promise<number> {
  await page.getByRole("button", { name: "New conversation" }).first().click();
  const input = page.getByRole("main").getByRole("textbox", { name: "Message" });
  await input.fill(question);
  await markNext(page, "keydown");
  const shown = page.waitForFunction(
    (word) => {
      const { markedAt } = window as { markedAt?: number };
      const answers = [...document.querySelectorAll("main article")].slice(1);
      const isThere = answers.some(({ textContent }) => textContent?.includes(word));
      return markedAt !== undefined && isThere && performance.now() - markedAt;
    },
    (answer[0] ?? "").trim(),
    { polling: "raf" },
  );
  await input.press("Enter");
  const time = Number(await (await shown).jsonValue());
  const last = page.getByRole("article").getByText(answer.join("").trim());
  await last.waitFor();
  return time;
}

function browserFigure(added: readonly number[]): Figure {
  return {
    what: "first message of a new conversation, from Enter to the first word on the page",
    against: "the model's own time",
    value: spread(added),
    unit: "ms",
    bar: { atMost: 120 },
    detail: `${added.length} conversations`,
  };
}

function figuresOf({ usher, direct }: Record<"usher" | "direct", number[]>): Figure[] {
  const against = "the AI SDK asking the model itself";
  const first = ratioFigure({
    what: `first word, of a model that thinks for ${thinksForMs} ms`,
    ...{ against, of: [usher, direct], words: inMs },
  });
  const added = usher.map((time, round) => time - (direct[round] ?? Number.NaN));
  return [first, { ...first, what: "added to it", value: spread(added), unit: "ms" }];
}

const method = `From the POST of a turn in a new conversation to the first piece of text at the client, through the production build: session, limits, the message and the turn's lease stored before anything is asked, an assistant with the tools of one server. Against \`streamText\` of the AI SDK in the client, with the same question and no tools. The model is a server on the same machine that waits for ${thinksForMs} ms before its first word.`;
