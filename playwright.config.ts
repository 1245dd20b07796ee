import { availableParallelism } from "node:os";
import { defineConfig } from "@playwright/test";
import { findChromium } from "./scripts/chromium.mjs";

const executablePath = await findChromium();
const isRoot = process.getuid?.() === 0;

export default defineConfig({
  testDir: "tests/e2e",
  outputDir: "test-results",
  globalSetup: "./tests/support/bundle-processes.ts",
  // Each has its own app, database and provider (stage.ts), so stories that run side by side do not see each
  // other. One more than there are cores, because a story waits for a third of its time. Each takes about 1.5 GB.
  workers: Math.min(6, Math.max(3, availableParallelism() + 1)),
  fullyParallel: true,
  retries: 0,
  // A busy machine is slow, not wrong.
  timeout: 120_000,
  expect: { timeout: 30_000 },
  forbidOnly: Boolean(process.env.CI),
  reporter: "list",
  use: {
    locale: "en-GB",
    // A story need not wait until what fades or slides has come to rest.
    contextOptions: { reducedMotion: "reduce" },
    timezoneId: "UTC",
    actionTimeout: 30_000,
    screenshot: "only-on-failure",
    // Recording takes half of a worker's time. `--trace on` does it for one story.
    trace: "off",
    launchOptions: {
      ...(executablePath ? { executablePath } : {}),
      args: [
        // Chromium's sandbox does not work for root.
        ...(isRoot ? ["--no-sandbox"] : []),
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-quic",
        "--no-first-run",
        // There is no GPU here, and emulating one takes longer than drawing without.
        "--disable-gpu",
      ],
    },
  },
});
