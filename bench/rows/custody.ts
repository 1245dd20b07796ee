import {
  callsPerSecond,
  countFigure,
  cpuPerCall,
  type Figure,
  inMs,
  p50s,
  perSecond,
  ratioFigure,
  spread,
} from "../figures";
import { addAccounts, registerServer, type Stage, startStage } from "../installation";
import type { MeasuredRound } from "../processes/loop";
import { assertCorrect, interleave, type Row } from "../row";

const callers = 32;
type Measured = Record<"cached" | "database" | "static", MeasuredRound[]>;

/** What it costs that a token is in custody rather than in a variable. */
export const credentialRow: Row = {
  name: "B3",
  title: "The credential of a call",
  async run({ quick, say }) {
    const stage = await startStage();
    const { installation, server } = stage;
    try {
      const usher = await stage.startUsher();
      const accounts = await addAccounts(installation, callers);
      const tokens = accounts.map(({ accessToken }) => accessToken);
      await server.run("acceptTokens", tokens);
      const url = await server.run("url", "legacy");
      const serverId = await registerServer(installation, url, accounts);
      const variants = (calls: number, concurrency: number) => {
        const call = { serverId, accounts, calls, concurrency };
        return {
          cached: () => usher.run("calls", { ...call, credential: "custody" }),
          database: () => usher.run("calls", { ...call, credential: "database" }),
          static: () => usher.run("calls", { ...call, credential: "static" }),
        };
      };
      const rounds = quick ? { warmUps: 1, rounds: 3 } : { warmUps: 4, rounds: 15 };
      await server.run("takeCounts");
      say(`${callers} callers at once, each with an account of their own`);
      const together = await interleave(variants(quick ? 640 : 3200, callers), rounds);
      const { counts, accessTokens } = await server.run("takeCounts");
      assertCorrect(!counts.unauthorized, `${counts.unauthorized} requests without a token`);
      assertCorrect(accessTokens.length === callers, `${accessTokens.length} tokens were seen`);
      say("one call at a time");
      const alone = await interleave(variants(quick ? 200 : 600, 1), rounds);
      return { figures: credentialFigures(together, alone), method: credentialMethod };
    } finally {
      await stage.close();
    }
  },
};

function credentialFigures(together: Measured, alone: Measured): Figure[] {
  const against = "a token in a variable";
  return (["cached", "database"] as const).flatMap((variant) => {
    const token = variant === "cached" ? "kept for seconds" : "read from the database at each call";
    const cpu = [cpuPerCall(together[variant]), cpuPerCall(together.static)];
    return [
      ratioFigure({
        ...{ what: `calls/s, ${callers} at once, token ${token}`, against, words: perSecond },
        of: [callsPerSecond(together[variant]), callsPerSecond(together.static)],
        bar: { atLeast: variant === "cached" ? 0.95 : 0.65 },
        more: `; CPU ${cpu.map(inMs).join(" : ")} a call`,
      }),
      ratioFigure({
        ...{ what: `p50 of a call, one at a time, token ${token}`, against, words: inMs },
        of: [p50s(alone[variant]), p50s(alone.static)],
      }),
    ];
  });
}

const credentialMethod = `${callers} concurrent callers, each with an account, a connection and a token of their own, on a 2025-11-25 server. "Read at each call": whatever is kept of tokens is dropped before each call, so that every one reads its row, checks it and opens the sealed token; what callers ask in the same turn of the event loop goes to Postgres as one statement. The server saw every caller's token and no request without one.`;

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
    const stage = await startStage();
    try {
      const { serverId } = await stage.connect("modern");
      const soaks: Soak[] = [];
      for (let round = 1; round <= (quick ? 1 : 3); round++) {
        say(`${calls.toLocaleString("en")} calls, by process ${round}`);
        soaks.push(await soak(stage, serverId, calls));
      }
      return { figures: soakFigures(calls, soaks), method: soakMethod };
    } finally {
      await stage.close();
    }
  },
};

/** By a process that begins with it. */
async function soak(stage: Stage, serverId: string, calls: number): Promise<Soak> {
  const { server, account } = stage;
  const usher = await stage.startUsher();
  try {
    const what = { serverId, accounts: [account], concurrency: 32 };
    const call = (count: number) =>
      usher.run("calls", { ...what, calls: count, credential: "custody" });
    await server.run("takeCounts");
    await call(calls);
    const before = await usher.run("traces");
    // Calls just after a full collection are slow, so these are not counted.
    await call(calls / quarters);
    const first = await call(calls / quarters);
    for (let quarter = 2; quarter < quarters; quarter++) await call(calls / quarters);
    const last = await call(calls / quarters);
    const after = await usher.run("traces");
    await stage.assertCalls((2 + 1 / quarters) * calls);
    return { first, last, growthMb: after.heapMb - before.heapMb, warnings: after.warnings };
  } finally {
    await usher.stop();
  }
}

function soakFigures(calls: number, soaks: Soak[]): Figure[] {
  const growth = soaks.map(({ growthMb }) => growthMb);
  const warnings = soaks.flatMap((each) => each.warnings);
  const many = calls.toLocaleString("en");
  return [
    ratioFigure({
      what: `calls/s, the last quarter of ${many} calls, 32 at once`,
      against: "the first quarter",
      of: [
        callsPerSecond(soaks.map((each) => each.last)),
        callsPerSecond(soaks.map((each) => each.first)),
      ],
      words: perSecond,
      bar: { atLeast: 0.95 },
      more: `, in ${soaks.length} processes`,
    }),
    {
      ...{ what: `heap after ${many} calls`, against: "before them", value: spread(growth) },
      ...{ unit: "MB", bar: { atMost: 5 } },
      detail: `at most ${Math.max(...growth).toFixed(2)} MB, after a collection of garbage`,
    },
    countFigure("warnings of Node", "none", warnings.length, {
      bar: { exactly: 0 },
      detail: [...new Set(warnings)].join(", ") || "none",
    }),
  ];
}

const soakMethod =
  "As in B1, through full custody, 32 calls at once, by a process that begins with it. As many calls again warm it up; then the heap is read, the calls are made in four quarters, and the heap is read again, each time after a collection of garbage. One quarter more comes before the four and is not timed, as what follows a collection is slow. Every answer is compared, and the server's counts say that each call came once.";
