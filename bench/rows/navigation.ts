import { randomUUID } from "node:crypto";
import type { Page } from "playwright";
import { createAssistant } from "@/lib/assistants/assistant";
import { createServer } from "@/lib/servers/save";
import { clickThrough, places } from "@/tests/support/navigation-times";
import { serverInput } from "@/tests/support/server-input";
import { countFigure, type Figure, quantile } from "../figures";
import { type BenchInstallation, install, sessionCookie } from "../installation";
import type { Row } from "../row";
import { startBrowser, startUsherApp } from "../web-apps";

interface Click {
  path: string;
  ms: number;
}
type Times = Record<"first" | "later", Click[]>;

/** How long somebody looks at the old page after a click in the main navigation. */
export const navigationRow: Row = {
  name: "B13",
  title: "From a click to the next page",
  async run({ quick, say }) {
    const installation = await install();
    const conversation = await furnish(installation);
    const usher = await startUsherApp(installation);
    const browser = await startBrowser();
    try {
      const cookie = await sessionCookie(installation);
      const times: Times = { first: [], later: [] };
      const tabs = quick ? 2 : 12;
      say(`${places.length} pages in each of ${tabs} tabs, three times`);
      for (let tab = 0; tab <= tabs; tab++) {
        const measured = await walk(await browser.open(usher, cookie, "/mcp-servers"));
        // The server's first pages are its start, which B10 measures.
        if (tab === 0) continue;
        times.first.push(...measured.first);
        times.later.push(...measured.later);
      }
      say("the largest paint of each page");
      const paths = [...places.map(({ path }) => path), conversation];
      const open = (path: string) => browser.open(usher, cookie, path);
      const paints = await largestPaints(open, paths, quick ? 1 : 5);
      return { figures: [...figuresOf(times), paintFigure(paints)], method };
    } finally {
      await browser.close();
      await usher.stop();
      await installation.close();
    }
  },
};

/** Some of everything. @returns the path of a conversation */
async function furnish({ app, adminId }: BenchInstallation): Promise<string> {
  const serverIds: string[] = [];
  for (let at = 1; at <= 5; at++) {
    const url = `https://server-${at}.example/mcp`;
    serverIds.push(await createServer(app, serverInput({ name: `Server ${at}`, url })));
  }
  const assistant = await createAssistant(
    { ...app, modelProblem: () => null },
    {
      ...{ name: "Guide", description: "Answers from the handbook.", instructions: "", model: "" },
      servers: serverIds.map((serverId) => ({ serverId, allTools: true, toolNames: [] })),
    },
  );
  const { id } = await app.db.conversation.create({
    data: { userId: adminId, assistantId: assistant.id, title: "What is in the handbook?" },
  });
  for (let position = 0; position < 20; position++) {
    await app.db.message.create({
      data: {
        ...{ id: randomUUID(), conversationId: id, position },
        role: position % 2 === 0 ? "user" : "assistant",
        parts: [
          { type: "text", text: `**${position}** ${"Some words of an answer. ".repeat(30)}` },
        ],
      },
    });
  }
  return `/chat/${id}`;
}

async function walk(page: Page): Promise<Times> {
  const times: Times = { first: [], later: [] };
  for (const round of ["first", "later", "later"] as const) {
    for (const place of places) {
      times[round].push({ path: place.path, ms: await clickThrough(page, place) });
      await page.waitForLoadState("networkidle");
    }
  }
  await page.context().close();
  return times;
}

/** Of each page, the median of some loads, in ms from the request on. */
async function largestPaints(
  open: (path: string) => Promise<Page>,
  paths: readonly string[],
  loads: number,
): Promise<Click[]> {
  const paints: Click[] = [];
  for (const path of paths) {
    const times: number[] = [];
    for (let load = 0; load < loads; load++) {
      const page = await open(path);
      times.push(await page.evaluate(largestPaint));
      await page.context().close();
    }
    paints.push({ path: path.replace(/[^/]{20,}/, "…"), ms: quantile(times, 0.5) });
  }
  return paints;
}

function largestPaint(): Promise<number> {
  return new Promise((resolve) => {
    new PerformanceObserver((list) => {
      resolve(list.getEntries().at(-1)?.startTime ?? Number.NaN);
    }).observe({ type: "largest-contentful-paint", buffered: true });
  });
}

function paintFigure(paints: Click[]): Figure {
  const slowest = Math.max(...paints.map(({ ms }) => ms));
  return figure("largest contentful paint, the slowest page", slowest, 500, inWords(paints));
}

function figuresOf({ first, later }: Times): Figure[] {
  const clicks = (what: string, all: Click[], part: number, bar: number) => {
    const slowest = all.toSorted((one, other) => other.ms - one.ms).slice(0, 3);
    const times = all.map(({ ms }) => ms);
    const detail = `${all.length} clicks; the slowest: ${inWords(slowest)}`;
    return figure(`click to heading, ${what}`, quantile(times, part), bar, detail);
  };
  return [
    clicks("first visit, p50", first, 0.5, 100),
    clicks("first visit, p95", first, 0.95, 160),
    clicks("later visits, p50", later, 0.5, 100),
    clicks("later visits, p95", later, 0.95, 160),
  ];
}

function figure(what: string, ms: number, atMost: number, detail: string): Figure {
  return countFigure(what, "what feels immediate", ms, { unit: "ms", bar: { atMost }, detail });
}

function inWords(pages: readonly Click[]): string {
  return pages.map(({ path, ms }) => `${path} ${ms.toFixed(0)} ms`).join(", ");
}

const method =
  "Chromium without a window on the same machine, a tab for each walk through the main navigation. " +
  "From the click to the frame with the new page's heading, by the page's clock.";
