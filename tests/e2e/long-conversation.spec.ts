import type { Page } from "@playwright/test";
import { Chat } from "@/tests/e2e/chat";
import { expect, test } from "@/tests/e2e/fixtures";
import type { Account, Stage } from "@/tests/e2e/stage";

const desk = { viewport: { width: 1440, height: 900 } };

/** A conversation with this many numbered messages, answers in Markdown. @returns its id */
async function fillConversation(stage: Stage, { email }: Account, count: number): Promise<string> {
  const [row] = await stage.query<{ id: string }>(
    `INSERT INTO "Conversation" ("id", "userId", "title", "updatedAt")
     SELECT gen_random_uuid()::text, u."id", 'A long one', now() FROM "User" u WHERE u."email" = $1
     RETURNING "id"`,
    [email],
  );
  const id = row?.id ?? "";
  await stage.query(
    `INSERT INTO "Message" ("id", "conversationId", "position", "role", "parts", "updatedAt")
     SELECT gen_random_uuid()::text, $1, n, CASE n % 2 WHEN 0 THEN 'user' ELSE 'assistant' END,
       jsonb_build_array(jsonb_build_object('type', 'text', 'state', 'done', 'text',
         CASE n % 2 WHEN 0 THEN 'Question ' || n || '.' ELSE 'Answer ' || n || E'.\\n\\n' ||
           repeat(E'- **point** with \`code\` and some more words to read\\n', 1 + n % 7) || E'\\nThat is all.' END)),
       now() FROM generate_series(0, $2 - 1) AS n`,
    [id, count],
  );
  return id;
}

const nodes = (page: Page) => page.locator("main *").count();

test("a conversation of 300 messages opens at its end and scrolls back to its first, with few nodes", async ({
  people,
  stage,
}) => {
  test.slow();
  const account = await people.join("Lena Long");
  const id = await fillConversation(stage, account, 300);
  const page = await people.visit(account, { path: `/chat/${id}`, ...desk });
  const { messages } = Chat.onPage(page);
  await expect(messages.getByText("Answer 299.")).toBeInViewport();
  await expect(messages.getByText("Answer 249.")).toHaveCount(0);
  const first = messages.getByText("Question 0.", { exact: true });
  await expect
    .poll(
      async () => {
        await messages.evaluate((box) => box.scrollTo(0, 0));
        return first.count();
      },
      { timeout: 60_000 },
    )
    .toBe(1);
  await messages.evaluate((box) => box.scrollTo(0, 0));
  await expect(first).toBeInViewport();
  await expect(messages.getByRole("button", { name: "Show older messages" })).toHaveCount(0);
  // Each has its place, and most are not rendered.
  await expect(messages.locator("[data-message]")).toHaveCount(300);
  await expect.poll(() => nodes(page)).toBeLessThan(3_500);
  // What is scrolled into view is rendered, in order.
  await messages.evaluate((box) => box.scrollTo(0, box.scrollHeight / 2));
  await expect
    .poll(async () => {
      const shown = await messages.getByText(/^Question \d+\.$/).allInnerTexts();
      return shown.map((words) => Number(/\d+/.exec(words)?.[0]));
    })
    .toContain(150);
  await page.getByRole("button", { name: "Jump to latest" }).click();
  await expect(messages.getByText("Answer 299.")).toBeInViewport();
});

test("the visible text stays in place while older messages load, and a failed load can be retried", async ({
  people,
  stage,
}) => {
  const account = await people.join("Rita Reader");
  const id = await fillConversation(stage, account, 120);
  const page = await people.visit(account, { path: `/chat/${id}`, ...desk });
  const { messages } = Chat.onPage(page);
  await expect(messages.getByText("Answer 119.")).toBeInViewport();

  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let failures = 1;
  await page.route("**/messages?before=*", async (route) => {
    if (failures-- > 0)
      return route.fulfill({
        status: 503,
        json: { error: { code: "busy", message: "The database is busy." } },
      });
    await released;
    await route.continue();
  });
  const alert = messages.getByRole("alert");
  await expect(async () => {
    await messages.evaluate((box) => box.scrollTo(0, 0));
    await expect(alert).toContainText("Older messages could not be loaded", { timeout: 1_000 });
  }).toPass();
  await messages.getByRole("button", { name: "Try again" }).click();
  await expect(messages.getByText("Loading older messages…")).toBeVisible();
  // At the very top, where browsers do no scroll anchoring.
  await messages.evaluate((box) => box.scrollTo(0, 0));
  const read = messages.getByText("Question 70.", { exact: true });
  const before = await read.boundingBox();
  release();
  await expect(messages.getByText("Question 50.", { exact: true })).toHaveCount(1);
  await expect(messages.getByText("Loading older messages…")).toHaveCount(0);
  const after = await read.boundingBox();
  expect(Math.abs((after?.y ?? 0) - (before?.y ?? 1_000))).toBeLessThan(3);
});
