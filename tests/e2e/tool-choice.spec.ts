import { randomUUID } from "node:crypto";
import { expect, test } from "@/tests/e2e/fixtures";
import type { Stage } from "@/tests/e2e/stage";

/** 120 tools, a third of them read-only; the descriptions of four mention pull requests. */
async function addTracker(stage: Stage): Promise<string> {
  const id = randomUUID();
  const tools = Array.from({ length: 120 }, (_, n) => ({
    name: `tracker_tool_${n}`,
    title: n % 30 === 0 ? `Board ${n}` : null,
    description: n % 30 === 1 ? "Works on pull requests." : "Works on issues.",
    inputSchema: {},
    annotations: n % 3 === 0 ? { readOnlyHint: true } : {},
  }));
  await stage.query(
    `INSERT INTO "McpServer" ("id", "name", "transport", "url", "authentication", "updatedAt")
     VALUES ($1, 'Tracker', 'STREAMABLE_HTTP', 'https://tracker.example/mcp', 'NONE', now())`,
    [id],
  );
  await stage.query(
    `INSERT INTO "ToolCatalogue" ("serverId", "tools", "serverVersion", "fetchedAt")
     VALUES ($1, $2, 1, now())`,
    [id, JSON.stringify(tools)],
  );
  return id;
}

test("tools of a large server can be chosen by search with the keyboard alone", async ({
  people,
  stage,
}) => {
  const serverId = await addTracker(stage);
  const page = await people.visit(stage.admin, { path: "/assistants/new" });
  await page.getByRole("textbox", { name: "Name" }).fill("Triage");
  const keyboard = page.keyboard;

  await page.getByRole("checkbox", { name: "Tracker" }).focus();
  await keyboard.press("Space");
  await expect(page.getByText("All tools: 120 tools, 80 can change data")).toBeVisible();
  await keyboard.press("Tab");
  await expect(page.getByRole("radio", { name: "All tools" })).toBeFocused();
  await keyboard.press("ArrowDown");
  await expect(page.getByRole("radio", { name: "Chosen tools" })).toBeChecked();
  const counts = page.getByRole("status").filter({ hasText: "of 120 chosen" });
  await expect(counts).toHaveText("0 of 120 chosen");

  await keyboard.press("Tab");
  await expect(page.getByRole("searchbox", { name: "Search the tools of Tracker" })).toBeFocused();
  await keyboard.type("pull REQUESTS");
  await expect(counts).toHaveText("4 shown · 0 of 120 chosen");
  await keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "Select shown (4)" })).toBeFocused();
  await keyboard.press("Enter");
  await expect(counts).toHaveText("4 shown · 4 of 120 chosen");

  await keyboard.press("Shift+Tab");
  await keyboard.press("ControlOrMeta+A");
  await keyboard.type("board");
  await expect(counts).toHaveText("4 shown · 4 of 120 chosen, 4 of them not shown");
  await page.getByRole("button", { name: "Select read-only (4)" }).press("Enter");
  await expect(counts).toHaveText("4 shown · 8 of 120 chosen, 4 of them not shown");
  await page.getByRole("button", { name: "Clear shown (4)" }).press("Enter");
  await expect(counts).toHaveText("4 shown · 4 of 120 chosen, 4 of them not shown");
  await expect(page.getByRole("button", { name: "Clear shown (0)" })).toBeFocused();

  await page.getByRole("searchbox", { name: "Search the tools of Tracker" }).fill("nothing");
  await expect(counts).toHaveText("0 shown · 4 of 120 chosen, 4 of them not shown");
  await expect(page.getByText("No tool matches.")).toBeVisible();
  await page.getByRole("searchbox", { name: "Search the tools of Tracker" }).fill("");
  await page.getByRole("button", { name: "Only read-only (40)" }).press("Enter");
  await expect(counts).toHaveText("40 of 120 chosen: 40 run without asking");
  await page.getByRole("button", { name: "Create assistant" }).press("Enter");
  await expect(page.getByRole("link", { name: "Triage" })).toBeVisible();

  const saved = await stage.query<{ allTools: boolean; toolNames: string[] }>(
    `SELECT "allTools", "toolNames" FROM "AssistantServer" WHERE "serverId" = $1`,
    [serverId],
  );
  expect(saved.map(({ allTools, toolNames }) => [allTools, toolNames.length])).toEqual([
    [false, 40],
  ]);
});
