import { bundle } from "../bundle.mjs";
import { Child } from "../child";
import {
  type BenchInstallation,
  install,
  newToken,
  registerServer,
  sessionCookie,
} from "../installation";
import { interleave } from "../interleave";
import type { MeasuredRound } from "../processes/call-loop";
import type { HttpLoadProcess } from "../processes/http-load";
import type { LeanMcpServer } from "../processes/lean-mcp-server";
import { type Era, paths } from "../processes/lean-mcp-server-answer";
import { callsPerSecond, inMs, p50s, perSecond } from "../rounds";
import { assertCorrect, type Figure, type Row } from "../row";
import { ratios, spread } from "../statistics";
import { startEmptyApp, startUsherApp } from "../web-apps";

const servers = 10;
const concurrency = 16;

/** What a Next handler would send that is given a database and asks nobody who they are. */
const query = `
  SELECT s."id", s."name", s."description", s."transport", s."url", s."command", s."authentication",
    c."tokenSharing", t."tools", t."fetchedAt", t."lastError", s."updatedAt",
    k."expiresAt", k."lastRefreshError"
  FROM "McpServer" s
  LEFT JOIN "OAuthClient" c ON c."serverId" = s."id"
  LEFT JOIN "ToolCatalogue" t ON t."serverId" = s."id"
  LEFT JOIN "StoredTokenSet" k ON k."serverId" = s."id" AND k."ownerKey" = 'shared'
  ORDER BY s."name"`;

/** A request of a page for its data, through session, permission and view. */
export const routeHandlerRow: Row = {
  name: "B9",
  title: "A route handler",
  async run({ quick, say }) {
    const file = await bundle("usher", ["processes/lean-mcp-server", "processes/http-load"]);
    const server = await Child.start<LeanMcpServer>(file("processes/lean-mcp-server"));
    const load = await Child.start<HttpLoadProcess>(file("processes/http-load"));
    const installation = await install();
    const cookie = await sessionCookie(installation);
    await registerServers(installation, server, "modern");
    const usher = await startUsherApp(installation);
    try {
      const path = "/api/mcp-servers";
      const answer = await textOf(`${usher.url}${path}`, { cookie });
      const bare = await startEmptyApp({
        DATABASE_URL: installation.database.url,
        BENCH_QUERY: query,
        BENCH_ANSWER: answer,
      });
      try {
        const variant = async (url: string, headers: Record<string, string>) => {
          const expected = await textOf(url, headers);
          const calls = quick ? 200 : 300;
          return (at: number) => () =>
            load.run("gets", { url, headers, answer: expected, calls, concurrency: at });
        };
        const usherRound = await variant(`${usher.url}${path}`, { cookie });
        const readRound = await variant(`${bare.url}${path}`, {});
        const constantRound = await variant(`${bare.url}/api/constant`, {});
        const variants = (at: number) => ({
          usher: usherRound(at),
          read: readRound(at),
          constant: constantRound(at),
        });
        const rounds = quick ? { warmUps: 1, rounds: 3 } : { warmUps: 3, rounds: 9 };
        say(`${concurrency} requests at a time`);
        const together = await interleave(variants(concurrency), rounds);
        say("one request at a time");
        const alone = await interleave(variants(1), rounds);
        return { figures: figuresOf(together, alone), method };
      } finally {
        await bare.stop();
      }
    } finally {
      await usher.stop();
      await Promise.all([server.stop(), load.stop()]);
      await installation.close();
    }
  },
};

async function registerServers(
  installation: BenchInstallation,
  server: Child<LeanMcpServer>,
  era: Era,
): Promise<void> {
  const account = { userId: installation.adminId, accessToken: newToken() };
  await server.run("acceptTokens", [account.accessToken]);
  const url = (await server.run("address")) + paths[era];
  for (let number = 0; number < servers; number++) {
    await registerServer(installation, { url, accounts: [account] });
  }
}

/** @throws Error unless it holds all servers */
async function textOf(url: string, headers: Record<string, string>): Promise<string> {
  const answer = await fetch(url, { headers });
  const text = await answer.text();
  const found = answer.ok ? (JSON.parse(text) as { servers: unknown[] }).servers.length : 0;
  assertCorrect(found === servers, `${url} answered ${answer.status} with ${found} servers`);
  return text;
}

type Measured = Awaited<
  ReturnType<typeof interleave<"usher" | "read" | "constant", MeasuredRound>>
>;

function figuresOf(together: Measured, alone: Measured): Figure[] {
  const peers = {
    read: "a bare handler with the same read",
    constant: "a bare handler that reads nothing",
  };
  return (["read", "constant"] as const).flatMap((peer): Figure[] => {
    const rates = [callsPerSecond(together.usher), callsPerSecond(together[peer])] as const;
    const latencies = [p50s(alone.usher), p50s(alone[peer])] as const;
    return [
      {
        what: `requests/s, list of ${servers} servers, ${concurrency} at once`,
        against: peers[peer],
        value: spread(ratios(...rates)),
        unit: "×",
        bar: peer === "read" ? { atLeast: 0.8 } : null,
        detail: rates.map(perSecond).join(" : "),
      },
      {
        what: `p50 of a request, list of ${servers} servers`,
        against: peers[peer],
        value: spread(ratios(...latencies)),
        unit: "×",
        bar: null,
        detail: latencies.map(inMs).join(" : "),
      },
    ];
  });
}

const method = `\`GET /api/mcp-servers\` of the production build, served by \`next start\`, with an admin's session cookie: security headers, session and permission looked at in the database, the view without secrets. Bare: a handler in an otherwise empty app of the same Next, without session, permission or headers, that reads the same ${servers} servers by one SQL statement of its own over the same kind of pool and sends the rows; and one that sends Usher's answer as a constant. Every answer is compared to the letter.`;
