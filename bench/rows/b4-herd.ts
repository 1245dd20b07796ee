import { bundle } from "../bundle.mjs";
import { type CallStage, startCallStage } from "../call-stage";
import { Child } from "../child";
import { grantsAlive, herdFigures, range } from "../herd-figures";
import { interleave } from "../interleave";
import { expire, PracticeGrants, readTools } from "../practice-grants";
import type { HerdOutcome, HerdPeer } from "../processes/herd";
import { paths } from "../processes/lean-mcp-server-answer";
import { inMs } from "../rounds";
import { assertCorrect, type Figure, type Row } from "../row";
import { ratios, spread } from "../statistics";

const latencyMs = 200;

const peers = {
  aiSdk: { name: "@ai-sdk/mcp", process: "processes/herd-of-ai-sdk.mjs", packages: "peers" },
  sdkV1: { name: "SDK v1 client", process: "processes/herd-of-sdk-v1", packages: "peers" },
  sdk: { name: "SDK v2 client", process: "processes/herd-of-sdk", packages: "usher" },
  betterAuth: {
    name: "better-auth",
    process: "processes/herd-of-better-auth.mjs",
    packages: "peers",
  },
} as const;
type Peer = keyof typeof peers;
const peerNames = Object.keys(peers) as Peer[];

/** What one party did with a valid token, and with one that had just expired. */
interface Herd {
  valid: HerdOutcome;
  expired: HerdOutcome;
  posts: number;
  alive: boolean;
}

/** All callers of one process at once, at an access token that has expired. */
export const herdRow: Row = {
  name: "B4",
  title: "A herd in one process",
  async run({ quick, say }) {
    const callers = quick ? 100 : 1000;
    const stage = await startCallStage();
    const url = stage.origin + paths.legacy;
    const grants = await PracticeGrants.start(url, latencyMs);
    const started: Child<HerdPeer>[] = [];
    try {
      await stage.server.run("askProvider", grants.introspection);
      const usher = await usherHerd(stage, grants, url, callers);
      const variants = { usher } as Record<"usher" | Peer, () => Promise<Herd>>;
      for (const peer of peerNames) {
        const { process, packages } = peers[peer];
        const file = await bundle(packages, [process]);
        const child = await Child.start<HerdPeer>(file(process), {}, { quiet: true });
        started.push(child);
        variants[peer] = () => peerHerd(child, stage, grants, url, callers);
      }
      say(`${callers} callers, ${latencyMs} ms`);
      const rounds = quick ? { warmUps: 0, rounds: 1 } : { warmUps: 1, rounds: 3 };
      const herds = await interleave<"usher" | Peer, Herd>(variants, rounds);
      for (const peer of peerNames) {
        for (const failure of herds[peer][0]?.expired.failures ?? [])
          say(`${peers[peer].name}: ${failure}`);
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
  { installation, server, usher }: CallStage,
  grants: PracticeGrants,
  url: string,
  callers: number,
): Promise<() => Promise<Herd>> {
  const owner = await grants.register(installation, url);
  await grants.grantToUsher(installation, owner, url);
  await readTools(installation, owner.serverId);
  const herd = { serverId: owner.serverId, userId: installation.adminId, callers };
  return async () => {
    await grants.grantToUsher(installation, owner, url);
    await usher.run("callAtOnce", herd);
    const valid = await usher.run("callAtOnce", herd);
    await server.run("refuse", await expire(installation, owner));
    const expired = await usher.run("callAtOnce", herd);
    return { valid, expired, posts: grants.posts, alive: grants.isAlive };
  };
}

async function peerHerd(
  peer: Child<HerdPeer>,
  { server }: CallStage,
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
  return { valid, expired, posts, alive: isAlive };
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
  const allowed = valid.map((ms) => ms + 1.25 * latencyMs);
  const peerWall = aiSdk.map(({ expired }) => expired.elapsedMs);
  const peerIsCorrect = aiSdk.every((herd) => herd.posts === 1 && herd.expired.served === callers);
  return [
    ...herdFigures(
      {
        what: `token requests for ${words} calls at once, one expired token`,
        each: usher.map(({ posts }) => posts),
      },
      {
        what: `calls that failed, of ${words}`,
        against: "all answers compared",
        each: usher.map(({ expired }) => callers - expired.served),
      },
    ),
    {
      what: `wall time of ${words} calls, one expired token`,
      against: "the same with a valid token, and 1.25 × the provider's latency",
      value: spread(ratios(wall, allowed)),
      unit: "×",
      bar: { atMost: 1 },
      detail: `${inMs(wall)} : ${inMs(valid)} + 1.25 × ${latencyMs} ms`,
    },
    ...(peerIsCorrect
      ? [
          {
            what: `wall time of ${words} calls, one expired token`,
            against: "@ai-sdk/mcp",
            value: spread(ratios(wall, peerWall)),
            unit: "×",
            bar: null,
            detail: `${inMs(wall)} : ${inMs(peerWall)}`,
          } satisfies Figure,
        ]
      : []),
  ];
}

function comparisonOf(callers: number, herds: Record<"usher" | Peer, Herd[]>): string[][] {
  const line = (name: string, all: Herd[]) => [
    name,
    range(all.map(({ posts }) => posts)),
    range(all.map(({ expired }) => expired.served)),
    grantsAlive(all),
    inMs(all.map(({ expired }) => expired.elapsedMs)),
    inMs(all.map(({ valid }) => valid.elapsedMs)),
  ];
  return [
    [
      "One expired token",
      "Token requests",
      `Calls served of ${callers.toLocaleString("en")}`,
      "Grant alive afterwards",
      "Wall time",
      "With a valid token",
    ],
    line("Usher", herds.usher),
    ...peerNames.map((peer) => line(peers[peer].name, herds[peer])),
  ];
}

function methodOf(callers: number): string {
  return `${callers.toLocaleString("en")} calls in the same moment through one client, whose access token has just expired, at a real oidc-provider that takes ${latencyMs} ms more for a token request, rotates refresh tokens and ends a grant whose refresh token comes twice. Every herd has a consent of its own. The provider counts the requests and says whether the grant is alive; the MCP server is the one of B1 and asks the provider about each token that it does not know. Usher reads its token from Postgres. The MCP clients keep theirs in memory by the \`OAuthClientProvider\` that their documentation asks for, and learn from the server's 401 that it has expired; better-auth (generic OAuth plugin, memory adapter) is asked for the token of each call by \`getAccessToken\` and knows when it expires, and the SDK's v2 client makes the call.`;
}
