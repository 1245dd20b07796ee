import { Chat } from "@/tests/e2e/chat";
import { expect, test } from "@/tests/e2e/fixtures";
import { consent, finished, openTab } from "@/tests/e2e/provider-page";

const question = "Read todo.md from my Personal Files";
const gracesFile = "Cut forty nanoseconds of wire";
const adasFile = "Finish the table of Bernoulli numbers";

test("a member asks in the sidebar, consents in a new tab, and the waiting call runs automatically", async ({
  people,
  stage,
}) => {
  const page = await people.visit(await people.join("Side Barr"), { path: "/connections" });
  const chat = await Chat.beside(page);
  await chat.ask(question);
  const prompt = chat.prompt("Personal Files");
  await expect(prompt).toContainText("needs your account");
  await expect(prompt).toContainText("Waiting: Read a file");
  await expect(chat.toolCall("Read a file")).toContainText("Needs consent");
  expect(stage.personal.toolCalls).toEqual([]);

  const tab = await openTab(prompt.getByRole("link", { name: "Authorize" }));
  await expect(prompt).toContainText("Waiting for your consent in the other tab");
  await consent(tab, "Grace Hopper");
  await finished(tab);

  await expect(chat.answer).toContainText(gracesFile);
  await expect(prompt).toHaveCount(0);
  await expect(chat.messages).toContainText("Connected · Personal Files");
  await expect(chat.toolCall("Read a file")).toContainText("Personal Files · Your account");
  await expect(chat.messages.getByText(question)).toHaveCount(1);
  await expect(chat.input).toHaveValue("");
  expect(stage.personal.toolCalls).toEqual(["read_file"]);
});

test("a page reloaded while a consent is pending continues as well", async ({ people, stage }) => {
  const page = await people.visit(await people.join("Ree Loader"), { path: "/connections" });
  const before = await Chat.beside(page);
  await before.ask(question);
  await expect(before.prompt("Personal Files")).toBeVisible();

  await page.reload();
  const chat = await Chat.beside(page);
  const tab = await openTab(chat.prompt("Personal Files").getByRole("link", { name: "Authorize" }));
  await expect(tab.getByRole("heading", { name: /^Allow Usher/ })).toBeVisible();
  await page.reload();
  await expect(chat.prompt("Personal Files")).toBeVisible();
  await consent(tab, "Grace Hopper");

  await expect(chat.answer).toContainText(gracesFile);
  await expect(chat.messages.getByText(question)).toHaveCount(1);
  expect(stage.personal.toolCalls).toEqual(["read_file"]);
});

test("a consent given while no page is open is found when the person returns", async ({
  people,
  stage,
}) => {
  const account = await people.join("Come Back");
  const page = await people.visit(account, { path: "/chat" });
  const chat = Chat.onPage(page);
  await chat.ask(question);
  await expect(chat.prompt("Personal Files")).toBeVisible();
  const address = page.url();
  await page.goto(`/oauth/authorize/${stage.personalId}?returnTo=/connections`);
  await expect(page.getByRole("heading", { name: "Authorize Personal Files?" })).toBeVisible();
  await page.getByRole("link", { name: "Continue" }).click();
  await consent(page, "Grace Hopper");
  await expect(page).toHaveURL(/\/connections/);
  expect(stage.personal.toolCalls).toEqual([]);

  await page.goto(address);
  await expect(chat.answer).toContainText(gracesFile);
  expect(stage.personal.toolCalls).toEqual(["read_file"]);
});

test("two members each see the files of the account they connected on the chat page", async ({
  people,
  stage,
}) => {
  const accounts = {
    ada: await people.join("Al Lovelace"),
    grace: await people.join("Gus Hopper"),
  };
  const adasPage = await people.visit(accounts.ada, { path: "/chat" });
  const gracesPage = await people.visit(accounts.grace, { path: "/chat" });
  const ada = Chat.onPage(adasPage);
  const grace = Chat.onPage(gracesPage);
  for (const [chat, person] of [
    [ada, "Ada Lovelace"],
    [grace, "Grace Hopper"],
  ] as const) {
    await chat.ask(question);
    const tab = await openTab(
      chat.prompt("Personal Files").getByRole("link", { name: "Authorize" }),
    );
    await consent(tab, person);
  }

  await expect(ada.answer).toContainText(adasFile);
  await expect(grace.answer).toContainText(gracesFile);
  await expect(ada.messages).not.toContainText(gracesFile);
  await expect(grace.messages).not.toContainText(adasFile);
  const calls = stage.personal.requests.filter(({ toolName }) => toolName !== null);
  expect(calls.filter(({ status }) => status === 200).map(({ account }) => account)).toEqual([
    "ada",
    "grace",
  ]);

  await gracesPage.goto(new URL(adasPage.url()).pathname);
  await expect(gracesPage.getByRole("main")).toContainText("Conversation not found");
  await expect(gracesPage.getByRole("main")).not.toContainText(adasFile);
});
