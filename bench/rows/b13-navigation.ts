import type { Page } from "playwright";
import { clickThrough, places } from "@/tests/support/navigation-times";
import { type BenchBrowser, startBrowser } from "../browser";
import { install, sessionCookie } from "../installation";
import type { NextApp } from "../next-app";
import { count, type Figure, type Row } from "../row";
import { quantile } from "../statistics";
import { startUsherApp } from "../web-apps";

interface Times {
  first: number[];
  later: number[];
}

/** How long somebody looks at the old page after a click in the main navigation. */
export const navigationRow: Row = {
  name: "B13",
  title: "From a click to the next page",
  async run({ quick, say }) {
    const installation = await install();
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
      say("each page by itself, for its largest paint");
      const paints = await largestPaints(usher, browser, cookie, quick ? 1 : 5);
      return { figures: [...figuresOf(times), paintFigure(paints)], method };
    } finally {
      await browser.close();
      await usher.stop();
      await installation.close();
    }
  },
};

async function walk(page: Page): Promise<Times> {
  const times: Times = { first: [], later: [] };
  for (const round of ["first", "later", "later"] as const) {
    for (const place of places) {
      times[round].push(await clickThrough(page, place));
      await page.waitForLoadState("networkidle");
    }
  }
  await page.context().close();
  return times;
}

/** Of each page, the median of some loads, in ms from the request on. */
async function largestPaints(
  usher: NextApp,
  browser: BenchBrowser,
  cookie: string,
  loads: number,
): Promise<{ path: string; ms: number }[]> {
  const paints: { path: string; ms: number }[] = [];
  for (const { path } of places) {
    const times: number[] = [];
    for (let load = 0; load < loads; load++) {
      const page = await browser.open(usher, cookie, path);
      times.push(await page.evaluate(largestPaint));
      await page.context().close();
    }
    paints.push({ path, ms: quantile(times, 0.5) });
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

function paintFigure(paints: { path: string; ms: number }[]): Figure {
  const [slowest] = paints.toSorted((one, other) => other.ms - one.ms);
  return {
    what: "largest contentful paint, the slowest page",
    against: "what feels immediate",
    value: count(slowest?.ms ?? Number.NaN),
    unit: "ms",
    bar: { atMost: 500 },
    detail: paints.map(({ path, ms }) => `${path} ${ms.toFixed(0)} ms`).join(", "),
  };
}

function figuresOf({ first, later }: Times): Figure[] {
  const figure = (what: string, times: number[], part: number, bar: number): Figure => ({
    what,
    against: "what feels immediate",
    value: count(quantile(times, part)),
    unit: "ms",
    bar: { atMost: bar },
    detail: `${times.length} clicks`,
  });
  return [
    figure("click to heading, first visit, p50", first, 0.5, 100),
    figure("click to heading, first visit, p95", first, 0.95, 160),
    figure("click to heading, later visits, p50", later, 0.5, 100),
    figure("click to heading, later visits, p95", later, 0.95, 160),
  ];
}

const method =
  "Chromium without a window on the same machine, a tab for each walk through the main navigation. " +
  "From the click to the frame with the new page's heading, by the page's clock.";
