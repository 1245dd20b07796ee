import { startCallStage } from "../call-stage";
import { addAccounts, registerServer } from "../installation";
import { interleave } from "../interleave";
import type { MeasuredRound } from "../processes/call-loop";
import { paths } from "../processes/lean-mcp-server-answer";
import { callsPerSecond, cpuPerCall, inMs, p50s, perSecond } from "../rounds";
import { assertCorrect, type Figure, type Row } from "../row";
import { ratios, spread } from "../statistics";

const callers = 32;

/** What it costs that a token is in custody rather than in a variable. */
export const credentialRow: Row = {
  name: "B3",
  title: "The credential of a call",
  async run({ quick, say }) {
    const stage = await startCallStage();
    const { installation, server, origin, usher } = stage;
    try {
      const accounts = await addAccounts(installation, callers);
      await server.run(
        "acceptTokens",
        accounts.map(({ accessToken }) => accessToken),
      );
      const url = origin + paths.legacy;
      const serverId = await registerServer(installation, { url, accounts });
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
      return { figures: figuresOf(together, alone), method };
    } finally {
      await stage.close();
    }
  },
};

type Measured = Awaited<
  ReturnType<typeof interleave<"cached" | "database" | "static", MeasuredRound>>
>;

function figuresOf(together: Measured, alone: Measured): Figure[] {
  const against = "a token in a variable";
  return (["cached", "database"] as const).flatMap((variant): Figure[] => {
    const words = variant === "cached" ? "kept for seconds" : "read from the database at each call";
    const rates = [callsPerSecond(together[variant]), callsPerSecond(together.static)] as const;
    const cpu = [cpuPerCall(together[variant]), cpuPerCall(together.static)] as const;
    const latencies = [p50s(alone[variant]), p50s(alone.static)] as const;
    return [
      {
        what: `calls/s, ${callers} at once, token ${words}`,
        against,
        value: spread(ratios(...rates)),
        unit: "×",
        bar: { atLeast: variant === "cached" ? 0.95 : 0.65 },
        detail: `${rates.map(perSecond).join(" : ")}; CPU ${cpu.map(inMs).join(" : ")} a call`,
      },
      {
        what: `p50 of a call, one at a time, token ${words}`,
        against,
        value: spread(ratios(...latencies)),
        unit: "×",
        bar: null,
        detail: latencies.map(inMs).join(" : "),
      },
    ];
  });
}

const method = `${callers} concurrent callers, each with an account, a connection and a token of their own, on a 2025-11-25 server. "Read at each call": whatever is kept of tokens is dropped before each call, so that every one reads its row, checks it and opens the sealed token; what callers ask in the same turn of the event loop goes to Postgres as one statement. The server saw every caller's token and no request without one.`;
