import type { Locator, Page } from "@playwright/test";
import { accessibilityProblems } from "@/tests/e2e/axe";
import { Chat } from "@/tests/e2e/chat";
import { expect, test } from "@/tests/e2e/fixtures";
import { consent } from "@/tests/e2e/provider-page";
import type { Stage } from "@/tests/e2e/stage";

test.afterEach(async ({ stage }) => {
  const { personalId } = stage;
  await stage.query('DELETE FROM "StoredTokenSet" WHERE "serverId" = $1', [personalId]);
  await setUp(stage, {});
});

/** As an admin does in the server's form. */
async function setUp(stage: Stage, settings: object): Promise<void> {
  await stage.query('UPDATE "OAuthClient" SET settings = $1 WHERE "serverId" = $2', [
    ...[JSON.stringify(settings), stage.personalId],
  ]);
}

/** Ada's account and, as a second one, Grace's, named with a long label. */
async function connectTwo(page: Page, stage: Stage): Promise<void> {
  const row = page.getByRole("main").getByRole("listitem").filter({ hasText: "Personal Files" });
  await row.getByRole("link", { name: "Authorize Personal Files" }).click();
  await consent(page, "Ada Lovelace");
  await row.getByRole("link", { name: "Add another account" }).click();
  await consent(page, "Grace Hopper");
  await expect(row).toContainText("Grace Hopper");
  await stage.query(
    'UPDATE "StoredTokenSet" SET label = $1 WHERE "serverId" = $2 AND NOT "isDefault"',
    [longLabel, stage.personalId],
  );
  stage.personal.forgetRequests();
}

const longLabel = `Navy${"-research-and-development".repeat(2)}`;
const question = "Read todo.md from my Personal Files";
const gracesFile = "Cut forty nanoseconds of wire";

const choiceOf = (chat: Chat): Locator =>
  chat.messages.getByRole("region", { name: "Which account should Personal Files use?" });

test("a person chooses by keyboard which account a call uses, once per conversation", async ({
  people,
  stage,
}) => {
  const page = await people.visit(await people.join("Two Hats"), { path: "/connections" });
  await connectTwo(page, stage);
  await setUp(stage, { askWhichAccount: true });
  await page.goto("/chat");
  const chat = Chat.onPage(page);
  await chat.ask(question);
  const card = choiceOf(chat);
  await expect(card).toContainText("asks which account to use before each call");
  await expect(chat.toolCall("Read a file")).toContainText("Needs an account");
  await chat.settled();
  const radios = card.getByRole("radiogroup", { name: "Which account should Personal Files use?" });
  await expect(radios.getByRole("radio")).toHaveCount(2);
  await expect(radios.getByRole("radio", { checked: true })).toHaveCount(0);
  await expect(card.getByRole("button", { name: "Continue" })).toBeDisabled();
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.setViewportSize({ width: 390, height: 844 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(wide).toBeLessThanOrEqual(390);
  expect(stage.personal.toolCalls).toEqual([]);

  await radios.getByRole("radio").first().focus();
  await page.keyboard.press("ArrowDown");
  await expect(radios.getByRole("radio").nth(1)).toBeChecked();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await expect(
    card.getByRole("checkbox", { name: "Use it for the rest of this conversation" }),
  ).toBeChecked();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");

  await expect(chat.answer).toContainText(gracesFile);
  await expect(card).toHaveCount(0);
  await expect(chat.messages).toContainText(`Account chosen · Personal Files · Your account Navy`);
  await chat.settled();
  await chat.ask(question);
  await expect(chat.toolCall("Read a file")).toHaveCount(2);
  await expect(chat.toolCall("Read a file").last()).toContainText("Your account Navy");
  await chat.settled();
  await expect(card).toHaveCount(0);
  expect(await accessibilityProblems(page)).toEqual([]);
});

test("a person changes the account in the card of a call that waits for confirmation", async ({
  people,
  stage,
}) => {
  const page = await people.visit(await people.join("Late Choice"), { path: "/connections" });
  await connectTwo(page, stage);
  await page.goto("/chat");
  const chat = Chat.onPage(page);
  await chat.ask("Write chosen.md to my Personal Files: a line");
  const card = chat.messages.getByRole("region", { name: /^Run .* now\?$/ });
  await chat.settled();
  const account = card.getByRole("combobox", { name: "Account" });
  await expect(account).toContainText("Ada Lovelace");
  expect(await accessibilityProblems(page)).toEqual([]);
  await account.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("option", { name: "Ada Lovelace" })).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("option", { name: "Navy" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(account).toContainText("Navy");
  await card.getByRole("button", { name: "Run now" }).click();
  await expect(chat.toolCall("Write a file")).toContainText("Your account Navy");
  await chat.settled();
  expect(stage.personal.toolCalls).toEqual(["write_file"]);
});
