import type { Locator, Page } from "@playwright/test";
import { Chat } from "@/tests/e2e/chat";
import { expect, type People, test } from "@/tests/e2e/fixtures";
import type { Stage } from "@/tests/e2e/stage";

test("a conversation can be renamed with the keyboard alone", async ({ people, stage }) => {
  const page = await people.visit(stage.admin, { path: "/chat" });
  const chat = Chat.onPage(page);
  await chat.ask("Hello");
  await chat.settled();
  const menu = page
    .getByRole("complementary", { name: "History" })
    .getByRole("button", { name: "Actions for “Hello”" });
  await menu.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("menuitem", { name: "Rename" })).toBeFocused();
  await page.keyboard.press("Enter");
  const title = page.getByRole("dialog").getByRole("textbox", { name: "Title" });
  await expect(title).toBeFocused();
  // All of it is selected: typing replaces it.
  await page.keyboard.type("Greetings");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  const renamed = page
    .getByRole("complementary", { name: "History" })
    .getByRole("button", { name: "Actions for “Greetings”" });
  await expect(renamed).toBeFocused();

  await page.keyboard.press("Enter");
  await page.getByRole("menuitem", { name: "Delete" }).press("Enter");
  await expectFocus(page.getByRole("alertdialog"), "button", "Cancel");
  await page.keyboard.press("Escape");
  await expect(renamed).toBeFocused();
});

test("each dialog focuses its first field, or a safe button, and returns focus to its opener", async ({
  people,
  stage,
}) => {
  const { page, serverPath, memberName } = await furnish(people, stage);
  const fromMenu = async (button: Locator, item: string | RegExp) => {
    await button.click();
    await page.getByRole("menuitem", { name: item }).click();
  };

  await page.goto(serverPath);
  const more = page.getByRole("button", { name: "More actions" });
  await fromMenu(more, /^Delete server/);
  await expectFocus(page.getByRole("alertdialog"), "textbox", /Type .* to confirm/);
  await closesTo(page, more);
  await fromMenu(more, /^Revoke access/);
  await expectFocus(page.getByRole("alertdialog"), "button", "Cancel");
  await closesTo(page, more);

  await page.goto("/people");
  const invite = page.getByRole("button", { name: "Invite", exact: true });
  await invite.click();
  await expectFocus(page.getByRole("dialog"), "textbox", "Email");
  await closesTo(page, invite);
  const role = page.getByRole("button", { name: `Role of ${memberName}: Member` });
  await role.click();
  await page.getByRole("menuitemradio", { name: /^Admin/ }).click();
  await expectFocus(page.getByRole("alertdialog"), "button", "Cancel");
  await closesTo(page, role);

  await page.setViewportSize({ width: 390, height: 844 });
  const navigation = page.getByRole("button", { name: "Open the navigation" });
  await navigation.click();
  await expectFocus(page.getByRole("dialog"), "link", "People");
  await closesTo(page, navigation);
  await page.goto("/chat");
  const history = page.getByRole("button", { name: "History" });
  await history.click();
  const sheet = page.getByRole("dialog", { name: "History" });
  await expect(sheet).toBeVisible();
  await expect(sheet.getByRole("button", { name: "Close" })).not.toBeFocused();
  await closesTo(page, history);
});

async function furnish(people: People, stage: Stage) {
  const { name: memberName } = { ...(await people.join("Mona Member")), name: "Mona Member" };
  const page = await people.visit(stage.admin, { path: "/connections" });
  return { page, serverPath: `/mcp-servers/${stage.handbookId}`, memberName };
}

async function expectFocus(
  dialog: Locator,
  role: "textbox" | "button" | "link",
  name: string | RegExp,
): Promise<void> {
  await expect(dialog.getByRole(role, { name })).toBeFocused();
}

async function closesTo(page: Page, opener: Locator): Promise<void> {
  await page.keyboard.press("Escape");
  await expect(page.locator("[role=dialog], [role=alertdialog]")).toHaveCount(0);
  await expect(opener).toBeFocused();
}
