import { type CallStage, startCallStage } from "../call-stage";
import { newToken, registerServer } from "../installation";
import type { MeasuredRound } from "../processes/call-loop";
import { paths } from "../processes/lean-mcp-server-answer";
import type { CallsThroughUsher } from "../processes/usher";
import { callsPerSecond, perSecond } from "../rounds";
import { assertCorrect, count, type Figure, type Row } from "../row";
import { spread } from "../statistics";

const quarters = 4;

interface Soak {
  first: MeasuredRound;
  last: MeasuredRound;
  growthMb: number;
  warnings: string[];
}

/** Whether many calls leave something behind: in speed, in memory, in Node's warnings. */
export const soakRow: Row = {
  name: "B12",
  title: "A soak",
  async run({ quick, say }) {
    const calls = quick ? 2_000 : 20_000;
    const stage = await startCallStage();
    const { installation, server, origin } = stage;
    try {
      const account = { userId: installation.adminId, accessToken: newToken() };
      await server.run("acceptTokens", [account.accessToken]);
      const url = origin + paths.modern;
      const serverId = await registerServer(installation, { url, accounts: [account] });
      const soaks: Soak[] = [];
      for (let round = 1; round <= (quick ? 1 : 3); round++) {
        say(`${calls.toLocaleString("en")} calls, by process ${round}`);
        soaks.push(await soak(stage, { serverId, accounts: [account], calls }));
      }
      return { figures: figuresOf(calls, soaks), method };
    } finally {
      await stage.close();
    }
  },
};

/** By a process that begins with it. */
async function soak(
  { server, startUsher }: CallStage,
  { calls, ...what }: Pick<CallsThroughUsher, "serverId" | "accounts" | "calls">,
): Promise<Soak> {
  const usher = await startUsher();
  try {
    const call = { ...what, concurrency: 32, credential: "custody" } as const;
    await server.run("takeCounts");
    await usher.run("calls", { ...call, calls });
    const before = await usher.run("traces");
    // A collection of everything makes the calls just after it slow, which are not counted for speed.
    await usher.run("calls", { ...call, calls: calls / quarters });
    const rounds: MeasuredRound[] = [];
    for (let quarter = 0; quarter < quarters; quarter++) {
      rounds.push(await usher.run("calls", { ...call, calls: calls / quarters }));
    }
    const after = await usher.run("traces");
    const { counts } = await server.run("takeCounts");
    const called = counts[`${paths.modern} POST tools/call`];
    const made = (2 + 1 / quarters) * calls;
    assertCorrect(called === made, `${called} of ${made} calls reached the server`);
    assertCorrect(!counts.unauthorized, `${counts.unauthorized} requests came without the token`);
    const [first, last] = [rounds[0], rounds.at(-1)];
    assertCorrect(first !== undefined && last !== undefined, "no calls were made");
    return { first, last, growthMb: after.heapMb - before.heapMb, warnings: after.warnings };
  } finally {
    await usher.stop();
  }
}

function figuresOf(calls: number, soaks: Soak[]): Figure[] {
  const first = callsPerSecond(soaks.map((each) => each.first));
  const last = callsPerSecond(soaks.map((each) => each.last));
  const growth = soaks.map(({ growthMb }) => growthMb);
  const warnings = soaks.flatMap((each) => each.warnings);
  const many = calls.toLocaleString("en");
  return [
    {
      what: `calls/s, the last quarter of ${many} calls, 32 at once`,
      against: "the first quarter",
      value: spread(last.map((rate, round) => rate / (first[round] ?? Number.NaN))),
      unit: "×",
      bar: { atLeast: 0.95 },
      detail: `${perSecond(last)} : ${perSecond(first)}, in ${soaks.length} processes`,
    },
    {
      what: `heap after ${many} calls`,
      against: "before them",
      value: spread(growth),
      unit: "MB",
      bar: { atMost: 5 },
      detail: `at most ${Math.max(...growth).toFixed(2)} MB, after a collection of garbage`,
    },
    {
      what: "warnings of Node",
      against: "none",
      value: count(warnings.length),
      unit: "",
      bar: { exactly: 0 },
      detail: [...new Set(warnings)].join(", ") || "none",
    },
  ];
}

const method =
  "As in B1, through full custody, 32 calls at once, by a process that begins with it. As many calls again warm it up; then the heap is read, the calls are made in four quarters, and the heap is read again, each time after a collection of garbage. One quarter more comes before the four and is not timed, as what follows a collection is slow. Every answer is compared, and the server's counts say that each call came once.";
