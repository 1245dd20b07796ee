import { Chat } from "@/tests/e2e/chat";
import { expect, test } from "@/tests/e2e/fixtures";
import { consent } from "@/tests/e2e/provider-page";

test("an assistant has exactly the tools that an admin chose for it", async ({ people, stage }) => {
  const page = await people.visit(stage.admin, { path: `/mcp-servers/${stage.handbookId}` });
  await page.getByRole("link", { name: "Authorize Team Handbook" }).click();
  await consent(page, "Ada Lovelace");
  await expect(page.getByText("Connected", { exact: true }).first()).toBeVisible();

  await page.goto("/assistants");
  await page.getByRole("link", { name: "New assistant" }).click();
  await page.getByRole("button", { name: "Create assistant" }).click();
  await expect(page.getByText("Give the assistant a name.")).toBeVisible();
  await page.getByRole("textbox", { name: "Name" }).fill("Librarian");
  await page.getByRole("textbox", { name: "Description" }).fill("Reads, and touches nothing");
  await page.getByRole("checkbox", { name: "Team Handbook" }).check();
  await page.getByRole("radio", { name: "Chosen tools" }).check();
  await page.getByRole("checkbox", { name: /read_file/ }).check();
  await page.getByRole("button", { name: "Create assistant" }).click();
  await expect(page.getByRole("link", { name: "Librarian" })).toBeVisible();
  await expect(page.getByText("Reads, and touches nothing")).toBeVisible();

  const member = await people.visit(await people.join("Lib User"), { path: "/chat" });
  const chat = Chat.onPage(member);
  await chat.chooseAssistant("Librarian");
  await chat.ask("Read oncall.md");
  await expect(chat.answer).toContainText("Acknowledge within 10 minutes");
  await chat.settled();
  await chat.ask("List the files");
  await expect(chat.answer).toContainText("I found no tool for that");
  await chat.settled();
  await chat.ask('Write "x" to oncall.md');
  await expect(chat.answer).not.toContainText("Replaced");
  await chat.settled();
  expect(new Set(stage.handbook.toolCalls)).toEqual(new Set(["read_file"]));

  await page.getByRole("link", { name: "Librarian" }).click();
  await page.getByRole("checkbox", { name: /list_files/ }).check();
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByRole("link", { name: "Librarian" })).toBeVisible();
  await chat.ask("List the files");
  await expect(chat.answer).toContainText("benefits/learning-budget.md");
  await chat.settled();

  await page.getByRole("link", { name: "Librarian" }).click();
  await page.getByRole("button", { name: "Delete" }).click();
  const dialog = page.getByRole("alertdialog", { name: "Delete Librarian?" });
  await expect(dialog).toContainText(
    "Existing conversations stay readable but cannot be continued.",
  );
  await dialog.getByRole("button", { name: "Delete assistant" }).click();
  await expect(page).toHaveURL(/\/assistants$/);
  await expect(page.getByRole("link", { name: "Librarian" })).toHaveCount(0);
  await member.reload();
  await expect(chat.messages).toContainText("Acknowledge within 10 minutes");
  await expect(chat.root).toContainText("Its assistant was deleted. Start a new conversation.");
  await chat.input.fill("Read oncall.md");
  await expect(chat.root.getByRole("button", { name: "Send" })).toBeDisabled();
});

test("the form loads a server's tools when the server is chosen, and reloads them after a failure", async ({
  people,
  stage,
}) => {
  const page = await people.visit(stage.admin, { path: "/assistants/new" });
  const asked: string[] = [];
  const toolsOf = (id: string) => `**/api/mcp-servers/${id}/tools`;
  await page.route(toolsOf("*"), (route) => {
    asked.push(new URL(route.request().url()).pathname);
    return route.abort();
  });
  const handbook = page.getByRole("checkbox", { name: "Team Handbook" });
  await expect(handbook).toBeVisible();
  await expect(page.getByText(/\d+ tools, \d+ can change data/).first()).toBeVisible();
  expect(asked).toEqual([]);
  await handbook.check();
  await expect(page.getByText("The tools could not be loaded.")).toBeVisible({ timeout: 20_000 });
  expect(new Set(asked)).toEqual(new Set([`/api/mcp-servers/${stage.handbookId}/tools`]));
  await page.unroute(toolsOf("*"));
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByText(/^\d+ tools? in total\.$/)).toBeVisible();
  await page.getByText("Approval", { exact: true }).click();
  await expect(page.getByText("read_file", { exact: true })).toBeVisible();
  await expect(page.getByText("The tools could not be loaded.")).toHaveCount(0);
});
