import type { Page } from "@playwright/test";
import { accessibilityProblems } from "@/tests/e2e/axe";
import { expect, test } from "@/tests/e2e/fixtures";
import type { Stage } from "@/tests/e2e/stage";

const desk = { viewport: { width: 1440, height: 900 } };
const phone = { viewport: { width: 390, height: 844 } };

/** 60 people with an account at one server, plus its shared account; the first person's has ended. */
async function fill(stage: Stage): Promise<void> {
  await clear(stage);
  await stage.query(
    `INSERT INTO "McpServer" ("id", "name", "transport", "url", "authentication", "updatedAt")
     VALUES ('console-files', 'Console Files', 'STREAMABLE_HTTP', 'https://console.example/mcp', 'OAUTH', now())`,
  );
  await stage.query(
    `INSERT INTO "OAuthClient" ("id", "serverId", "clientId", "authorizationEndpoint", "tokenEndpoint",
       "tokenSharing", "updatedAt")
     VALUES ('console-client', 'console-files', 'client', 'https://as.example/authorize', 'https://as.example/token',
       'PER_USER', now())`,
  );
  await stage.query(
    `INSERT INTO "User" ("id", "name", "email", "role", "updatedAt")
     SELECT 'console-' || n, 'Console Person ' || n, 'p' || n || '@console.example', 'MEMBER', now()
     FROM generate_series(10, 69) AS n`,
  );
  await stage.query(
    `INSERT INTO "StoredTokenSet" ("id", "serverId", "ownerKey", "userId", "accessTokenSealed", "obtainedAt",
       "accountName", "rejectedAt", "lastRefreshError", "updatedAt")
     SELECT 'console-tokens-' || n, 'console-files', 'console-' || n, 'console-' || n, 'v1.key.salt.nonce.box', now(),
       'account-' || n || '@provider.example', CASE WHEN n = 10 THEN now() END,
       CASE WHEN n = 10 THEN 'The MCP server refuses this account''s token. ' || repeat('long', 60) END, now()
     FROM generate_series(10, 69) AS n`,
  );
  await stage.query(
    `INSERT INTO "StoredTokenSet" ("id", "serverId", "ownerKey", "accessTokenSealed", "obtainedAt", "updatedAt")
     VALUES ('console-shared', 'console-files', 'shared', 'v1.key.salt.nonce.box', now(), now())`,
  );
}

async function clear(stage: Stage): Promise<void> {
  await stage.query(`DELETE FROM "McpServer" WHERE "id" = 'console-files'`);
  await stage.query(`DELETE FROM "User" WHERE "email" LIKE '%@console.example'`);
}

const path = "/connections/everyone?server=console-files";
const table = (page: Page) => page.getByRole("table", { name: "Connections" });
const row = (page: Page, name: string) => table(page).getByRole("row").filter({ hasText: name });

test.beforeEach(({ stage }) => fill(stage));
test.afterEach(({ stage }) => clear(stage));

test("an admin finds a connection by search and filter, and the URL keeps the view", async ({
  people,
  stage,
}) => {
  const page = await people.visit(stage.admin, { path: "/connections", ...desk });
  await page.getByRole("link", { name: "Everyone" }).click();
  await expect(page).toHaveURL(/\/connections\/everyone$/);
  await page.goto(path);
  await expect(page.getByText("61 connections", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Show more connections" }).click();
  await expect(page.getByText("Select 61 connections shown")).toBeVisible();
  await page.getByRole("searchbox", { name: "Search connections" }).fill("p42@console");
  await expect(row(page, "Console Person 42")).toBeVisible();
  await expect(row(page, "Console Person 41")).toHaveCount(0);
  await expect(page).toHaveURL(/search=p42/);
  await page.reload();
  await expect(row(page, "Console Person 42")).toBeVisible();
  await page.getByRole("searchbox", { name: "Search connections" }).fill("");
  await page.getByRole("combobox", { name: "Filter connections" }).click();
  await page.getByRole("option", { name: "Needs authorization" }).click();
  await expect(page.getByText("1 connection", { exact: true })).toBeVisible();
  await expect(row(page, "Console Person 10")).toContainText("Needs re-authorization");
  await page.goBack();
  await expect(page.getByText("61 connections", { exact: true })).toBeVisible();
  await page.getByRole("searchbox", { name: "Search connections" }).fill("nobody at all");
  await page.getByRole("button", { name: "Clear search" }).click();
  await expect(page).toHaveURL(/\/connections\/everyone$/);
  await page.goto("/connections/everyone?person=console-42");
  await expect(page.getByText("1 connection", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Remove filter Person: Console Person 42" }).click();
  await expect(page).toHaveURL(/\/connections\/everyone$/);
});

test("an admin revokes several connections by keyboard, and sees the outcome of each", async ({
  people,
  stage,
}) => {
  const page = await people.visit(stage.admin, { path: `${path}&sort=person`, ...desk });
  await expect(row(page, "Console Person 12")).toBeVisible();
  for (const name of ["Shared", "Console Person 11", "Console Person 12"]) {
    await page.getByRole("checkbox", { name: `Select ${name}, Console Files` }).focus();
    await page.keyboard.press("Space");
  }
  await expect(page.getByText("3 selected")).toBeVisible();
  await page.getByRole("button", { name: "Revoke…" }).focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Revoke 3 connections?" });
  await expect(dialog).toContainText("2 people (Console Person 11 and Console Person 12)");
  await expect(dialog).toContainText("shared account of Console Files");
  await dialog.getByRole("button", { name: "Revoke 3 connections" }).focus();
  await page.keyboard.press("Enter");
  const results = page.getByRole("dialog", { name: "3 connections revoked" });
  await expect(results.getByRole("img", { name: "Revoked", exact: true })).toHaveCount(3);
  await expect(results).toContainText("Console Person 12, Console Files");
  await results.getByRole("button", { name: "Done" }).focus();
  await page.keyboard.press("Enter");
  await expect(row(page, "Console Person 11")).toHaveCount(0);
  await expect(row(page, "Console Person 13")).toBeVisible();
  await expect(page.getByText("58 connections", { exact: true })).toBeVisible();
  const left = await stage.query(
    `SELECT 1 FROM "StoredTokenSet" WHERE "serverId" = 'console-files'`,
  );
  expect(left).toHaveLength(58);
});

test("an admin asks a person to authorize again, and that person is led to their own connection", async ({
  people,
  stage,
}) => {
  const ada = await people.join("Console Ada");
  await stage.query(
    `INSERT INTO "StoredTokenSet" ("id", "serverId", "ownerKey", "userId", "accessTokenSealed", "obtainedAt",
       "rejectedAt", "updatedAt")
     SELECT 'console-ada', 'console-files', "id", "id", 'v1.key.salt.nonce.box', now(), now(), now()
     FROM "User" WHERE "email" = $1`,
    [ada.email],
  );
  const page = await people.visit(stage.admin, { path: `${path}&search=ada`, ...desk });
  await page.getByRole("button", { name: "Actions for Console Ada, Console Files" }).click();
  await page.getByRole("menuitem", { name: "Ask to authorize again…" }).click();
  await page.getByRole("button", { name: "Get link" }).click();
  const link = await page.getByRole("textbox", { name: "Link for Console Ada" }).inputValue();
  const hers = await people.visit(ada, { path: link, ...desk });
  const asked = hers.getByRole("listitem").filter({ hasText: "Console Files" });
  await expect(asked.getByRole("link", { name: "Authorize again Console Files" })).toBeVisible();
  await expect(hers.getByRole("link", { name: "Everyone" })).toHaveCount(0);
});

test("the console is accessible, and its rows stack on a phone", async ({ people, stage }) => {
  test.slow();
  const sorted = `${path}&sort=person`;
  const page = await people.visit(stage.admin, { path: sorted, ...desk });
  await expect(row(page, "Console Person 11")).toBeVisible();
  // Both on a desktop and on a phone.
  expect(await accessibilityProblems(page)).toEqual([]);
  await openRevoke(page);
  expect(await accessibilityProblems(page)).toEqual([]);

  const small = await people.visit(stage.admin, { path: sorted, ...phone });
  await expect(row(small, "Console Person 11")).toBeVisible();
  const wide = await small.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(wide).toBeLessThanOrEqual(0);
  await openRevoke(small);
  await small.keyboard.press("Escape");
  await expect(small.getByRole("dialog")).toHaveCount(0);
});

async function openRevoke(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Actions for Console Person 11, Console Files" }).click();
  await page.getByRole("menuitem", { name: "Revoke…" }).click();
  await expect(page.getByRole("dialog", { name: "Revoke Console Person 11" })).toBeVisible();
}

test("an auditor sees everyone's connections and no control to change them", async ({ people }) => {
  const auditor = await people.join("Console Auditor", "AUDITOR");
  const page = await people.visit(auditor, { path, ...desk });
  await expect(
    row(page, "Console Person 69").or(row(page, "Console Person 11")).first(),
  ).toBeVisible();
  await expect(page.getByRole("checkbox")).toHaveCount(0);
  await expect(page.getByRole("button", { name: /^Actions for/ })).toHaveCount(0);
});
