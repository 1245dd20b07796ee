import type { Page } from "@playwright/test";
import { expect, type People, test } from "@/tests/e2e/fixtures";
import type { Account } from "@/tests/e2e/stage";

/** Opens Connections; `asked` are the paths of the pages that the router has asked for since then. */
async function openConnections(people: People, account: Account) {
  const page = await people.visit(account, { path: "/settings/account" });
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.headers().rsc) asked.push(new URL(request.url()).pathname);
  });
  await page.goto("/connections");
  return { page, asked };
}

async function openAssistants(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Assistants" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Assistants" })).toBeVisible();
}

test.describe("in a person's browser", () => {
  test.use({ prefetch: true });

  test("the main navigation's pages are fetched in advance, and a click shows one without asking again", async ({
    people,
    stage,
  }) => {
    const { page, asked } = await openConnections(people, stage.admin);
    for (const path of ["/mcp-servers", "/assistants", "/chat", "/people", "/audit", "/settings"]) {
      await expect.poll(() => asked).toContain(path);
    }
    // A busy machine may take longer between two requests of a page than the network takes to count as idle.
    await expect(async () => {
      await page.goto("/connections");
      await page.waitForLoadState("networkidle");
      asked.length = 0;
      await openAssistants(page);
      expect(asked).not.toContain("/assistants");
    }).toPass();
  });
});

test("in the browser of the other stories, a page is fetched once its link is clicked", async ({
  people,
  stage,
}) => {
  const { page, asked } = await openConnections(people, stage.admin);
  await page.waitForLoadState("networkidle");
  expect(asked).toEqual([]);
  await openAssistants(page);
  expect(new Set(asked)).toEqual(new Set(["/assistants"]));
});
