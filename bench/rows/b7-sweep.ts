import { bundle } from "../bundle.mjs";
import { Child } from "../child";
import { addDueAccounts, countDue, makeDueAgain } from "../due-accounts";
import { type BenchInstallation, install } from "../installation";
import { interleave } from "../interleave";
import type { LeanProvider } from "../processes/lean-provider";
import type { UsherProcess } from "../processes/usher";
import { inMs } from "../rounds";
import { assertCorrect, count, type Figure, type Row } from "../row";
import { spread } from "../statistics";
import { fillWithTokens } from "../token-rows";

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
        Child.start<UsherProcess>(
          file("processes/usher"),
          { env: installation.env },
          { execArgv: ["--expose-gc"] },
        ),
      ),
    );
    try {
      say(`seeding ${others.toLocaleString("en")} stored tokens, and ${due} that are due`);
      await fillWithTokens(installation.database.url, others);
      await addDueAccounts(installation, await provider.run("tokenEndpoint"), due);
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
  await makeDueAgain(url, due);
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
  const most = (of: (sweep: Sweep) => number) => count(Math.max(...all.map(of)));
  const words = due.toLocaleString("en");
  const figures = latencies.flatMap((latencyMs) =>
    processCounts.map((processes): Figure => {
      const runs = sweeps[`${processes} × ${latencyMs}`] ?? [];
      const times = runs.map(({ elapsedMs }) => elapsedMs);
      const ideal = (due * latencyMs) / totalConcurrency;
      const cpu = spread(runs.map(({ cpuMs }) => cpuMs / due)).median;
      return {
        what: `sweep of ${words} due, ${latencyMs} ms latency, ${processes} ${processes === 1 ? "process" : "processes"}`,
        against: `due × latency ÷ ${totalConcurrency}`,
        value: spread(times.map((time) => time / ideal)),
        unit: "×",
        bar: { atMost: latencyMs === 200 ? 1.15 : 1.3 },
        detail: `${inMs(times)} : ${ideal.toFixed(0)} ms; CPU of Usher ${cpu.toFixed(2)} ms a token`,
      };
    }),
  );
  const single = (sweeps["1 × 50"] ?? []).map(({ elapsedMs }) => elapsedMs);
  const growths = all.map(({ growthMb }) => growthMb.toFixed(0));
  return [
    ...figures,
    {
      what: `sweep of ${words} due, 50 ms latency, 1 process`,
      against: "one at a time, reckoned from a part",
      value: spread(single.map((time) => time / wholeLoopMs)),
      unit: "×",
      bar: null,
      detail: `${inMs(single)} : ${wholeLoopMs.toFixed(0)} ms`,
    },
    {
      what: "tokens asked for twice, all sweeps",
      against: "the provider's count",
      value: most(({ askedTwice }) => askedTwice),
      unit: "",
      bar: { exactly: 0 },
      detail: `of ${words} a sweep, in ${all.length} sweeps`,
    },
    {
      what: "tokens left due, all sweeps",
      against: "the database's count",
      value: most(({ leftDue }) => leftDue),
      unit: "",
      bar: { exactly: 0 },
      detail: `of ${words} a sweep, in ${all.length} sweeps`,
    },
    {
      what: "growth of a process at its peak",
      against: "before its sweep",
      value: most(({ growthMb }) => growthMb),
      unit: "MB",
      bar: { atMost: 64 },
      detail: `the most of ${all.length} sweeps; by sweep ${growths.join(", ")} MB, resident`,
    },
  ];
}

const method = `A sweep as the timer starts it, in each of the processes at once, on one Postgres with a million stored tokens of which the rest is due in a day or later. A concurrency of ${totalConcurrency} in all is shared out among the processes. The provider is written by hand: it waits for the latency, rotates refresh tokens, ends a grant whose token comes twice, and counts; the figures of a sweep stand only where it refreshed every grant and ended none. Memory is that of the whole process, as the system counts it, from after a small sweep that loads the code and a collection of garbage.`;
