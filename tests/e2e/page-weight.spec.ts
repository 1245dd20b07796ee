import { expect, test } from "@/tests/e2e/fixtures";
import { compressedSize, scriptsOf } from "@/tests/support/page-scripts";

/** What an app on this Next version ships with one empty page (B10 of `npm run bench`), in bytes. */
const emptyApp = 135_400;

test("the list of MCP servers ships at most 40 kB more JavaScript than an empty page", async ({
  people,
  stage,
}) => {
  const admin = await people.api(stage.admin);
  const page = await admin.get("/mcp-servers");
  const scripts = scriptsOf(await page.text());
  expect(scripts.length).toBeGreaterThan(5);
  const size = await compressedSize(scripts, async (path) => {
    const script = await admin.get(path);
    expect(script.status(), path).toBe(200);
    return script.body();
  });
  expect(size).toBeLessThanOrEqual(emptyApp + 40_000);
});
