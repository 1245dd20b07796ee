import { setTimeout as delay } from "node:timers/promises";
import { bundle } from "../bundle.mjs";
import { Child } from "../child";
import {
  addAssistant,
  addPeople,
  assertWhole,
  beginAt,
  type Converse,
  word,
} from "../conversations";
import {
  countFigure,
  type Figure,
  inMs,
  perSecond,
  quantile,
  ratioFigure,
  spread,
} from "../figures";
import { sql, startStage } from "../installation";
import type { People } from "../processes/people";
import type { ModelPace, StreamingModel } from "../processes/streaming-model";
import { interleave, type Row } from "../row";
import { type NextApp, type ProcessUse, startEmptyApp, startUsherApp } from "../web-apps";

const tool = "echo";

/** What a streamed piece of an answer costs, and how it is where many people chat at once. */
export const chatLoadRow: Row = {
  name: "B14",
  title: "Many people chat",
  async run({ quick, say }) {
    const size = quick
      ? {
          streams: 8,
          deltas: 300,
          rounds: { warmUps: 1, rounds: 2 },
          people: 20,
          turns: 2,
          pauseMs: 2_000,
        }
      : {
          streams: 20,
          deltas: 1_000,
          rounds: { warmUps: 2, rounds: 9 },
          people: 200,
          turns: 5,
          pauseMs: 20_000,
        };
    const file = await bundle("usher", ["processes/people", "processes/streaming-model"]);
    const model = await Child.start<StreamingModel>(file("processes/streaming-model"));
    const people = await Child.start<People>(file("processes/people"));
    const stage = await startStage();
    const { installation } = stage;
    const modelUrl = await model.run("url");
    const usher = await startUsherApp(installation, { OPENAI_COMPATIBLE_BASE_URL: modelUrl });
    const bare = await startEmptyApp({ BENCH_MODEL_URL: modelUrl });
    try {
      const { serverId } = await stage.connect("modern");
      const assistantId = await addAssistant(installation, serverId);
      const cookies = await addPeople(installation, size.people);
      const converse: Converse = { ...{ model, people, usher, bare, installation }, assistantId };

      say(`the cost of a delta, ${size.streams} streams`);
      const costs = await interleave(
        {
          usher: () => deltaCost(converse, usher, cookies.slice(0, size.streams), size.deltas),
          bare: () => deltaCost(converse, bare, cookies.slice(0, size.streams), size.deltas),
        },
        size.rounds,
      );
      say(`${size.people} people`);
      const atOnce = await loadAtOnce(converse, cookies, size.turns);
      say(`${size.people} people, ${inSeconds(size.pauseMs)} between their messages`);
      const steady = await steadyLoad(converse, cookies, size);
      const figures = [
        ...costFigures(costs),
        ...loadFigures(atOnce, `${size.people} people at once`),
        ...loadFigures(steady, `${size.people} people, ${inSeconds(size.pauseMs)} apart`),
      ];
      return { figures, method };
    } finally {
      await Promise.all([usher.stop(), bare.stop(), people.stop(), model.stop()]);
      await stage.close();
    }
  },
};

/** In ms of the app's CPU: turns of many deltas against turns of one. */
async function deltaCost(
  converse: Converse,
  app: NextApp,
  cookies: readonly string[],
  deltas: number,
): Promise<number> {
  const cpuOf = async (pace: ModelPace) => {
    await converse.model.run("setPace", pace);
    const asked =
      app === converse.usher
        ? await beginAt(converse, cookies, 5)
        : cookies.map((_, number) => ({
            ...{ url: `${app.url}/api/answer`, headers: {}, afterMs: number * 5 },
          }));
    const before = await app.use();
    const answers = await converse.people.run("read", asked);
    const { cpuMs } = await app.use();
    for (const answer of answers) assertWhole(answer, pace.deltas, 0);
    return cpuMs - before.cpuMs;
  };
  const many = await cpuOf({ word, thinksForMs: 20, deltas, everyMs: 5 });
  const one = await cpuOf({ word, thinksForMs: 20, deltas: 1, everyMs: 5 });
  return (many - one) / (cookies.length * (deltas - 1));
}

interface Load {
  /** Of each turn, beyond what the model took, in ms. */
  firstTextMs: number[];
  use: ProcessUse[];
  memoryMb: [before: number, after: number];
  cpuMs: number;
}

const pace = { word, thinksForMs: 300, deltas: 60, everyMs: 30, tool };

/** Everybody sends a message within the same two seconds, and so on, round after round. */
async function loadAtOnce(
  converse: Converse,
  cookies: readonly string[],
  turns: number,
): Promise<Load> {
  const { model, people, usher } = converse;
  await model.run("setPace", pace);
  const firstTextMs: number[] = [];
  const use: ProcessUse[] = [];
  const round = async () => {
    const asked = await beginAt(converse, cookies, 2_000 / cookies.length);
    await usher.use();
    const answers = await people.run("read", asked);
    const used = await usher.use();
    for (const answer of answers) assertWhole(answer, pace.deltas, 1);
    return { answers, used };
  };
  await round();
  await delay(1_000);
  const before = await usher.use();
  for (let turn = 0; turn < turns; turn++) {
    const { answers, used } = await round();
    firstTextMs.push(...answers.map((answer) => answer.firstTextMs - 2 * pace.thinksForMs));
    use.push(used);
  }
  await delay(1_000);
  const after = await usher.use();
  const memoryMb: Load["memoryMb"] = [before.memoryMb, after.memoryMb];
  return { firstTextMs, use, memoryMb, cpuMs: after.cpuMs - before.cpuMs };
}

/** Everybody reads an answer to its end, pauses, and writes again in the same conversation. */
async function steadyLoad(
  converse: Converse,
  cookies: readonly string[],
  { turns, pauseMs }: { turns: number; pauseMs: number },
): Promise<Load> {
  const { people, usher } = converse;
  const answerMs = 2 * pace.thinksForMs + pace.deltas * pace.everyMs;
  const asked = await beginAt(converse, cookies, (pauseMs + answerMs) / cookies.length);
  // The first turns fill the conversations and the caches.
  const firstAnswers = await people.run("read", asked);
  await sql(converse.installation.database.url, 'DELETE FROM "RateLimit"');
  await delay(pauseMs);
  const before = await usher.use();
  const answers = await people.run("readAgain", { people: asked, turns, pauseMs });
  const after = await usher.use();
  for (const answer of [...firstAnswers, ...answers]) assertWhole(answer, pace.deltas, 1);
  return {
    firstTextMs: answers.map((answer) => answer.firstTextMs - 2 * pace.thinksForMs),
    use: [after],
    memoryMb: [before.memoryMb, after.memoryMb],
    cpuMs: after.cpuMs - before.cpuMs,
  };
}

function inSeconds(ms: number): string {
  return `${ms / 1_000} s`;
}

function costFigures({ usher, bare }: Record<"usher" | "bare", number[]>): Figure[] {
  const perCore = usher.map((ms) => 1_000 / ms);
  return [
    ratioFigure({
      what: "CPU of a streamed delta",
      against: "a bare route of the AI SDK",
      ...{ of: [usher, bare], words: inMs, bar: { atMost: 1 } },
    }),
    {
      ...{ what: "deltas a second and core", against: "the CPU that they took", unit: "" },
      ...{ value: spread(perCore), bar: { atLeast: 5_000 } },
      detail: `${perSecond(perCore)} : ${perSecond(bare.map((ms) => 1_000 / ms))} of the bare route`,
    },
  ];
}

function loadFigures({ firstTextMs, use, memoryMb, cpuMs }: Load, who: string): Figure[] {
  const what = (words: string) => `${who}, ${words}`;
  const p99 = Math.max(...use.map(({ loopP99Ms }) => loopP99Ms));
  const longest = Math.max(...use.map(({ loopMaxMs }) => loopMaxMs));
  const [before, after] = memoryMb;
  return [
    countFigure(what("first word at p95"), "the model's own time", quantile(firstTextMs, 0.95), {
      ...{ unit: "ms", bar: { atMost: 1_500 } },
      detail: `median ${inMs(firstTextMs)}, ${firstTextMs.length} turns, ${(cpuMs / firstTextMs.length).toFixed(1)} ms of CPU each`,
    }),
    countFigure(what("delay of the event loop at p99"), "the clock", p99, {
      ...{ unit: "ms", bar: { atMost: 100 } },
      detail: `${use.length === 1 ? "" : `the worst of ${use.length} rounds; `}the longest delay was ${longest.toFixed(0)} ms`,
    }),
    countFigure(what("growth of resident memory"), "after a first round", after - before, {
      ...{ unit: "MB", bar: { atMost: 150 } },
      detail: `${before.toFixed(0)} MB, then ${after.toFixed(0)} MB`,
    }),
  ];
}

const method = `Both routes are production builds, served by \`next start\`. The model and the people run in separate processes. Every answer is read to the end and compared. Cost: the app's CPU for turns of many deltas, 5 ms apart, minus that for turns of one, divided by the number of deltas. The bare route is the AI SDK's \`streamText(…).toUIMessageStreamResponse()\`, without tools, database or session. Load: the model thinks for ${pace.thinksForMs} ms, calls an MCP server's tool, thinks again and sends ${pace.deltas} deltas, ${pace.everyMs} ms apart. *At once*: everybody sends a message within the same two seconds, and the next when all answers are there. *Apart*: each person reads the answer, waits that long and writes again; their first messages are spread evenly over one such round.`;
