import { chromium, type Page } from "playwright";
import { findChromium } from "@/scripts/chromium.mjs";
import type { NextApp } from "./next-app";
import { assertCorrect } from "./row";

export interface BenchBrowser {
  /** Somebody's tab, in a browser without a cache, when all that the page asked for is there. */
  open(app: NextApp, cookie: string, path: string): Promise<Page>;
  close(): Promise<void>;
}

/** A Chromium without a window. */
export async function startBrowser(): Promise<BenchBrowser> {
  const executablePath = await findChromium();
  const browser = await chromium.launch({
    ...(executablePath ? { executablePath } : {}),
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
  return {
    async open(app, cookie, path) {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
      await context.addCookies(
        cookie.split("; ").map((pair) => {
          const at = pair.indexOf("=");
          return { name: pair.slice(0, at), value: pair.slice(at + 1), url: app.url };
        }),
      );
      const page = await context.newPage();
      const answer = await page.goto(app.url + path, { waitUntil: "networkidle" });
      assertCorrect(answer?.status() === 200, `${path} answered ${answer?.status()}`);
      return page;
    },
    close: () => browser.close(),
  };
}
