import { Chat } from "@/tests/e2e/chat";
import { expect, test } from "@/tests/e2e/fixtures";

const apiKey = "sk-own-0123456789abcdefghij";

test.afterEach(async ({ stage }) => {
  await stage.query('DELETE FROM "OfferedModel"');
  await stage.query('DELETE FROM "ModelProvider"');
  await stage.query(`UPDATE "Assistant" SET "letsPeopleChoose" = false, "modelsToChoose" = '{}'`);
});

test("an admin connects a provider and offers two models, and a member chooses one in the chat", async ({
  people,
  stage,
}) => {
  stage.model.setScript(() => [{ type: "text", deltas: ["Hello from the model."] }]);
  stage.model.setModels(200, { data: [{ id: "small" }, { id: "large", display_name: "Large" }] });
  const page = await people.visit(stage.admin, { path: "/settings/models" });
  await expect(page.getByText("Set by the environment", { exact: true })).toBeVisible();

  await page.getByRole("button", { name: "Add provider" }).click();
  const adding = page.getByRole("dialog", { name: "Add a model provider" });
  await adding.getByRole("combobox", { name: "Provider" }).click();
  await page.getByRole("option", { name: "OpenAI-compatible" }).click();
  await adding.getByRole("button", { name: "Add provider" }).click();
  await expect(adding.getByText("Enter the base URL.")).toBeVisible();
  await adding.getByRole("textbox", { name: "Name" }).fill("own");
  await adding.getByRole("textbox", { name: "Base URL" }).fill("http://10.0.0.7:11434/v1");
  await adding.getByLabel("API key").fill(apiKey);
  await adding.getByRole("button", { name: "Add provider" }).click();
  await expect(adding.getByText(/ALLOWED_PRIVATE_HOSTS/)).toBeVisible();
  await adding.getByRole("textbox", { name: "Base URL" }).fill(stage.model.url);
  await adding.getByRole("button", { name: "Add provider" }).click();

  const offering = page.getByRole("dialog", { name: "Offer a model" });
  await offering.getByRole("button", { name: "small" }).click();
  await offering.getByRole("button", { name: "Offer model" }).click();
  await expect(page.getByText("own/small is offered, and is the default model")).toBeVisible();
  await page.getByRole("button", { name: "Offer a model" }).click();
  await offering.getByRole("combobox", { name: "Provider" }).click();
  await page.getByRole("option", { name: "own", exact: true }).click();
  await offering.getByRole("textbox", { name: "Model" }).fill("lar");
  await offering.getByRole("button", { name: /large/ }).click();
  await expect(offering.getByRole("textbox", { name: "Label" })).toHaveValue("Large");
  await offering.getByRole("button", { name: "Offer model" }).click();
  await expect(page.getByText("Large", { exact: true })).toBeVisible();

  const row = page.getByRole("listitem").filter({ hasText: "API key stored" });
  await row.getByRole("button", { name: "Test" }).click();
  await expect(row).toContainText(/answered in [\d,]+ ms/);
  await row.getByRole("button", { name: "Actions for own" }).click();
  await page.getByRole("menuitem", { name: "Edit or replace the key…" }).click();
  const editing = page.getByRole("dialog", { name: "Edit own" });
  await expect(editing.getByLabel("API key")).toHaveValue("");
  await expect(editing.getByText("Stored", { exact: true })).toBeVisible();
  expect(await page.content()).not.toContain(apiKey);
  await page.keyboard.press("Escape");

  await page.goto("/assistants");
  await page.getByRole("main").getByRole("listitem").getByRole("link").first().click();
  await page.getByRole("checkbox", { name: "People may choose another model" }).check();
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page).toHaveURL(/\/assistants$/);

  const member = await people.visit(stage.member, { path: "/chat" });
  const chat = Chat.onPage(member);
  const picker = chat.root.getByRole("combobox", { name: "Model" });
  await expect(picker).toHaveText("own/small");
  // By keyboard.
  await picker.focus();
  await member.keyboard.press("Enter");
  await member.getByRole("option", { name: "Large" }).press("Enter");
  await chat.ask("Hi");
  await expect(chat.answer).toContainText("Hello from the model.");
  await chat.settled();
  expect(stage.model.requests.at(-1)?.body.model).toBe("large");
  await member.reload();
  await expect(picker).toHaveText("Large");

  await stage.query(`DELETE FROM "OfferedModel" WHERE "label" = 'Large'`);
  await member.reload();
  await expect(member.getByText("own/large cannot be used here any more.")).toBeVisible();
  await chat.ask("And now?");
  await expect(chat.messages).toContainText("own/small answers instead.");
  await chat.settled();
  expect(stage.model.requests.at(-1)?.body.model).toBe("small");
});
