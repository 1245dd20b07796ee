import { Chat } from "@/tests/e2e/chat";
import { expect, test } from "@/tests/e2e/fixtures";
import { countPresses } from "@/tests/e2e/presses";
import { consent } from "@/tests/e2e/provider-page";
import { signIn } from "@/tests/e2e/sign-in";

test("an admin signs in, authorizes the shared server and reads one of its files in the chat, in six clicks", async ({
  people,
  stage,
}) => {
  const page = await people.visit(null);
  const presses = await countPresses(page.context());
  await expect(page).toHaveURL(/\/sign-in/);
  await signIn(page, stage.admin);
  await expect(page.getByRole("heading", { name: "MCP Servers" })).toBeVisible();
  presses.length = 0;

  await page.getByRole("link", { name: "Team Handbook" }).click();
  await expect(page.getByText("Not connected").first()).toBeVisible();
  await page.getByRole("link", { name: "Authorize Team Handbook" }).click();
  await consent(page, "Ada Lovelace");

  await expect(page).toHaveURL(`/mcp-servers/${stage.handbookId}`);
  await expect(page.getByRole("heading", { name: "Team Handbook" })).toBeVisible();
  await expect(page.getByText("Connected", { exact: true }).first()).toBeVisible();
  await expect(page.getByText(/^Expires in (59|60) minutes/)).toBeVisible();

  const chat = await Chat.beside(page);
  await chat.input.fill("Read onboarding.md from the Team Handbook");
  await chat.root.getByRole("button", { name: "Send" }).click();
  await expect(chat.answer).toContainText("why the build is called Gertrude");
  expect(stage.handbook.toolCalls).toEqual(["read_file"]);
  expect(presses.length, presses.join("\n")).toBeLessThanOrEqual(6);
});
