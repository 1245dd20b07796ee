import { defineConfig } from "@playwright/test";
import type { Engine } from "@/tests/browsers/fixtures";

/** The main stories in other engines than the browser tests use: npm run test:browsers */
export default defineConfig<object, { engine: Engine }>({
  testDir: "tests/browsers",
  outputDir: "test-results/browsers",
  workers: 1,
  retries: 0,
  timeout: 180_000,
  reporter: "list",
  projects: (["chromium", "firefox", "webkitgtk"] as const).map((engine) => ({
    name: engine,
    use: { engine },
  })),
});
