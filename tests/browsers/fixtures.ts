import { writeFile } from "node:fs/promises";
import { test as base } from "@playwright/test";
import { findBrowsers } from "@/scripts/browsers.mjs";
import type { DrivenBrowser } from "@/tests/browsers/driven-browser";
import { openPuppeteerBrowser } from "@/tests/browsers/puppeteer-browser";
import { openWebKitGtk } from "@/tests/browsers/webkitgtk-browser";
import { openStage, type Stage } from "@/tests/e2e/stage";

export type Engine = "chromium" | "firefox" | "webkitgtk";

export const test = base.extend<{ driven: DrivenBrowser }, { stage: Stage; engine: Engine }>({
  engine: ["chromium", { option: true, scope: "worker" }],
  stage: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs off this pattern
    async ({}, use) => {
      const stage = await openStage();
      await use(stage);
      await stage.close();
    },
    { scope: "worker", timeout: 180_000 },
  ],
  driven: async ({ engine, stage }, use, testInfo) => {
    await stage.reset();
    const driven = await openEngine(engine, stage.url);
    await use(driven);
    if (testInfo.status !== testInfo.expectedStatus) {
      await writeFile(testInfo.outputPath("page.png"), await driven.screenshot());
    }
    await driven.close();
  },
});

async function openEngine(engine: Engine, origin: string): Promise<DrivenBrowser> {
  const found = await findBrowsers();
  if (engine === "chromium" && found.chromium)
    return openPuppeteerBrowser("chrome", found.chromium, origin);
  if (engine === "firefox" && found.firefox)
    return openPuppeteerBrowser("firefox", found.firefox, origin);
  if (engine === "webkitgtk" && found.webkitgtk) return openWebKitGtk(found.webkitgtk);
  throw new Error(
    `There is no ${engine} on this machine. npm run test:browsers installs it on Debian.`,
  );
}
