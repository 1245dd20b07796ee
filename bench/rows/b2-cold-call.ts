import { startCallStage } from "../call-stage";
import { newToken, registerServer } from "../installation";
import { interleave } from "../interleave";
import type { MeasuredRound } from "../processes/call-loop";
import { type Era, paths } from "../processes/lean-mcp-server-answer";
import { inMs, p50s } from "../rounds";
import { count, type Figure, type Row } from "../row";
import { ratios, spread } from "../statistics";

const eras: readonly { era: Era; words: string; hasBar: boolean }[] = [
  { era: "modern", words: "2026-07-28", hasBar: true },
  { era: "legacy", words: "2025-11-25", hasBar: false },
];

/** The first call to a server, with nothing kept: no connection, nothing read or opened. */
export const coldCallRow: Row = {
  name: "B2",
  title: "The first call, cold",
  async run({ quick, say }) {
    const stage = await startCallStage();
    const { installation, server, origin, usher, sdk } = stage;
    const account = { userId: installation.adminId, accessToken: newToken() };
    const token = account.accessToken;
    await server.run("acceptTokens", [token]);
    const figures: Figure[] = [];
    try {
      for (const { era, words, hasBar } of eras) {
        const url = origin + paths[era];
        const accounts = [account];
        const serverId = await registerServer(installation, { url, accounts });
        await server.run("takeCounts");
        const requests: Record<"usher" | "sdk", number[]> = { usher: [], sdk: [] };
        const counted =
          (variant: "usher" | "sdk", call: () => Promise<MeasuredRound>) => async () => {
            await server.run("closeIdleConnections");
            const measured = await call();
            const { counts } = await server.run("takeCounts");
            // Ending a session comes after the call.
            const farewells = counts[`${paths[era]} DELETE`] ?? 0;
            requests[variant].push((counts.requests ?? 0) - farewells);
            return measured;
          };
        say(words);
        const measured = await interleave(
          {
            usher: counted("usher", () => usher.run("coldCall", { serverId, accounts })),
            sdk: counted("sdk", () => sdk.run("coldCall", { url, token })),
          },
          quick ? { warmUps: 10, rounds: 20 } : { warmUps: 100, rounds: 300 },
        );
        figures.push(...figuresOf(words, measured, requests, hasBar));
      }
    } finally {
      await stage.close();
    }
    return { figures, method };
  },
};

function figuresOf(
  words: string,
  { usher, sdk }: Record<"usher" | "sdk", MeasuredRound[]>,
  requests: Record<"usher" | "sdk", number[]>,
  hasBar: boolean,
): Figure[] {
  const against = "SDK v2 client, connected anew";
  const latencies = [p50s(usher), p50s(sdk)] as const;
  const most = Math.max(...requests.usher);
  return [
    {
      what: `requests on the wire, ${words}`,
      against: `${Math.max(...requests.sdk)} of the SDK v2 client`,
      value: count(most),
      unit: "",
      bar: hasBar ? { exactly: 1 } : null,
      detail: `${most} : ${Math.max(...requests.sdk)}, the most of ${requests.usher.length} first calls`,
    },
    {
      what: `latency of the first call, ${words}`,
      against,
      value: spread(ratios(...latencies)),
      unit: "×",
      bar: hasBar ? { atMost: 0.5 } : null,
      detail: latencies.map(inMs).join(" : "),
    },
  ];
}

const method =
  "Each call is made by a process that runs, is connected to Postgres and has its statements prepared there, but has no connection to the MCP server and knows nothing of it: Usher reads the server, the token and what was once discovered from the database, and opens them. The SDK's client, with its version negotiation on, is made anew and knows its token. All idle TCP connections are closed before each. The server is on the same machine, so a round trip is all but free; over a network each request that is saved counts for more.";
