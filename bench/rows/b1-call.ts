import { bundle } from "../bundle.mjs";
import { type CallStage, startCallStage } from "../call-stage";
import { Child } from "../child";
import { newToken, registerServer } from "../installation";
import { interleave } from "../interleave";
import { type Hub, startHub } from "../peers/hub";
import type { CallRound, MeasuredRound } from "../processes/call-loop";
import type { CallerOfHub } from "../processes/caller-of-hub";
import { type Era, paths } from "../processes/lean-mcp-server-answer";
import type { RawHttpProcess } from "../processes/raw-http";
import { callsPerSecond, cpuPerCall, inMs, p50s, perSecond } from "../rounds";
import { assertCorrect, type Bar, type Figure, type Row } from "../row";
import { ratios, spread } from "../statistics";

const eras: readonly { era: Era; words: string; hasBar: boolean }[] = [
  { era: "modern", words: "2026-07-28", hasBar: true },
  { era: "legacy", words: "2025-11-25", hasBar: true },
  { era: "legacyStreaming", words: "2025-11-25, event streams", hasBar: false },
];

const peers = {
  sdk: "SDK v2 client with a fixed token",
  raw: "raw HTTP: undici and JSON.parse",
  hub: "mcp-hub, over its REST interface",
};
type Variant = "usher" | keyof typeof peers;

/** A call as the chat makes it, with all of the custody around it. */
export const callRow: Row = {
  name: "B1",
  title: "A tool call through full custody",
  async run({ quick, say }) {
    const stage = await startCallStage();
    const { installation, server, origin } = stage;
    const account = { userId: installation.adminId, accessToken: newToken() };
    const token = account.accessToken;
    await server.run("acceptTokens", [token]);
    const others = await startOthers(origin, token);
    const figures: Figure[] = [];
    try {
      for (const { era, words, hasBar } of eras) {
        const url = origin + paths[era];
        const serverId = await registerServer(installation, { url, accounts: [account] });
        const accounts = [account];
        const variants = (round: CallRound) => ({
          usher: () =>
            stage.usher.run("calls", { ...round, serverId, accounts, credential: "custody" }),
          sdk: () => stage.sdk.run("calls", { ...round, url, token }),
          raw: () => others.raw.run("calls", { ...round, url, token, era }),
          hub: () =>
            others.caller.run("calls", { ...round, hubUrl: others.hub.url, serverName: era }),
        });
        const rounds = quick ? { warmUps: 1, rounds: 3 } : { warmUps: 4, rounds: 15 };
        const one = { calls: quick ? 200 : 600, concurrency: 1 };
        const many = { calls: quick ? 640 : 3200, concurrency: 32 };
        await server.run("takeCounts");
        say(`${words}: one call at a time`);
        const alone = await interleave<Variant, MeasuredRound>(variants(one), rounds);
        say(`${words}: 32 calls at a time`);
        const together = await interleave<Variant, MeasuredRound>(variants(many), rounds);
        const sent = 4 * (rounds.warmUps + rounds.rounds) * (one.calls + many.calls);
        await assertCounts(stage, paths[era], sent);
        figures.push(...figuresOf(words, alone, together, hasBar));
      }
    } finally {
      await others.stop();
      await stage.close();
    }
    return { figures, method };
  },
};

async function startOthers(origin: string, token: string) {
  const file = await bundle("usher", ["processes/raw-http", "processes/caller-of-hub"]);
  const raw = await Child.start<RawHttpProcess>(file("processes/raw-http"));
  const caller = await Child.start<CallerOfHub>(file("processes/caller-of-hub"));
  const hub: Hub = await startHub(
    Object.fromEntries(eras.map(({ era }) => [era, { url: origin + paths[era], token }])),
  );
  const stop = () => Promise.all([raw.stop(), caller.stop(), hub.stop()]);
  return { raw, caller, hub, stop };
}

async function assertCounts({ server }: CallStage, path: string, sent: number): Promise<void> {
  const { counts } = await server.run("takeCounts");
  const called = counts[`${path} POST tools/call`];
  assertCorrect(called === sent, `${called} of ${sent} calls reached the server`);
  assertCorrect(!counts.unauthorized, `${counts.unauthorized} requests came without the token`);
}

function figuresOf(
  words: string,
  alone: Record<Variant, MeasuredRound[]>,
  together: Record<Variant, MeasuredRound[]>,
  hasBar: boolean,
): Figure[] {
  const bars: Record<keyof typeof peers, { p50: Bar | null; rate: Bar | null }> = {
    sdk: { p50: { atMost: 0.75 }, rate: { atLeast: 2 } },
    hub: { p50: { atMost: 1 / 3 }, rate: { atLeast: 3 } },
    raw: { p50: null, rate: null },
  };
  return (["sdk", "hub", "raw"] as const).flatMap((peer): Figure[] => {
    const latency = [p50s(alone.usher), p50s(alone[peer])] as const;
    const rate = [callsPerSecond(together.usher), callsPerSecond(together[peer])] as const;
    const cpu = [cpuPerCall(together.usher), cpuPerCall(together[peer])] as const;
    const against = peers[peer];
    return [
      {
        what: `p50 of a call, ${words}`,
        against,
        value: spread(ratios(...latency)),
        unit: "×",
        bar: hasBar ? bars[peer].p50 : null,
        detail: latency.map(inMs).join(" : "),
      },
      {
        what: `calls/s, 32 at once, ${words}`,
        against,
        value: spread(ratios(...rate)),
        unit: "×",
        bar: hasBar ? bars[peer].rate : null,
        detail: `${rate.map(perSecond).join(" : ")}; CPU of the caller ${cpu.map(inMs).join(" : ")} a call`,
      },
    ];
  });
}

const method =
  "Usher's `callTool` as the chat calls it (server and account looked up, token opened and checked, outbound guard, kept connection), each peer and the MCP server run in a process of their own. The server is written by hand so that it is not what is measured; the tool answers 1 KB. Every answer is compared, and the server's counts say that each call came once and with the token. mcp-hub is a process that is called over its REST interface, the only one it has: its figure holds that hop.";
