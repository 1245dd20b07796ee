import { compressedSize, scriptsOf } from "@/tests/support/page-scripts";
import {
  callsPerSecond,
  countFigure,
  type Figure,
  inMs,
  p50s,
  perSecond,
  ratioFigure,
} from "../figures";
import { install, sessionCookie, startStage } from "../installation";
import type { MeasuredRound } from "../processes/loop";
import { assertCorrect, interleave, type Row } from "../row";
import { type NextApp, startEmptyApp, startUsherApp } from "../web-apps";

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
    const stage = await startStage();
    const { installation } = stage;
    const started: NextApp[] = [];
    try {
      for (let number = 0; number < servers; number++) await stage.connect("modern");
      const load = await stage.startCaller();
      const usher = await startUsherApp(installation);
      started.push(usher);
      const bareEnv = { DATABASE_URL: installation.database.url, BENCH_QUERY: query };
      const bare = await startEmptyApp(bareEnv);
      started.push(bare);
      const getter = async (app: NextApp, headers: Record<string, string>) => {
        const url = `${app.url}/api/mcp-servers`;
        const answer = await listOf(url, headers);
        const calls = quick ? 200 : 300;
        return (at: number) => () =>
          load.run("gets", { url, headers, answer, calls, concurrency: at });
      };
      const ofUsher = await getter(usher, { cookie: await sessionCookie(installation) });
      const ofBare = await getter(bare, {});
      const rounds = quick ? { warmUps: 1, rounds: 3 } : { warmUps: 3, rounds: 9 };
      const measure = (at: number) => interleave({ usher: ofUsher(at), bare: ofBare(at) }, rounds);
      say(`${concurrency} requests at a time`);
      const together = await measure(concurrency);
      say("one request at a time");
      return { figures: handlerFigures(together, await measure(1)), method: handlerMethod };
    } finally {
      for (const app of started) await app.stop();
      await stage.close();
    }
  },
};

/** @throws Error unless it holds all servers */
async function listOf(url: string, headers: Record<string, string>): Promise<string> {
  const answer = await fetch(url, { headers });
  const text = await answer.text();
  const found = answer.ok ? (JSON.parse(text) as { servers: unknown[] }).servers.length : 0;
  assertCorrect(found === servers, `${url} answered ${answer.status} with ${found} servers`);
  return text;
}

function handlerFigures(together: Measured, alone: Measured): Figure[] {
  const against = "a bare handler with the same read";
  return [
    ratioFigure({
      what: `requests/s, list of ${servers} servers, ${concurrency} at once`,
      against,
      of: [callsPerSecond(together.usher), callsPerSecond(together.bare)],
      ...{ words: perSecond, bar: { atLeast: 0.8 } },
    }),
    ratioFigure({
      what: `p50 of a request, list of ${servers} servers`,
      ...{ against, of: [p50s(alone.usher), p50s(alone.bare)], words: inMs },
    }),
  ];
}
type Measured = Record<"usher" | "bare", MeasuredRound[]>;

const handlerMethod = `\`GET /api/mcp-servers\` of the production build, served by \`next start\`, with an admin's session cookie: security headers, session and permission looked at in the database, the view without secrets. Bare: a handler in an otherwise empty app of the same Next, without session, permission or headers, that reads the same ${servers} servers by one SQL statement of its own over the same kind of pool and sends the rows. Every answer is compared, except for the numbers that count down to a change of status.`;

interface Start {
  startedInMs: number;
  scriptsKb: number;
  memoryAtStartMb: number;
  /** Null where it was not asked for anything else. */
  memoryAfterMb: number | null;
}
type Starts = Record<"usher" | "empty", Start[]>;

/** What there is to start, to send and to keep in memory beyond Next itself. */
export const webAppRow: Row = {
  name: "B10",
  title: "Start, JavaScript, memory",
  async run({ quick, say }) {
    const installation = await install();
    try {
      const pages = quick ? 100 : 300;
      const cookie = await sessionCookie(installation);
      const apps = {
        usher: { start: () => startUsherApp(installation), page: "/mcp-servers" },
        empty: { start: () => startEmptyApp(), page: "/" },
      };
      const measure = async (app: keyof typeof apps, asked: number) => {
        const { start, page } = apps[app];
        const started = await start();
        try {
          return await look(started, page, cookie, asked);
        } finally {
          await started.stop();
        }
      };
      say(`memory, after ${pages} pages`);
      const first = {
        usher: [await measure("usher", pages)],
        empty: [await measure("empty", pages)],
      };
      say("starts");
      const starts = await interleave(
        { usher: () => measure("usher", 0), empty: () => measure("empty", 0) },
        quick ? { warmUps: 0, rounds: 2 } : { warmUps: 1, rounds: 11 },
      );
      return { figures: startFigures(pages, first, starts), method: startMethod };
    } finally {
      await installation.close();
    }
  },
};

async function look(app: NextApp, page: string, cookie: string, times: number): Promise<Start> {
  const memoryAtStartMb = await app.memoryMb();
  const html = await textOf(`${app.url}${page}`, cookie);
  const bytes = await compressedSize(scriptsOf(html), async (path) =>
    Buffer.from(await textOf(`${app.url}${path}`, cookie)),
  );
  for (let sent = 0; sent < times; sent += 10) {
    await Promise.all(Array.from({ length: 10 }, () => textOf(`${app.url}${page}`, cookie)));
  }
  return {
    startedInMs: app.startedInMs,
    scriptsKb: bytes / 1000,
    memoryAtStartMb,
    memoryAfterMb: times > 0 ? await app.memoryMb() : null,
  };
}

async function textOf(url: string, cookie: string): Promise<string> {
  const answer = await fetch(url, { headers: { cookie }, redirect: "manual" });
  assertCorrect(answer.status === 200, `${url} answered ${answer.status}`);
  return answer.text();
}

function startFigures(pages: number, first: Starts, starts: Starts): Figure[] {
  const against = "an empty app of the same Next";
  const times = (of: Start[]) => of.map(({ startedInMs }) => startedInMs);
  const [usher, empty] = [first.usher[0], first.empty[0]];
  assertCorrect(usher !== undefined && empty !== undefined, "no app was looked at");
  const memory = (when: string, of: (start: Start) => number) =>
    countFigure(`resident memory beyond an empty app's, ${when}`, against, of(usher) - of(empty), {
      ...{ unit: "MB", detail: `${of(usher).toFixed(0)} MB : ${of(empty).toFixed(0)} MB` },
    });
  const scripts = [usher.scriptsKb, empty.scriptsKb] as const;
  return [
    ratioFigure({
      ...{ what: "start, to the first good answer", against, words: inMs },
      ...{ of: [times(starts.usher), times(starts.empty)], bar: { atMost: 1.25 } },
    }),
    countFigure(
      "JavaScript of the list of MCP servers, gzip, beyond that of an empty page",
      against,
      scripts[0] - scripts[1],
      {
        ...{ unit: "kB", bar: { atMost: 40 } },
        detail: scripts.map((kb) => `${kb.toFixed(1)} kB`).join(" : "),
      },
    ),
    memory("after the start", (it) => it.memoryAtStartMb),
    memory(`after ${pages} pages`, (it) => it.memoryAfterMb ?? Number.NaN),
  ];
}

const startMethod =
  "Both are production builds, served by `next start`. Start: from the start of the process to the first good answer of `/api/health`, which in Usher reads the database; before it, Usher checks its configuration, its key and its database. JavaScript: every script that the page's HTML names, in its tags and in what React reads, without polyfills for old browsers, each compressed by itself. The pages are the list of MCP servers with an admin's session and the empty app's only one, which is static.";
