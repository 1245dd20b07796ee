import { Chat } from "@/tests/e2e/chat";
import { expect, test } from "@/tests/e2e/fixtures";
import { consent, finished, openTab } from "@/tests/e2e/provider-page";

test("a person always allows a tool once an admin permits it, and revokes that in the chat and in their settings", async ({
  people,
  stage,
}) => {
  const writes = () => stage.personal.toolCalls.filter((name) => name === "write_file").length;
  await people.assistant("Filer", { serverId: stage.personalId });
  const admin = await people.visit(stage.admin, { path: "/assistants" });
  await admin.getByRole("link", { name: "Filer" }).click();
  const permitted = admin.getByRole("combobox", { name: "People may always allow" });
  await expect(permitted).toHaveText("None");
  await permitted.click();
  await admin.getByRole("option", { name: "All tools" }).click();
  await admin.getByRole("button", { name: "Save changes" }).click();
  await expect(admin).toHaveURL(/\/assistants$/);

  const person = await people.join("Olga Often");
  const page = await people.visit(person, { path: "/chat" });
  const chat = Chat.onPage(page);
  await chat.chooseAssistant("Filer");
  await chat.ask('Write "one" to one.md in my Personal Files');
  const tab = await openTab(chat.prompt("Personal Files").getByRole("link", { name: "Authorize" }));
  await consent(tab, "Grace Hopper");
  await finished(tab);
  const runNow = chat.root.getByRole("button", { name: "Run now" });
  const always = chat.messages.getByRole("checkbox", { name: "Always allow “Write a file”" });
  await expect(runNow).toBeEnabled();
  await always.press("Space");
  await expect(always).toBeChecked();
  await runNow.click();
  await expect(chat.answer).toContainText(/(Made|Replaced) one\.md\./);

  await chat.settled();
  await chat.ask('Write "two" to two.md in my Personal Files');
  await expect(chat.answer).toContainText(/(Made|Replaced) two\.md\./);
  await chat.settled();
  await expect(runNow).toHaveCount(0);
  expect(writes()).toBe(2);

  const settings = await people.visit(person, { path: "/settings/account" });
  const section = settings.getByRole("region", { name: "Always allowed tools" });
  await expect(section.getByRole("listitem")).toHaveText(/^Write a file.*Filer · Personal Files/);

  const ran = chat.toolCall("Write a file").last();
  await expect(ran).toContainText("Always allowed");
  await ran.getByRole("button", { name: "Write a file" }).click();
  await ran.getByRole("button", { name: "Revoke" }).click();
  await expect(ran).toContainText("Revoked. The next call asks.");

  await chat.ask('Write "three" to three.md in my Personal Files');
  await expect(runNow).toBeEnabled();
  expect(writes()).toBe(2);
  await always.check();
  await runNow.click();
  await expect(chat.answer).toContainText(/(Made|Replaced) three\.md\./);
  await settings.reload();
  await section.getByRole("button", { name: "Revoke Write a file in Filer" }).click();
  await expect(section).toContainText("No tools yet.");

  await chat.settled();
  await chat.ask('Write "four" to four.md in my Personal Files');
  await expect(runNow).toBeEnabled();
  await expect(always).not.toBeChecked();
  expect(writes()).toBe(3);
});
