import { readFile } from "node:fs/promises";
import path from "node:path";
import { Chat } from "@/tests/e2e/chat";
import { expect, test } from "@/tests/e2e/fixtures";
import { consent, finished, openTab } from "@/tests/e2e/provider-page";
import type { Stage } from "@/tests/e2e/stage";

const writes = ({ personal }: Stage) => personal.toolCalls.filter((name) => name === "write_file");

test("a call that changes data waits for Run now after the consent, and runs once, even from two tabs", async ({
  people,
  stage,
}) => {
  const page = await people.visit(await people.join("Wanda Writer"), { path: "/chat" });
  const chat = Chat.onPage(page);
  await chat.ask('Write "Relay 70 is clean" to relay.md in my Personal Files');
  const tab = await openTab(chat.prompt("Personal Files").getByRole("link", { name: "Authorize" }));
  await consent(tab, "Grace Hopper");
  await finished(tab);

  await expect(chat.messages).toContainText("Run “Write a file” now?");
  await expect(chat.messages).toContainText(
    "It can change data. It runs once, with these arguments.",
  );
  await expect(chat.messages).toContainText("Relay 70 is clean");
  expect(writes(stage)).toEqual([]);

  const second = await page.context().newPage();
  await second.goto(page.url());
  const other = Chat.onPage(second);
  const runNow = [chat, other].map((one) => one.root.getByRole("button", { name: "Run now" }));
  for (const button of runNow) await expect(button).toBeEnabled();
  // Pressed before either tab can have learned of the other's press.
  await Promise.all(runNow.map((button) => button.dispatchEvent("click")));

  await expect(chat.answer).toContainText("Made relay.md.");
  await expect(other.answer).toContainText("Made relay.md.");
  expect(writes(stage)).toEqual(["write_file"]);
  const written = path.join(stage.folder, "people/grace/relay.md");
  expect((await readFile(written, "utf8")).trim()).toBe("Relay 70 is clean");
});

test("a skipped call that changes data never runs, and the answer continues", async ({
  people,
  stage,
}) => {
  const page = await people.visit(await people.join("Skip Per"), { path: "/chat" });
  const chat = Chat.onPage(page);
  await chat.ask('Write "never" to never.md in my Personal Files');
  const tab = await openTab(chat.prompt("Personal Files").getByRole("link", { name: "Authorize" }));
  await consent(tab, "Ada Lovelace");
  await chat.root.getByRole("button", { name: "Skip" }).click();

  await chat.settled();
  await expect(chat.toolCall("Write a file")).toContainText("Skipped");
  await expect(chat.root.getByRole("button", { name: "Run now" })).toHaveCount(0);
  await page.reload();
  await expect(chat.toolCall("Write a file")).toContainText("Skipped");
  expect(writes(stage)).toEqual([]);
});

test("a call with a skipped consent never runs, and nothing is connected", async ({
  people,
  stage,
}) => {
  const page = await people.visit(await people.join("No Thanks"), { path: "/chat" });
  const chat = Chat.onPage(page);
  await chat.ask("List my Personal Files");
  await chat.prompt("Personal Files").getByRole("button", { name: "Skip" }).click();

  await chat.settled();
  await expect(chat.prompt("Personal Files")).toHaveCount(0);
  await expect(chat.messages).toContainText("Skipped · Personal Files");
  expect(stage.personal.toolCalls).toEqual([]);
});
