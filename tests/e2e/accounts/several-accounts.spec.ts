import type { Locator, Page } from "@playwright/test";
import { accessibilityProblems } from "@/tests/e2e/axe";
import { expect, test } from "@/tests/e2e/fixtures";
import { consent } from "@/tests/e2e/provider-page";

test.afterEach(async ({ stage }) => {
  const { personalId } = stage;
  await stage.query('DELETE FROM "StoredTokenSet" WHERE "serverId" = $1', [personalId]);
  await stage.query('UPDATE "OAuthClient" SET settings = \'{}\' WHERE "serverId" = $1', [
    personalId,
  ]);
});

const rowOf = (page: Page): Locator =>
  page
    .getByRole("main")
    .locator("li")
    .filter({ has: page.getByRole("heading", { name: "Personal Files" }) });

test("a person adds a second account, names it, makes it the default, and disconnects the first", async ({
  people,
}) => {
  const page = await people.visit(await people.join("Two Accounts"), { path: "/connections" });
  const row = rowOf(page);
  await row.getByRole("link", { name: "Authorize Personal Files" }).click();
  await consent(page, "Ada Lovelace");
  await row.getByRole("link", { name: "Add another account" }).click();
  await consent(page, "Grace Hopper");
  // Not "Tool calls act as …": they use the default, which is the first one.
  await expect(page.getByText("You have 2 accounts there.")).toBeVisible();

  const accounts = page.getByRole("list", { name: "Accounts at Personal Files" });
  await expect(accounts.getByRole("listitem")).toHaveCount(2);
  await expect(accounts.getByRole("listitem").first()).toContainText("Default");
  expect(await accessibilityProblems(page)).toEqual([]);

  const second = accounts.getByRole("listitem").nth(1);
  await second.getByRole("button", { name: /^Actions for/ }).click();
  await page.getByRole("menuitem", { name: "Rename" }).click();
  await page.getByRole("textbox", { name: "Label" }).fill("Navy");
  await page.keyboard.press("Enter");
  await expect(second).toContainText("Navy");

  await second.getByRole("button", { name: "Actions for Navy at Personal Files" }).click();
  await page.getByRole("menuitem", { name: "Make default" }).click();
  await expect(second).toContainText("Default");
  await expect(accounts.getByRole("listitem").first()).not.toContainText("Default");

  await accounts
    .getByRole("listitem")
    .first()
    .getByRole("button", { name: /^Actions for/ })
    .click();
  await page.getByRole("menuitem", { name: "Disconnect" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Disconnect" }).click();
  await expect(accounts).toHaveCount(0);
  await expect(row).toContainText("Connected");
});

test("a person who was still signed in at the provider is told that they may have connected one account twice", async ({
  people,
}) => {
  const page = await people.visit(await people.join("Same Account"), { path: "/connections" });
  const row = rowOf(page);
  await row.getByRole("link", { name: "Authorize Personal Files" }).click();
  await consent(page, "Ada Lovelace");
  await row.getByRole("link", { name: "Add another account" }).click();
  await consent(page, "Ada Lovelace");

  const accounts = page.getByRole("list", { name: "Accounts at Personal Files" });
  const [first, second] = [
    accounts.getByRole("listitem").nth(0),
    accounts.getByRole("listitem").nth(1),
  ];
  await expect(second).toContainText("You may have connected the same account twice");
  await expect(first).not.toContainText("twice");
  expect(await accessibilityProblems(page)).toEqual([]);

  await second.getByRole("button", { name: /^Actions for/ }).click();
  await page.getByRole("menuitem", { name: "Authorize again" }).click();
  await consent(page, "Grace Hopper");
  await expect(second).toContainText("Grace Hopper");
  await expect(second).not.toContainText("twice");
});

test("an admin connects the team's account, and a person without an account sees that calls use it", async ({
  people,
  stage,
}) => {
  const page = await people.visit(stage.admin, { path: `/mcp-servers/${stage.personalId}/edit` });
  await page.getByRole("switch", { name: "Offer the team’s account" }).click();
  await page.getByRole("button", { name: "Save changes" }).click();
  const card = page.getByRole("heading", { name: "Team account" }).locator("../../..");
  await expect(card).toContainText("For people without an account of their own");
  expect(await accessibilityProblems(page)).toEqual([]);
  await card.getByRole("link", { name: /^Authorize/ }).click();
  await consent(page, "Ada Lovelace");
  await expect(card).toContainText("Authorized by");

  const theirs = await people.visit(await people.join("No Account"), { path: "/connections" });
  const accounts = theirs.getByRole("list", { name: "Accounts at Personal Files" });
  await expect(accounts).toContainText("Shared by the team");
  await expect(
    accounts.getByRole("listitem").filter({ hasText: "Shared by the team" }),
  ).toContainText("Default");
  expect(await accessibilityProblems(theirs)).toEqual([]);

  await page.goto(`/mcp-servers/${stage.personalId}/edit`);
  await page.getByRole("switch", { name: "Offer the team’s account" }).click();
  await expect(page.getByText("Saving disconnects the team’s account")).toBeVisible();
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByRole("heading", { name: "Team account" })).toHaveCount(0);
  await theirs.reload();
  await expect(rowOf(theirs)).toContainText("Not connected");
});
