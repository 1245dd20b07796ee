import { expect, type Page, test } from "@playwright/test";
import type { ChatMessage } from "@/lib/contracts/chat/chat";
import { plainTextMetadata } from "@/lib/contracts/chat/conversation";
import { answerPage } from "@/tests/e2e/answers/bundle";

test.beforeEach(async ({ page }) => {
  await page.setContent(await answerPage());
});

test("a message that cannot be rendered leaves the other messages intact, and offers its text", async ({
  page,
}) => {
  const broken = [
    { type: "text", text: "These **words** are left." },
    { type: "data-authorization-required" },
  ];
  await show(page, [
    message("1", [text("Before")]),
    message("2", broken),
    message("3", [text("After")]),
  ]);

  await expect(page.getByText("Before")).toBeVisible();
  await expect(page.getByText("After")).toBeVisible();
  const failed = page.getByRole("region", { name: "This message could not be shown" });
  await failed.getByRole("button", { name: "Show as plain text" }).click();
  await expect(failed).toContainText("These **words** are left.");
  await failed.getByRole("button", { name: "Try again" }).click();
  await expect(failed).toBeVisible();

  await show(page, [message("1", [text("Before")]), message("2", [text("Now it can be")])]);
  await expect(page.getByText("Now it can be")).toBeVisible();
  await expect(failed).toHaveCount(0);
});

test("a tool call that cannot be rendered leaves the other calls and the answer intact", async ({
  page,
}) => {
  const call = (id: string, content: unknown) => ({
    ...{ type: "dynamic-tool", toolCallId: id, toolName: `tool_${id}`, input: {} },
    ...{ state: "output-available", output: { content, truncated: false } },
  });
  await show(page, [
    message("1", [call("a", [null]), call("b", [text("Fine")]), text("The answer")]),
  ]);
  await page.getByRole("button", { name: /tool_a/ }).click();
  const failed = page.getByRole("region", { name: "This tool call could not be shown" });
  await failed.getByRole("button", { name: "Show as plain text" }).click();
  await expect(failed).toContainText('"toolCallId": "a"');
  await page.getByRole("button", { name: /tool_b/ }).click();
  await expect(page.getByText("Fine")).toBeVisible();
  await expect(page.getByText("The answer")).toBeVisible();
});

test("a server's output is quoted verbatim, and a long answer one part at a time", async ({
  page,
}) => {
  const from = plainTextMetadata({ serverName: "Files", toolName: "read" });
  const quoted = { ...text("**a** <b> &amp; [c](d)"), providerMetadata: from };
  await show(page, [message("1", [quoted]), message("2", [text("word ".repeat(20_000))])]);
  await expect(page.locator("blockquote")).toHaveText("**a** <b> &amp; [c](d)");
  await expect(page.getByText("Shown as plain text")).toBeVisible();
  await page.getByRole("button", { name: "Show more (97,000 characters left)" }).click();
  await expect(
    page.getByRole("button", { name: "Show more (85,000 characters left)" }),
  ).toBeVisible();
});

function text(value: string) {
  return { type: "text", text: value };
}

/** As stored: its content may not match the contract. */
function message(id: string, parts: unknown[]): ChatMessage {
  return { id, role: "assistant", parts: parts as ChatMessage["parts"] };
}

async function show(page: Page, messages: ChatMessage[]): Promise<void> {
  await page.evaluate((json) => window.show(JSON.parse(json)), JSON.stringify(messages));
}
