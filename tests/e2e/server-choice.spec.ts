import type { Page } from "@playwright/test";
import { accessibilityProblems } from "@/tests/e2e/axe";
import { expect, test } from "@/tests/e2e/fixtures";
import { field } from "@/tests/e2e/server-form";

const newServer = { path: "/mcp-servers/new" };

function search(page: Page) {
  return page.getByRole("searchbox", { name: "Search servers, or paste a URL" });
}

test("a server is found by name and opened by keyboard alone, and Back returns to the search", async ({
  people,
  stage,
}) => {
  const page = await people.visit(stage.admin, newServer);
  await expect(search(page)).toBeFocused();
  await page.keyboard.type("linear");
  const tile = page.getByRole("link", { name: "Linear", exact: true });
  await expect(tile).toHaveAccessibleDescription(/issues/);
  await expect(page.getByRole("status").filter({ hasText: /^1 of \d+ servers$/ })).toBeAttached();
  expect(await accessibilityProblems(page)).toEqual([]);
  while (!(await tile.evaluate((link) => link === document.activeElement))) {
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Add Linear", level: 1 })).toBeVisible();
  await expect(page).toHaveURL(/\?server=linear$/);
  await expect(field(page, "Name")).toHaveValue("Linear");
  await page.goBack();
  await expect(search(page)).toHaveValue("linear");
});

test("a search without results offers the other ways", async ({ people, stage }) => {
  const page = await people.visit(stage.admin, { path: "/mcp-servers/new?search=no+such+vendor" });
  const main = page.getByRole("main");
  await expect(main.getByRole("heading", { name: "No server matches" })).toBeVisible();
  expect(await accessibilityProblems(page)).toEqual([]);
  await main.getByRole("link", { name: "By hand" }).last().click();
  await expect(field(page, "Server URL")).toBeFocused();
  await page.goBack();
  await main.getByRole("link", { name: "Paste a URL" }).last().click();
  await expect(field(page, "Server URL")).toBeFocused();
});

test("a URL typed into the search is opened and looked up, and a known one is opened as its vendor's", async ({
  people,
  stage,
}) => {
  const page = await people.visit(stage.admin, newServer);
  await search(page).fill(stage.handbook.url);
  await search(page).press("Enter");
  await expect(
    page.getByText(/Create an OAuth app there, and enter its client ID/).first(),
  ).toBeVisible();
  await expect(field(page, "Server URL")).toHaveValue(stage.handbook.url);
  await page.goto("/mcp-servers/new");
  await search(page).fill("mcp.linear.app/mcp");
  await page.getByRole("link", { name: "Continue" }).click();
  await expect(page.getByRole("heading", { name: "Add Linear", level: 1 })).toBeVisible();
});

test("facts that a vendor's server did not answer are listed at the top, and everything can be edited", async ({
  people,
  stage,
}) => {
  await stage.query(
    `INSERT INTO "McpServer" ("id", "name", "transport", "url", "authentication", "updatedAt")
     VALUES ('taken-name', 'Linear', 'STREAMABLE_HTTP', 'https://linear.example/mcp', 'NONE', now())`,
  );
  const page = await people.visit(stage.admin, { path: "/mcp-servers/new?server=linear" });
  await expect(field(page, "Name")).toHaveValue("Linear 2");
  // No test reaches the internet.
  await expect(page.getByText("Linear did not answer as expected")).toBeInViewport();
  await page.getByRole("button", { name: "Add Linear" }).click();
  await expect(page.getByText("Linear did not answer as expected")).toBeVisible();
  expect(await accessibilityProblems(page)).toEqual([]);
  await field(page, "Name").fill("Our Linear");
  await page.getByRole("button", { name: "Edit everything" }).first().click();
  await expect(field(page, "Server URL")).toHaveValue("https://mcp.linear.app/mcp");
  await expect(field(page, "Name")).toHaveValue("Our Linear");
  await expect(page.getByRole("radio", { name: "OAuth 2.0" })).toBeChecked();
});
