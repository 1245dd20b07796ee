import { randomUUID } from "node:crypto";
import type { Page } from "@playwright/test";
import { Chat } from "@/tests/e2e/chat";
import { expect, type People, test } from "@/tests/e2e/fixtures";
import { watchLayoutShifts } from "@/tests/e2e/layout-shifts";
import type { Stage } from "@/tests/e2e/stage";
import { startPlainMcpServer } from "@/tests/support/mcp-servers";
import type { ChatCompletionRequest } from "@/tests/support/openai-server";
import { serverInput } from "@/tests/support/server-input";

const model = "openai-compatible/practice-model";

/** A member in a new conversation with a language model that has the tools of a plain MCP server. */
async function talk(
  people: People,
  stage: Stage,
  options: { path?: string; viewport?: { width: number; height: number } } = {},
): Promise<{ page: Page; chat: Chat; close: () => Promise<void> }> {
  const server = await startPlainMcpServer();
  const admin = await people.api(stage.admin);
  const made = await admin.post("/api/mcp-servers", {
    data: serverInput({ name: "Plain tools", url: server.url }),
  });
  expect(made.status()).toBe(201);
  const { id: serverId } = await made.json();
  await (await admin.post(`/api/mcp-servers/${serverId}/test`)).text();
  await people.assistant("Talker", { serverId, model });
  const member = await people.join("Tess Talker");
  const page = await people.visit(member, { path: "/chat", ...options });
  const chat = (options.path ?? "/chat") === "/chat" ? Chat.onPage(page) : await Chat.beside(page);
  await chat.chooseAssistant("Talker");
  return { page, chat, close: server.close };
}

/** The name under which the model knows a tool. */
function toolNamed(request: ChatCompletionRequest, name: string): string {
  const found = request.tools?.find((tool) => tool.function.name.endsWith(name));
  if (!found) throw new Error(`The model does not know ${name}.`);
  return found.function.name;
}

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

test("Enter before the chat has loaded is not lost, unless the text changes in the meantime", async ({
  people,
  stage,
}) => {
  const page = await people.visit(stage.admin, { path: "/connections" });
  async function slowly(): Promise<{ chat: Chat; load: () => void }> {
    const { opened, open } = gate();
    await page.unrouteAll();
    await page.route("**/api/chat/assistants", async (route) => {
      await opened;
      await route.continue();
    });
    await page.reload();
    return { chat: await Chat.beside(page), load: open };
  }

  const first = await slowly();
  await first.chat.input.fill("List files");
  await first.chat.input.press("Enter");
  await first.chat.input.press("End");
  await first.chat.input.pressSequentially(" in Team");
  first.load();
  await expect(first.chat.root.getByRole("button", { name: "Send" })).toBeEnabled();
  await expect(first.chat.input).toHaveValue("List files in Team");
  await expect(first.chat.messages).toHaveCount(0);

  const second = await slowly();
  await second.chat.input.fill("List files in Team Handbook");
  await second.chat.input.press("Enter");
  await expect(second.chat.input).toHaveValue("List files in Team Handbook");
  second.load();
  const said = second.chat.messages.getByRole("article").first();
  await expect(said).toContainText("List files in Team Handbook");
  await expect(second.chat.input).toHaveValue("");
  await second.chat.settled();
});

test("text typed before the page is hydrated stays", async ({ people }) => {
  const member = await people.join("Eve Early");
  const page = await people.visit(member, { path: "/connections" });
  const scripts = gate();
  await page.route("**/_next/static/**/*.js*", async (route) => {
    await scripts.opened;
    await route.continue();
  });
  await page.goto("/chat", { waitUntil: "commit" });
  const chat = Chat.onPage(page);
  await chat.input.pressSequentially("Typed too early");
  scripts.open();
  await expect(chat.root.getByRole("button", { name: "Send" })).toBeEnabled();
  await expect(chat.input).toHaveValue("Typed too early");
});

test("an answer grows on the page while the model writes it, even across navigation", async ({
  people,
  stage,
}) => {
  const second = gate();
  const third = gate();
  stage.model.setScript(() => [
    { type: "text", deltas: ["The first ", "words"] },
    { type: "wait", until: second.opened },
    { type: "text", deltas: [" and the second"] },
    { type: "wait", until: third.opened },
    { type: "text", deltas: [" and the last."] },
  ]);
  const { page, chat, close } = await talk(people, stage, { path: "/connections" });
  await chat.ask("Say something");
  await expect(chat.answer).toContainText("The first words");
  await expect(chat.answer).not.toContainText("second");
  await expect(chat.root.getByRole("button", { name: "Stop the answer" })).toBeVisible();

  await page.getByRole("link", { name: "Assistants" }).first().click();
  await expect(page.getByRole("heading", { name: "Assistants" })).toBeVisible();
  second.open();
  await expect(chat.answer).toContainText("The first words and the second");
  third.open();
  await chat.settled();
  await expect(chat.answer).toContainText("The first words and the second and the last.");
  await close();
});

test("a tool call by the model runs, shows its arguments and result, and the model continues with it", async ({
  people,
  stage,
}) => {
  const before = stage.model.requests.length;
  stage.model.setScript((request) =>
    request.messages.some(({ role }) => role === "tool")
      ? [{ type: "text", deltas: ["It is ", "forty-two."] }]
      : [
          { type: "text", deltas: ["I add them."] },
          { type: "tool-call", name: toolNamed(request, "add"), arguments: { a: 19, b: 23 } },
        ],
  );
  const { chat, close } = await talk(people, stage);
  await chat.ask("What is 19 and 23?");
  await expect(chat.answer).toContainText("It is forty-two.");
  const call = chat.toolCall("Add");
  await expect(call).toContainText("Plain tools · No sign-in");
  await call.getByRole("button", { name: /^Add/ }).click();
  await expect(call).toContainText('"a": 19');
  await expect(call).toContainText("42");
  const told = stage.model.requests.slice(before).at(-1)?.body.messages.at(-1);
  expect(told?.role).toBe("tool");
  expect(String(told?.content)).toContain("42");
  await close();
});

test("a stopped answer keeps what has arrived, and can be requested again", async ({
  people,
  stage,
}) => {
  const never = gate();
  const before = stage.model.requests.length;
  stage.model.setScript((_request, turn) =>
    turn === before
      ? [
          { type: "text", deltas: ["Half of an answer"] },
          { type: "wait", until: never.opened },
        ]
      : [{ type: "text", deltas: ["A whole answer."] }],
  );
  const { page, chat, close } = await talk(people, stage);
  await chat.ask("Go on for ever");
  await expect(chat.answer).toContainText("Half of an answer");
  await chat.root.getByRole("button", { name: "Stop the answer" }).click();
  await expect(chat.answer).toContainText("You stopped this answer.");
  await expect.poll(() => stage.model.requests[before]?.abortedAt).not.toBeNull();
  await page.reload();
  await expect(chat.answer).toContainText("Half of an answer");
  await chat.root.getByRole("button", { name: "Retry" }).click();
  await expect(chat.answer).toContainText("A whole answer.");
  await expect(chat.answer).not.toContainText("Half of an answer");
  never.open();
  await close();
});

test("a model failure is reported in words, and a retry brings the answer", async ({
  people,
  stage,
}) => {
  stage.model.setScript(() => [{ type: "text", deltas: ["It begins"] }, { type: "drop" }]);
  const { chat, close } = await talk(people, stage);
  await chat.ask("Break off");
  await expect(chat.answer).toContainText("The answer could not be finished");
  await expect(chat.answer).not.toContainText(/ECONN|undefined|\[object/);
  stage.model.setScript(() => [{ type: "text", deltas: ["Now it works."] }]);
  await chat.root.getByRole("button", { name: "Retry" }).click();
  await expect(chat.answer).toContainText("Now it works.");
  await expect(chat.messages.getByText("Break off")).toHaveCount(1);
  await close();
});

test("conversations are listed, renamed, opened again and deleted", async ({ people }) => {
  const page = await people.visit(await people.join("Hista Ree"), { path: "/chat" });
  const chat = Chat.onPage(page);
  const history = page.getByRole("complementary", { name: "History" });
  await chat.ask("What can you do?");
  await chat.settled();
  await page.getByRole("button", { name: "New conversation" }).click();
  await chat.ask("Help me please");
  await chat.settled();

  await history.getByRole("button", { name: /^What can you do/ }).hover();
  await history.getByRole("button", { name: "Actions for “What can you do?”" }).click();
  await page.getByRole("menuitem", { name: "Rename" }).click();
  const dialog = page.getByRole("dialog", { name: "Rename conversation" });
  await dialog.getByRole("textbox", { name: "Title" }).fill("Abilities");
  await dialog.getByRole("button", { name: "Rename" }).click();
  await history.getByRole("button", { name: /^Abilities/ }).click();
  await expect(page.getByRole("heading", { name: "Abilities" })).toBeVisible();
  await expect(chat.messages).toContainText("What can you do?");

  await page.reload();
  await expect(chat.messages).toContainText("What can you do?");
  await history.getByRole("button", { name: /^Abilities/ }).hover();
  await history.getByRole("button", { name: "Actions for “Abilities”" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  const asked = page.getByRole("alertdialog", { name: "Delete “Abilities”?" });
  await asked.getByRole("button", { name: "Delete conversation" }).click();
  await expect(history.getByRole("button", { name: /^Abilities/ })).toHaveCount(0);
  await expect(history.getByRole("button", { name: /^Help me please/ })).toBeVisible();
  await expect(page).toHaveURL(/\/chat$/);
});

test("nothing on the page shifts while an answer streams and tools run", async ({
  people,
  stage,
}) => {
  const paragraph = (text: string) => ({
    type: "text" as const,
    deltas: Array.from({ length: 30 }, (_, index) => `${text} ${index}. `),
    everyMs: 15,
  });
  stage.model.setScript((request) =>
    request.messages.some(({ role }) => role === "tool")
      ? [
          {
            type: "text",
            deltas: ["\n\n## What came out\n\n- one\n- two\n\n```js\nlet a = 1;\n```"],
          },
          paragraph("After the tools"),
        ]
      : [
          paragraph("Before the tools"),
          { type: "tool-call", name: toolNamed(request, "wait"), arguments: { ms: 700 } },
          { type: "tool-call", name: toolNamed(request, "fail"), arguments: {} },
        ],
  );
  for (const path of ["/chat", "/connections"]) {
    const { page, chat, close } = await talk(people, stage, { path });
    const shifts = await watchLayoutShifts(page);
    await chat.ask("Take your time");
    await expect(chat.answer).toContainText("After the tools 29.", { timeout: 30_000 });
    await chat.settled();
    await expect(chat.toolCall("Fail")).toContainText("Failed");
    expect(await shifts(), path).toBeLessThanOrEqual(0.01);
    await close();
    const admin = await people.api(stage.admin);
    const { assistants } = await (await admin.get("/api/assistants")).json();
    const talker = assistants.find(({ name }: { name: string }) => name === "Talker");
    await admin.delete(`/api/assistants/${talker.id}`);
    const { servers } = await (await admin.get("/api/mcp-servers")).json();
    const plain = servers.find(({ name }: { name: string }) => name === "Plain tools");
    await admin.delete(`/api/mcp-servers/${plain.id}`);
  }
});

test("long words, tables, code and results fit a phone's width", async ({ people, stage }) => {
  const word = "Donaudampfschifffahrt".repeat(12);
  stage.model.setScript((request) =>
    request.messages.some(({ role }) => role === "tool")
      ? [
          {
            type: "text",
            deltas: [
              `${word}\n\n| a | b | c |\n|---|---|---|\n| ${word} | ${word} | x |\n\n`,
              `\`\`\`\n${word}${word}\n\`\`\`\n\n\`${word}\` https://example.com/${word}`,
            ],
          },
        ]
      : [{ type: "tool-call", name: toolNamed(request, "echo"), arguments: { message: word } }],
  );
  const { page, chat, close } = await talk(people, stage, {
    viewport: { width: 390, height: 844 },
  });
  await chat.ask(`Say ${word}`);
  await expect(chat.answer).toContainText("https://example.com/");
  await chat.settled();
  await chat.toolCall("Echo").getByRole("button").first().click();
  await expect(chat.toolCall("Echo")).toContainText("Result");
  const beyond = () =>
    chat.messages.evaluate((region) => ({
      messages: region.scrollWidth - region.clientWidth,
      page: document.documentElement.scrollWidth - window.innerWidth,
    }));
  expect(await beyond()).toEqual({ messages: 0, page: 0 });
  await page.reload();
  await expect(chat.answer).toContainText("https://example.com/");
  expect(await beyond()).toEqual({ messages: 0, page: 0 });
  await close();
});

test("a conversation whose assistant was deleted says so within a phone's width", async ({
  people,
  stage,
}) => {
  const id = randomUUID();
  await stage.query(
    `INSERT INTO "Conversation" ("id", "userId", "title", "updatedAt")
     SELECT $1, "id", 'Orphan', now() FROM "User" WHERE "email" = $2`,
    [id, stage.admin.email],
  );
  const viewport = { width: 390, height: 844 };
  const page = await people.visit(stage.admin, { path: `/chat/${id}`, viewport });
  const reason = page.getByText("Its assistant was deleted. Start a new conversation.");
  await expect(reason).toBeVisible();
  const right = await page
    .getByRole("button", { name: "Send" })
    .evaluate((button) => button.getBoundingClientRect().right);
  expect(right).toBeLessThanOrEqual(viewport.width);
  expect(await reason.evaluate((text) => text.scrollWidth - text.clientWidth)).toBe(0);
});

test("a wide table scrolls sideways on a phone without breaking words", async ({
  people,
  stage,
}) => {
  const columns = ["Description", "Elasticity", "Responsibility", "Last changed", "Environment"];
  const row =
    "| Internationalization of names | Lasticity | Infrastructure | Yesterday | Production |";
  stage.model.setScript(() => [
    {
      type: "text",
      deltas: [`| ${columns.join(" | ")} |\n|${"---|".repeat(5)}\n${row}\n${row}\n`],
    },
  ]);
  const { page, chat, close } = await talk(people, stage, {
    viewport: { width: 390, height: 844 },
  });
  await chat.ask("Show me a table");
  await expect(chat.answer.getByRole("table")).toBeVisible();
  await chat.settled();
  const table = await chat.answer.getByRole("table").evaluate((element) => {
    const broken: string[] = [];
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      for (const { 0: word, index } of (node.textContent ?? "").matchAll(/\S+/g)) {
        const range = document.createRange();
        range.setStart(node, index);
        range.setEnd(node, index + word.length);
        if (range.getClientRects().length > 1) broken.push(word);
      }
    }
    const box = element.parentElement as HTMLElement;
    return { broken, scrolls: box.scrollWidth > box.clientWidth };
  });
  expect(table).toEqual({ broken: [], scrolls: true });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await close();
});
