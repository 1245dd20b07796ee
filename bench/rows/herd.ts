import { bundle } from "../bundle.mjs";
import { Child } from "../child";
import { type Figure, inMs, ratioFigure } from "../figures";
import { expire, herdCells, herdFigures, type PeerHerd, PracticeGrants } from "../grants";
import { readTools, type Stage, startStage } from "../installation";
import type { HerdOutcome } from "../processes/loop";
import { assertCorrect, interleave, type Row } from "../row";

const latencyMs = 200;

const peers = {
  aiSdk: "@ai-sdk/mcp",
  sdkV1: "SDK v1 client",
  sdk: "SDK v2 client",
  betterAuth: "better-auth",
} as const;
type Peer = keyof typeof peers;
const peerNames = Object.keys(peers) as Peer[];

/** What one party did with a valid token, and with one that had just expired. */
interface Herd {
  valid: HerdOutcome;
  expired: HerdOutcome;
  /** With the expired token. */
  served: number;
  posts: number;
  alive: boolean;
}

/** All callers of one process at once, at an access token that has expired. */
export const herdRow: Row = {
  name: "B4",
  title: "A herd in one process",
  async run({ quick, say }) {
    const callers = quick ? 100 : 1000;
    const stage = await startStage();
    const url = await stage.server.run("url", "legacy");
    const grants = await PracticeGrants.start(url, latencyMs);
    const file = await bundle("peers", ["processes/peer-herd.mjs"]);
    const started: Child<PeerHerd>[] = [];
    try {
      await stage.server.run("askProvider", grants.introspection);
      const usher = await usherHerd(stage, grants, url, callers);
      const variants = { usher } as Record<"usher" | Peer, () => Promise<Herd>>;
      for (const peer of peerNames) {
        const child = await Child.start<PeerHerd>(file("processes/peer-herd.mjs"), { peer }, true);
        started.push(child);
        variants[peer] = () => peerHerd(child, stage, grants, url, callers);
      }
      say(`${callers} callers, ${latencyMs} ms`);
      const rounds = quick ? { warmUps: 0, rounds: 1 } : { warmUps: 1, rounds: 3 };
      const herds = await interleave<"usher" | Peer, Herd>(variants, rounds);
      for (const peer of peerNames) {
        for (const failure of herds[peer][0]?.expired.failures ?? [])
          say(`${peers[peer]}: ${failure}`);
      }
      return {
        figures: figuresOf(callers, herds),
        comparison: comparisonOf(callers, herds),
        method: methodOf(callers),
      };
    } finally {
      await Promise.all(started.map((child) => child.stop()));
      await stage.close();
      await grants.close();
    }
  },
};

async function usherHerd(
  { installation, server, startUsher }: Stage,
  grants: PracticeGrants,
  url: string,
  callers: number,
): Promise<() => Promise<Herd>> {
  const owner = await grants.register(installation, url);
  await grants.grantToUsher(installation, owner, url);
  await readTools(installation, owner.serverId);
  const usher = await startUsher();
  const herd = { serverId: owner.serverId, userId: installation.adminId, callers };
  return async () => {
    await grants.grantToUsher(installation, owner, url);
    await usher.run("callAtOnce", herd);
    const valid = await usher.run("callAtOnce", herd);
    await server.run("refuse", await expire(installation, owner));
    const expired = await usher.run("callAtOnce", herd);
    const { served } = expired;
    return { valid, expired, served, posts: grants.posts, alive: grants.isAlive };
  };
}

async function peerHerd(
  peer: Child<PeerHerd>,
  { server }: Stage,
  grants: PracticeGrants,
  url: string,
  callers: number,
): Promise<Herd> {
  const grant = await grants.grant(url);
  await peer.run("begin", grant);
  await peer.run("call", { callers });
  const valid = await peer.run("call", { callers });
  await server.run("refuse", grant.tokens.access_token);
  await peer.run("expire");
  const expired = await peer.run("call", { callers });
  const { posts, isAlive } = grants;
  await peer.run("end");
  return { valid, expired, served: expired.served, posts, alive: isAlive };
}

function figuresOf(callers: number, herds: Record<"usher" | Peer, Herd[]>): Figure[] {
  for (const party of ["usher", ...peerNames] as const) {
    for (const { valid } of herds[party])
      assertCorrect(
        valid.served === callers,
        `${party}, valid token: ${valid.failures.join("; ")}`,
      );
  }
  const { usher, aiSdk } = herds;
  const words = callers.toLocaleString("en");
  const wall = usher.map(({ expired }) => expired.elapsedMs);
  const valid = usher.map((herd) => herd.valid.elapsedMs);
  const peerWall = aiSdk.map(({ expired }) => expired.elapsedMs);
  const peerIsCorrect = aiSdk.every((herd) => herd.posts === 1 && herd.served === callers);
  return [
    ...herdFigures(
      {
        what: `token requests for ${words} calls at once, one expired token`,
        each: usher.map(({ posts }) => posts),
      },
      {
        what: `calls that failed, of ${words}`,
        against: "all answers compared",
        each: usher.map(({ served }) => callers - served),
      },
    ),
    ratioFigure({
      what: `wall time of ${words} calls, one expired token`,
      against: "the same with a valid token, and 1.25 × the provider's latency",
      of: [wall, valid.map((ms) => ms + 1.25 * latencyMs)],
      words: (values) => (values === wall ? inMs(wall) : `${inMs(valid)} + 1.25 × ${latencyMs} ms`),
      bar: { atMost: 1 },
    }),
    ...(peerIsCorrect
      ? [
          ratioFigure({
            what: `wall time of ${words} calls, one expired token`,
            ...{ against: peers.aiSdk, of: [wall, peerWall], words: inMs },
          }),
        ]
      : []),
  ];
}

function comparisonOf(callers: number, herds: Record<"usher" | Peer, Herd[]>): string[][] {
  const line = (name: string, all: Herd[]) => [
    ...herdCells(name, all),
    inMs(all.map(({ expired }) => expired.elapsedMs)),
    inMs(all.map(({ valid }) => valid.elapsedMs)),
  ];
  const served = `Calls served of ${callers.toLocaleString("en")}`;
  return [
    [
      ...["One expired token", "Token requests", served, "Grant alive afterwards", "Wall time"],
      "With a valid token",
    ],
    line("Usher", herds.usher),
    ...peerNames.map((peer) => line(peers[peer], herds[peer])),
  ];
}

function methodOf(callers: number): string {
  return `${callers.toLocaleString("en")} calls in the same moment through one client, whose access token has just expired, at a real oidc-provider that takes ${latencyMs} ms more for a token request, rotates refresh tokens and ends a grant whose refresh token comes twice. Every herd has a consent of its own. The provider counts the requests and says whether the grant is alive; the MCP server is the one of B1 and asks the provider about each token that it does not know. Usher reads its token from Postgres. The MCP clients keep theirs in memory by the \`OAuthClientProvider\` that their documentation asks for, and learn from the server's 401 that it has expired; better-auth (generic OAuth plugin, memory adapter) is asked for the token of each call by \`getAccessToken\` and knows when it expires, and the SDK's v2 client makes the call.`;
}
