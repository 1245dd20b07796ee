import { compressedSize, scriptsOf } from "@/tests/support/page-scripts";
import { install, sessionCookie } from "../installation";
import { interleave } from "../interleave";
import type { NextApp } from "../next-app";
import { inMs } from "../rounds";
import { assertCorrect, count, type Figure, type Row } from "../row";
import { ratios, spread } from "../statistics";
import { startEmptyApp, startUsherApp } from "../web-apps";

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
      const starts = await interleave<"usher" | "empty", Start>(
        { usher: () => measure("usher", 0), empty: () => measure("empty", 0) },
        quick ? { warmUps: 0, rounds: 2 } : { warmUps: 1, rounds: 11 },
      );
      return { figures: figuresOf(pages, first, starts), method };
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

function figuresOf(pages: number, first: Starts, starts: Starts): Figure[] {
  const against = "an empty app of the same Next";
  const times = [
    starts.usher.map(({ startedInMs }) => startedInMs),
    starts.empty.map(({ startedInMs }) => startedInMs),
  ] as const;
  const [usher, empty] = [first.usher[0], first.empty[0]];
  assertCorrect(usher !== undefined && empty !== undefined, "no app was looked at");
  const figure = (what: string, of: (start: Start) => number): Figure => ({
    what,
    against,
    value: count(of(usher) - of(empty)),
    unit: "MB",
    bar: null,
    detail: `${of(usher).toFixed(0)} MB : ${of(empty).toFixed(0)} MB`,
  });
  return [
    {
      what: "start, to the first good answer",
      against,
      value: spread(ratios(...times)),
      unit: "×",
      bar: { atMost: 1.25 },
      detail: times.map(inMs).join(" : "),
    },
    {
      what: "JavaScript of the list of MCP servers, gzip, beyond that of an empty page",
      against,
      value: count(usher.scriptsKb - empty.scriptsKb),
      unit: "kB",
      bar: { atMost: 40 },
      detail: `${usher.scriptsKb.toFixed(1)} kB : ${empty.scriptsKb.toFixed(1)} kB`,
    },
    figure("resident memory beyond an empty app's, after the start", (it) => it.memoryAtStartMb),
    figure(
      `resident memory beyond an empty app's, after ${pages.toLocaleString("en")} pages`,
      (it) => it.memoryAfterMb ?? Number.NaN,
    ),
  ];
}

const method =
  "Both are production builds, served by `next start`. Start: from the start of the process to the first good answer of `/api/health`, which in Usher reads the database; before it, Usher checks its configuration, its key and its database. JavaScript: every script that the page's HTML names, in its tags and in what React reads, without polyfills for old browsers, each compressed by itself. The pages are the list of MCP servers with an admin's session and the empty app's only one, which is static.";
