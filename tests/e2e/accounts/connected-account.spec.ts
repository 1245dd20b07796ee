import { accessibilityProblems } from "@/tests/e2e/axe";
import { Chat } from "@/tests/e2e/chat";
import { expect, test } from "@/tests/e2e/fixtures";
import { consent, finished, openTab } from "@/tests/e2e/provider-page";

test.beforeEach(({ stage }) => nameTool(stage, { accountTool: "whoami" }));
test.afterEach(({ stage }) => nameTool(stage, {}));

/** As an admin does in the server's form. */
async function nameTool(
  stage: { query(sql: string, values: unknown[]): Promise<unknown>; personalId: string },
  settings: object,
): Promise<void> {
  await stage.query('UPDATE "McpServer" SET settings = $1, version = version + 1 WHERE id = $2', [
    ...[JSON.stringify(settings), stage.personalId],
  ]);
}

test("a member who consents with the wrong account sees it in the chat, and switches to another", async ({
  people,
}) => {
  const page = await people.visit(await people.join("Wrong Account"), { path: "/chat" });
  const chat = Chat.onPage(page);
  await chat.ask("Read todo.md from my Personal Files");
  const authorize = chat.prompt("Personal Files").getByRole("link", { name: "Authorize" });
  const tab = await openTab(authorize);
  await consent(tab, "Grace Hopper");
  await finished(tab);
  await expect(chat.messages).toContainText("Connected · Personal Files as Grace Hopper");
  await chat.settled();
  // The first call may have begun before the server's tool said whose account it is.
  await chat.ask("Read todo.md from my Personal Files");
  await expect(chat.toolCall("Read a file").last()).toContainText("Your account Grace Hopper");
  await chat.settled();
  expect(await accessibilityProblems(page)).toEqual([]);

  const another = await openTab(chat.messages.getByRole("link", { name: "Use another account" }));
  await consent(another, "Ada Lovelace");
  await finished(another);
  await page.goto("/connections");
  const row = page.getByRole("main").getByRole("listitem").filter({ hasText: "Personal Files" });
  await expect(row).toContainText("AccountAda Lovelace");
  expect(await accessibilityProblems(page)).toEqual([]);

  // This provider does not announce that people can choose an account.
  await expect(row).toContainText(/sign out at (localhost|127\.0\.0\.1):\d+ first/);
  await row.getByRole("link", { name: "Use another account" }).click();
  await consent(page, "Grace Hopper");
  await expect(page.getByText("Tool calls act as Grace Hopper from now on.")).toBeVisible();
  await expect(row).toContainText("Grace Hopper");
});
