import { Chat } from "@/tests/e2e/chat";
import { expect, test } from "@/tests/e2e/fixtures";

test("an admin gets suggested example sentences, edits them, and people try one", async ({
  people,
  stage,
}) => {
  const page = await people.visit(stage.admin, { path: "/assistants/new" });
  const example = (number: number) => page.getByRole("textbox", { name: `Example ${number}` });
  const suggest = page.getByRole("button", { name: "Suggest from tools" });
  await page.getByRole("textbox", { name: "Name" }).fill("Traveller");
  await example(2).fill("What did I ask last?");
  await suggest.click();
  await expect(page.getByText("Choose a server whose tools are known first.")).toBeVisible();

  await page.getByRole("checkbox", { name: "Team Handbook" }).check();
  await page.getByRole("textbox", { name: "Model" }).fill("openai-compatible/practice-model");
  stage.model.setScript(() => [{ type: "error", status: 401 }]);
  await suggest.click();
  await expect(page.getByText(/refused Usher's key.*OPENAI_COMPATIBLE_API_KEY/)).toBeVisible();

  let end = () => {};
  const until = new Promise<void>((resolve) => {
    end = resolve;
  });
  stage.model.setScript(() => [{ type: "wait", until }]);
  const asked = stage.model.requests.length;
  await suggest.click();
  await expect.poll(() => stage.model.requests.length, "the model was asked").toBe(asked + 1);
  await page.getByRole("button", { name: "Cancel" }).first().click();
  await expect(page.getByText("Cancelled.")).toBeVisible();
  await expect(suggest).toBeFocused();
  await expect.poll(() => stage.model.requests.at(-1)?.abortedAt ?? null).not.toBeNull();
  end();
  await expect(example(2)).toHaveValue("What did I ask last?");

  const answer = ["Use read_file now", "What did I ask last?", "Who is on call?", "What is new?"];
  stage.model.setScript(() => [{ type: "text", deltas: [JSON.stringify(answer)] }]);
  await suggest.click();
  await expect(page.getByText("2 sentences suggested. Edit them as you like.")).toBeVisible();
  await expect(example(1)).toHaveValue("Who is on call?");
  await expect(example(2)).toHaveValue("What did I ask last?");
  await expect(example(3)).toHaveValue("What is new?");
  await expect(example(4)).toHaveValue("");
  await example(1).fill("Who is on call tonight?");
  await example(2).fill("");
  await page.getByRole("button", { name: "Create assistant" }).click();
  await expect(page.getByRole("link", { name: "Traveller" })).toBeVisible();

  const member = await people.visit(stage.member, { path: "/chat" });
  const chat = Chat.onPage(member);
  await chat.chooseAssistant("Traveller");
  const examples = chat.root.getByRole("list", { name: "Try one of these" });
  await expect(examples.getByRole("listitem")).toHaveText([
    ...["Who is on call tonight?", "What is new?"],
  ]);
  stage.model.setScript(() => [{ type: "text", deltas: ["Ada is."] }]);
  await examples.getByRole("button", { name: "Who is on call tonight?" }).click();
  await expect(chat.answer).toContainText("Ada is.");
});

test("without a language model, the suggestions are sentences that the built-in assistant understands", async ({
  people,
  stage,
}) => {
  const page = await people.visit(stage.admin, { path: "/assistants/new" });
  await page.getByRole("checkbox", { name: "Team Handbook" }).check();
  await page.getByRole("button", { name: "Suggest from tools" }).click();
  await expect(page.getByText("3 sentences suggested. Edit them as you like.")).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Example 1" })).toHaveValue("List files");
});
