import { bundle } from "../bundle.mjs";
import { Child } from "../child";
import { countFigure, type Figure, inMs, ratioFigure, spread } from "../figures";
import { type BenchInstallation, install } from "../installation";
import type { LeanProvider } from "../processes/lean-provider";
import type { UsherProcess } from "../processes/usher";
import { assertCorrect, interleave, type Row } from "../row";
import { addDueAccounts, countDue, fillWithTokens, makeDue } from "../token-rows";

const totalConcurrency = 64;
const latencies = [200, 50] as const;
const processCounts = [1, 2, 4] as const;

/** Everything that is due, refreshed at once. */
export const sweepRow: Row = {
  name: "B7",
  title: "The refresh sweep",
  async run({ quick, say }) {
    const due = quick ? 640 : 10_000;
    const others = quick ? 10_000 : 990_000;
    const file = await bundle("usher", ["processes/usher", "processes/lean-provider"]);
    const provider = await Child.start<LeanProvider>(file("processes/lean-provider"));
    const installation = await install();
    const replicas = await Promise.all(
      Array.from({ length: 4 }, () =>
        Child.start<UsherProcess>(file("processes/usher"), { env: installation.env }),
      ),
    );
    try {
      say(`seeding ${others.toLocaleString("en")} stored tokens, and ${due} that are due`);
      await fillWithTokens(installation.database.url, others);
      await addDueAccounts(installation, provider, due);
      const stage = { provider, installation, replicas, due };
      // So that no process loads its code while its memory is measured.
      await sweepOnce({ ...stage, due: Math.min(1_920, due) }, replicas.length, 50);
      const variants = Object.fromEntries(
        latencies.flatMap((latencyMs) =>
          processCounts.map((processes) => [
            `${processes} × ${latencyMs}`,
            () => {
              say(`${processes} processes, ${latencyMs} ms`);
              return sweepOnce(stage, processes, latencyMs);
            },
          ]),
        ),
      );
      const rounds = quick ? { warmUps: 0, rounds: 1 } : { warmUps: 0, rounds: 2 };
      const sweeps = await interleave<string, Sweep>(variants, rounds);
      say("one at a time, 50 ms");
      const some = quick ? 20 : 200;
      const loop = await sweepOnce({ ...stage, due: some }, 1, 50, 1);
      const wholeLoopMs = (loop.elapsedMs / some) * due;
      return { figures: figuresOf(due, sweeps, wholeLoopMs), method };
    } finally {
      await Promise.all([...replicas, provider].map((child) => child.stop()));
      await installation.close();
    }
  },
};

interface Stage {
  provider: Child<LeanProvider>;
  installation: BenchInstallation;
  replicas: Child<UsherProcess>[];
  due: number;
}

interface Sweep {
  elapsedMs: number;
  growthMb: number;
  cpuMs: number;
  askedTwice: number;
  leftDue: number;
}

async function sweepOnce(
  { provider, installation, replicas, due }: Stage,
  processes: number,
  latencyMs: number,
  total: number = totalConcurrency,
): Promise<Sweep> {
  const { url } = installation.database;
  await makeDue(url, "due", due);
  await provider.run("setLatency", latencyMs);
  await provider.run("takeCounts");
  const startAt = Date.now() + 300;
  const concurrency = total / processes;
  const results = await Promise.all(
    replicas.slice(0, processes).map((replica) => replica.run("sweep", { concurrency, startAt })),
  );
  const counts = await provider.run("takeCounts");
  const refreshed = results.reduce((sum, result) => sum + result.refreshed, 0);
  assertCorrect(refreshed === due, `${refreshed} of ${due} were refreshed`);
  assertCorrect(counts.grants === due, `the provider refreshed ${counts.grants} of ${due} grants`);
  assertCorrect(counts.ended === 0, `${counts.ended} grants came to their end`);
  assertCorrect(counts.mostUnderWay <= total, `${counts.mostUnderWay} at once`);
  return {
    elapsedMs: Math.max(...results.map(({ endedAt }) => endedAt)) - startAt,
    growthMb: Math.max(...results.map(({ growthMb }) => growthMb)),
    cpuMs: results.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    askedTwice: counts.askedTwice,
    leftDue: await countDue(url),
  };
}

function figuresOf(due: number, sweeps: Record<string, Sweep[]>, wholeLoopMs: number): Figure[] {
  const all = Object.values(sweeps).flat();
  const words = due.toLocaleString("en");
  const figures = latencies.flatMap((latencyMs) =>
    processCounts.map((processes) => {
      const runs = sweeps[`${processes} × ${latencyMs}`] ?? [];
      const times = runs.map(({ elapsedMs }) => elapsedMs);
      const ideal = (due * latencyMs) / totalConcurrency;
      const cpu = spread(runs.map(({ cpuMs }) => cpuMs / due)).median;
      return ratioFigure({
        what: `sweep of ${words} due, ${latencyMs} ms latency, ${processes} ${processes === 1 ? "process" : "processes"}`,
        against: `due × latency ÷ ${totalConcurrency}`,
        of: [times, times.map(() => ideal)],
        words: inMs,
        bar: { atMost: latencyMs === 200 ? 1.15 : 1.3 },
        more: `; CPU of Usher ${cpu.toFixed(2)} ms a token`,
      });
    }),
  );
  const single = (sweeps["1 × 50"] ?? []).map(({ elapsedMs }) => elapsedMs);
  const none = { bar: { exactly: 0 }, detail: `of ${words} a sweep, in ${all.length} sweeps` };
  const growths = all.map(({ growthMb }) => growthMb);
  const askedTwice = Math.max(...all.map((sweep) => sweep.askedTwice));
  const leftDue = Math.max(...all.map((sweep) => sweep.leftDue));
  return [
    ...figures,
    ratioFigure({
      what: `sweep of ${words} due, 50 ms latency, 1 process`,
      against: "one at a time, reckoned from a part",
      of: [single, single.map(() => wholeLoopMs)],
      words: inMs,
    }),
    countFigure("tokens asked for twice, all sweeps", "the provider's count", askedTwice, none),
    countFigure("tokens left due, all sweeps", "the database's count", leftDue, none),
    countFigure("growth of a process at its peak", "before its sweep", Math.max(...growths), {
      ...{ unit: "MB", bar: { atMost: 64 } },
      detail: `the most of ${all.length} sweeps; by sweep ${growths.map((mb) => mb.toFixed(0)).join(", ")} MB, resident`,
    }),
  ];
}

const method = `A sweep as the timer starts it, in each of the processes at once, on one Postgres with a million stored tokens of which the rest is due in a day or later. A concurrency of ${totalConcurrency} in all is shared out among the processes. The provider is written by hand: it waits for the latency, rotates refresh tokens, ends a grant whose token comes twice, and counts; the figures of a sweep stand only where it refreshed every grant and ended none. Memory is that of the whole process, as the system counts it, from after a small sweep that loads the code and a collection of garbage.`;
