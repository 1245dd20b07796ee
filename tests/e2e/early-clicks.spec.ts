import type { Page } from "@playwright/test";
import { Chat } from "@/tests/e2e/chat";
import { expect, test } from "@/tests/e2e/fixtures";
import { signIn } from "@/tests/e2e/sign-in";

/** Scripts arrive only once the returned function is called, as on a slow network. */
async function holdScripts(page: Page): Promise<() => void> {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route(/\/_next\/static\/.*\.js/, async (route) => {
    await released;
    await route.continue();
  });
  return release;
}

test("a section opened before the page is hydrated stays open and follows its clicks", async ({
  people,
  stage,
}) => {
  const page = await people.visit(stage.admin);
  const release = await holdScripts(page);
  await page.goto("/settings/api", { waitUntil: "commit" });
  const section = page.locator("details").first();
  const title = section.locator("summary");
  await title.click();
  await expect(section).toHaveAttribute("open");
  release();
  // A panel that opens shows that the page is hydrated.
  await expect(async () => {
    await page.keyboard.press("Control+j");
    await expect(page.locator("#chat-panel")).toBeVisible({ timeout: 1000 });
  }).toPass();
  await expect(section).toHaveAttribute("open");
  await title.click();
  await expect(section).not.toHaveAttribute("open");
});

test("a sign-in submitted before the page is hydrated goes through", async ({ people, stage }) => {
  const page = await people.visit(null, { path: "/sign-in" });
  const release = await holdScripts(page);
  await page.goto("/sign-in?callbackUrl=/settings/account", { waitUntil: "commit" });
  await signIn(page, stage.admin);
  await expect(page.getByRole("textbox", { name: "Email" })).toHaveValue(stage.admin.email);
  release();
  await expect(page.getByRole("heading", { name: "Appearance" })).toBeVisible();
});

test("a new conversation takes the open one's place before the address follows", async ({
  people,
}) => {
  const page = await people.visit(await people.join("Early Bird"), { path: "/chat" });
  const chat = Chat.onPage(page);
  await chat.ask("What can you do?");
  await chat.settled();
  // What is typed and sent from here on must not go to the conversation that was open.
  const shown = await page.evaluate(async () => {
    document.querySelector<HTMLElement>("main [aria-label='New conversation']")?.click();
    await Promise.resolve();
    return document.querySelectorAll("main article").length;
  });
  expect(shown).toBe(0);
  await expect(page).toHaveURL(/\/chat$/);
});

test("a button pressed before the page is hydrated takes effect once it is", async ({ people }) => {
  const page = await people.visit(await people.join("Early Riser"), { path: "/chat" });
  const chat = Chat.onPage(page);
  await chat.ask("What can you do?");
  await chat.settled();

  const release = await holdScripts(page);
  await page.goto("/chat", { waitUntil: "commit" });
  await chat.root.getByRole("button", { name: "New conversation" }).click();
  await chat.input.fill("Help me please");
  release();
  await expect(chat.root.getByRole("button", { name: "Send" })).toBeEnabled();
  await expect(chat.input).toHaveValue("Help me please");
  await chat.input.press("Enter");
  await expect(chat.answer).toBeVisible();
  await chat.settled();
  await expect(chat.messages.getByRole("article")).toHaveCount(2);
  await expect(chat.messages).not.toContainText("What can you do?");
});

test("an answer requested again before the page is hydrated comes once it is", async ({
  people,
  stage,
}) => {
  const page = await people.visit(await people.join("Early Again"), { path: "/chat" });
  const chat = Chat.onPage(page);
  stage.model.setScript(() => [{ type: "text", deltas: ["It begins"] }, { type: "drop" }]);
  await people.assistant("Talker", {
    serverId: stage.handbookId,
    model: "openai-compatible/practice-model",
  });
  await page.reload();
  await chat.chooseAssistant("Talker");
  await chat.ask("Break off");
  await expect(chat.answer).toContainText("The answer could not be finished");
  await chat.settled();
  stage.model.setScript(() => [{ type: "text", deltas: ["Now it works."] }]);

  const release = await holdScripts(page);
  await page.reload({ waitUntil: "commit" });
  await chat.root.getByRole("button", { name: "Retry" }).click();
  release();
  await expect(chat.answer).toContainText("Now it works.");
});
