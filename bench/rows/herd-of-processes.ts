import { introspect } from "@/tests/trials/accounts";
import { bundle } from "../bundle.mjs";
import { Child } from "../child";
import { type Figure, inMs, ratioFigure } from "../figures";
import { expire, herdCells, herdFigures, PracticeGrants, range } from "../grants";
import { type BenchInstallation, install, sql } from "../installation";
import type { HerdOnPostgres, TokenTable } from "../processes/herd-on-postgres";
import type { HerdOutcome } from "../processes/loop";
import type { UsherProcess } from "../processes/usher";
import { interleave, type Row } from "../row";

const processes = 4;
const latencyMs = 200;
const url = "http://127.0.0.1:9/lean";

const peers = {
  uncoordinated: "no coordination",
  oncePerProcess: "one refresh at a time in each process",
  rowLock: "row lock: SELECT … FOR UPDATE, held during the request",
} as const;
type Peer = keyof typeof peers;
type Party = "usher" | Peer;
const peerNames = Object.keys(peers) as Peer[];

interface Herd {
  posts: number;
  /** Callers with a token that is good when all is over. */
  served: number;
  alive: boolean;
  wallMs: number;
  /** Connections to Postgres with a transaction of 50 ms or more, while the provider took its time. */
  held: number;
}

/** All callers of four processes at once, at an access token that has expired. */
export const herdOfProcessesRow: Row = {
  name: "B5",
  title: "A herd in four processes on one Postgres",
  async run({ quick, say }) {
    const callersEach = quick ? 25 : 250;
    const file = await bundle("usher", ["processes/usher", "processes/herd-on-postgres"]);
    const installation = await install();
    const grants = await PracticeGrants.start(url, latencyMs);
    const { env, database } = installation;
    const table: TokenTable = {
      databaseUrl: database.url,
      tokenEndpoint: grants.provider.tokenEndpoint,
      authorization: grants.clientAuthorization,
    };
    const start = <Known extends UsherProcess | HerdOnPostgres>(name: string, options: unknown) =>
      Promise.all(Array.from({ length: processes }, () => Child.start<Known>(file(name), options)));
    const ushers = await start<UsherProcess>("processes/usher", { env });
    const others = await start<HerdOnPostgres>("processes/herd-on-postgres", table);
    try {
      await sql(
        database.url,
        "CREATE TABLE bench_token (access_token text, refresh_token text, expires_at timestamptz)",
      );
      await Promise.all(others.map((other) => other.run("connect")));
      const stage = { installation, grants, callersEach };
      const owner = await grants.register(installation, url);
      const variants: Record<Party, () => Promise<Herd>> = {
        usher: async () => {
          await grants.grantToUsher(installation, owner, url);
          await expire(installation, owner);
          return stampede(stage, (herd) =>
            ushers.map((usher) => usher.run("tokensAtOnce", { owner, ...herd })),
          );
        },
        uncoordinated: () => stampedeOf(stage, others, "uncoordinated"),
        oncePerProcess: () => stampedeOf(stage, others, "oncePerProcess"),
        rowLock: () => stampedeOf(stage, others, "rowLock"),
      };
      say(`${processes} × ${callersEach} callers, ${latencyMs} ms`);
      const rounds = quick ? { warmUps: 1, rounds: 1 } : { warmUps: 2, rounds: 7 };
      const herds = await interleave<Party, Herd>(variants, rounds);
      const callers = processes * callersEach;
      return {
        figures: figuresOf(callers, herds),
        comparison: comparisonOf(callers, herds),
        method,
      };
    } finally {
      await Promise.all([...ushers, ...others].map((child) => child.stop()));
      await installation.close();
      await grants.close();
    }
  },
};

interface Stage {
  installation: BenchInstallation;
  grants: PracticeGrants;
  callersEach: number;
}

async function stampedeOf(
  stage: Stage,
  others: Child<HerdOnPostgres>[],
  peer: Peer,
): Promise<Herd> {
  const { tokens } = await stage.grants.grant(url);
  const { database } = stage.installation;
  await sql(database.url, "DELETE FROM bench_token");
  await sql(database.url, "INSERT INTO bench_token VALUES ($1, $2, now() - interval '1 minute')", [
    tokens.access_token,
    tokens.refresh_token,
  ]);
  return stampede(stage, (herd) => others.map((other) => other.run(peer, herd)));
}

async function stampede(
  { installation, grants, callersEach }: Stage,
  start: (herd: { callers: number; at: number }) => Promise<HerdOutcome>[],
): Promise<Herd> {
  const at = Date.now() + 200;
  const running = start({ callers: callersEach, at });
  await new Promise((resolve) => setTimeout(resolve, at + latencyMs * 0.75 - Date.now()));
  const held = await countInTransaction(installation.database.url);
  const outcomes = await Promise.all(running);
  const { posts, isAlive, provider } = grants;
  const tokens = outcomes.flatMap(({ got }) => got);
  const good = await Promise.all(
    tokens.map(async ({ value, callers }) =>
      (await introspect(provider, value)).active ? callers : 0,
    ),
  );
  return {
    posts,
    served: good.reduce((sum, callers) => sum + callers, 0),
    alive: isAlive,
    wallMs: Math.max(...outcomes.map(({ endedAt }) => endedAt)) - at,
    held,
  };
}

async function countInTransaction(databaseUrl: string): Promise<number> {
  const [row] = await sql<{ held: number }>(
    databaseUrl,
    `SELECT count(*)::int AS held FROM pg_stat_activity
     WHERE datname = current_database() AND xact_start < now() - interval '50 ms'`,
  );
  return row?.held ?? Number.NaN;
}

function figuresOf(callers: number, herds: Record<Party, Herd[]>): Figure[] {
  const { usher, rowLock } = herds;
  const words = callers.toLocaleString("en");
  const wall = usher.map(({ wallMs }) => wallMs);
  const lockWall = rowLock.map(({ wallMs }) => wallMs);
  return [
    ...herdFigures(
      {
        what: `token requests for ${words} callers in ${processes} processes`,
        each: usher.map(({ posts }) => posts),
      },
      {
        what: `callers without a good token, of ${words}`,
        against: "the provider's word",
        each: usher.map(({ served }) => callers - served),
      },
    ),
    ratioFigure({
      what: `wall time of ${words} callers in ${processes} processes`,
      against: "the provider's latency",
      of: [wall, wall.map(() => latencyMs)],
      words: (values) => (values === wall ? inMs(wall) : `${latencyMs} ms`),
      bar: { atMost: 1.4 },
    }),
    ratioFigure({
      what: `wall time of ${words} callers in ${processes} processes`,
      ...{ against: peers.rowLock, of: [wall, lockWall], words: inMs },
    }),
  ];
}

function comparisonOf(callers: number, herds: Record<Party, Herd[]>): string[][] {
  const line = (name: string, all: Herd[]) => [
    ...herdCells(name, all),
    inMs(all.map(({ wallMs }) => wallMs)),
    range(all.map(({ held }) => held)),
  ];
  const served = `Callers served of ${callers.toLocaleString("en")}`;
  return [
    [
      ...["One expired token", "Token requests", served, "Grant alive afterwards", "Wall time"],
      "Connections in a transaction meanwhile",
    ],
    line("Usher", herds.usher),
    ...peerNames.map((peer) => line(peers[peer], herds[peer])),
  ];
}

const method = `Four processes want the access token of one account in the same moment, 250 callers each; it has expired. The provider is the one of B4, ${latencyMs} ms a token request. The peers are what is written by hand: tokens in a table, node-postgres with its own 10 connections a process, tokens not sealed. A caller is served who holds a token that the provider calls active when all is over.`;
