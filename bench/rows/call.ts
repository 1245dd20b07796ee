import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "@/tests/e2e/next-server";
import {
  type Bar,
  callsPerSecond,
  countFigure,
  cpuPerCall,
  type Figure,
  inMs,
  p50s,
  perSecond,
  ratioFigure,
} from "../figures";
import { startStage } from "../installation";
import type { Era } from "../processes/lean-mcp-server";
import type { CallRound, MeasuredRound } from "../processes/loop";
import { interleave, type Row } from "../row";

const eras: readonly { era: Era; words: string }[] = [
  { era: "modern", words: "2026-07-28" },
  { era: "legacy", words: "2025-11-25" },
];

interface Peer {
  name: string;
  p50: Bar | null;
  rate: Bar | null;
}

const peers: Record<"sdk" | "hub" | "raw", Peer> = {
  sdk: { name: "SDK v2 client with a fixed token", p50: { atMost: 0.75 }, rate: { atLeast: 2 } },
  hub: { name: "mcp-hub, over its REST interface", p50: { atMost: 1 / 3 }, rate: { atLeast: 3 } },
  raw: { name: "raw HTTP: undici and JSON.parse", p50: null, rate: null },
};
type Measured = Record<"usher" | keyof typeof peers, MeasuredRound[]>;

/** A call as the chat makes it, with all of the custody around it. */
export const callRow: Row = {
  name: "B1",
  title: "A tool call through full custody",
  async run({ quick, say }) {
    const stage = await startStage();
    const { server, account } = stage;
    const token = account.accessToken;
    const usher = await stage.startUsher();
    const sdk = await stage.startCaller();
    const raw = await stage.startCaller();
    const hubCaller = await stage.startCaller();
    const hub = await startHub(
      { modern: await server.run("url", "modern"), legacy: await server.run("url", "legacy") },
      token,
    );
    const figures: Figure[] = [];
    try {
      for (const { era, words } of eras) {
        const { serverId, url } = await stage.connect(era);
        const accounts = [account];
        const variants = (round: CallRound) => ({
          usher: () => usher.run("calls", { ...round, serverId, accounts, credential: "custody" }),
          sdk: () => sdk.run("sdkCalls", { ...round, url, token }),
          raw: () => raw.run("rawCalls", { ...round, url, token, era }),
          hub: () => hubCaller.run("hubCalls", { ...round, url: hub.url, serverName: era }),
        });
        const rounds = quick ? { warmUps: 1, rounds: 3 } : { warmUps: 4, rounds: 15 };
        const one = { calls: quick ? 200 : 600, concurrency: 1 };
        const many = { calls: quick ? 640 : 3200, concurrency: 32 };
        await server.run("takeCounts");
        say(`${words}: one call at a time`);
        const alone = await interleave(variants(one), rounds);
        say(`${words}: 32 calls at a time`);
        const together = await interleave(variants(many), rounds);
        const sent = 4 * (rounds.warmUps + rounds.rounds) * (one.calls + many.calls);
        await stage.assertCalls(sent);
        figures.push(...figuresOf(words, alone, together));
      }
    } finally {
      await hub.stop();
      await stage.close();
    }
    return { figures, method };
  },
};

function figuresOf(words: string, alone: Measured, together: Measured): Figure[] {
  return (["sdk", "hub", "raw"] as const).flatMap((peer) => {
    const { name: against, p50, rate } = peers[peer];
    const cpu = [cpuPerCall(together.usher), cpuPerCall(together[peer])];
    return [
      ratioFigure({
        ...{ what: `p50 of a call, ${words}`, against, words: inMs, bar: p50 },
        of: [p50s(alone.usher), p50s(alone[peer])],
      }),
      ratioFigure({
        ...{ what: `calls/s, 32 at once, ${words}`, against, words: perSecond, bar: rate },
        of: [callsPerSecond(together.usher), callsPerSecond(together[peer])],
        more: `; CPU of the caller ${cpu.map(inMs).join(" : ")} a call`,
      }),
    ];
  });
}

const method =
  "Usher's `callTool` as the chat calls it (server and account looked up, token opened and checked, outbound guard, kept connection), each peer and the MCP server run in a process of their own. The server is written by hand so that it is not what is measured; the tool answers 1 KB. Every answer is compared, and the server's counts say that each call came once and with the token. mcp-hub is called over its REST interface, the only one it has: its figure includes that hop.";

/** The first call to a server, with nothing kept: no connection, nothing read or opened. */
export const coldCallRow: Row = {
  name: "B2",
  title: "The first call, cold",
  async run({ quick, say }) {
    const stage = await startStage();
    const { server, account } = stage;
    const { userId, accessToken: token } = account;
    const [usher, sdk] = [await stage.startUsher(), await stage.startCaller()];
    const figures: Figure[] = [];
    try {
      for (const { era, words } of eras) {
        const { serverId, url } = await stage.connect(era);
        await server.run("takeCounts");
        const requests: Record<"usher" | "sdk", number[]> = { usher: [], sdk: [] };
        const counted = (who: "usher" | "sdk", call: () => Promise<MeasuredRound>) => async () => {
          await server.run("closeIdleConnections");
          const measured = await call();
          const { counts } = await server.run("takeCounts");
          // Ending a session comes after the call.
          requests[who].push((counts.requests ?? 0) - (counts.DELETE ?? 0));
          return measured;
        };
        say(words);
        const measured = await interleave(
          {
            usher: counted("usher", () => usher.run("coldCall", { serverId, userId })),
            sdk: counted("sdk", () => sdk.run("sdkColdCall", { url, token })),
          },
          quick ? { warmUps: 10, rounds: 20 } : { warmUps: 100, rounds: 300 },
        );
        const [most, mostOfSdk] = [Math.max(...requests.usher), Math.max(...requests.sdk)];
        const hasBar = era === "modern";
        figures.push(
          countFigure(`requests on the wire, ${words}`, `${mostOfSdk} of the SDK v2 client`, most, {
            bar: hasBar ? { exactly: 1 } : null,
            detail: `${most} : ${mostOfSdk}, the most of ${requests.usher.length} first calls`,
          }),
          ratioFigure({
            ...{ what: `latency of the first call, ${words}`, words: inMs },
            against: "SDK v2 client, connected each time",
            of: [p50s(measured.usher), p50s(measured.sdk)],
            bar: hasBar ? { atMost: 0.5 } : null,
          }),
        );
      }
    } finally {
      await stage.close();
    }
    return { figures, method: coldMethod };
  },
};

const coldMethod =
  "Each call is made by a process that runs, is connected to Postgres and has its statements prepared there, but has no connection to the MCP server and knows nothing of it: Usher reads the server, the token and what was once discovered from the database, and opens them. The SDK's client, with its version negotiation on, is created each time and knows its token. All idle TCP connections are closed before each. The server is on the same machine, so a round trip is all but free; over a network each request that is saved counts for more.";

const hubCommand = path.join(import.meta.dirname, "../node_modules/mcp-hub/dist/cli.js");

interface Hub {
  url: string;
  stop(): Promise<void>;
}

/** mcp-hub in front of these MCP servers, by name, with the token as a fixed header. */
async function startHub(urls: Record<string, string>, token: string): Promise<Hub> {
  const folder = await mkdtemp(path.join(tmpdir(), "usher-bench-hub-"));
  const config = path.join(folder, "servers.json");
  const headers = { Authorization: `Bearer ${token}` };
  const mcpServers = Object.fromEntries(
    Object.entries(urls).map(([name, url]) => [name, { url, headers }]),
  );
  await writeFile(config, JSON.stringify({ mcpServers }));
  const port = await freePort();
  const hub = spawn(process.execPath, [hubCommand, "--port", `${port}`, "--config", config], {
    // Its state and its logs, too, go where they leave nothing behind.
    env: { PATH: process.env.PATH, NODE_ENV: "production", HOME: folder, XDG_STATE_HOME: folder },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const url = `http://127.0.0.1:${port}`;
  await untilReady(url, Object.keys(urls), hub);
  return {
    url,
    stop: async () => {
      if (hub.exitCode === null) {
        const exited = once(hub, "exit");
        hub.kill("SIGTERM");
        await exited;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function untilReady(url: string, names: string[], hub: ChildProcess): Promise<void> {
  const giveUpAt = Date.now() + 60_000;
  for (;;) {
    const answer = await fetch(`${url}/api/servers`).catch(() => null);
    const { servers = [] } = answer?.ok
      ? ((await answer.json()) as { servers?: { name: string; status: string }[] })
      : {};
    const connected = servers
      .filter(({ status }) => status === "connected")
      .map(({ name }) => name);
    if (names.every((name) => connected.includes(name))) return;
    if (hub.exitCode !== null || Date.now() > giveUpAt) {
      throw new Error(`mcp-hub did not connect: ${JSON.stringify(servers).slice(0, 500)}`);
    }
    await delay(100);
  }
}
