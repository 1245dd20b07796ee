import type { Page } from "@playwright/test";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { accessibilityProblems } from "@/tests/e2e/axe";
import { Chat } from "@/tests/e2e/chat";
import { expect, test } from "@/tests/e2e/fixtures";
import { addServer, choose, expectError, field, fill } from "@/tests/e2e/server-form";
import { type KeyMcpServer, startKeyMcpServer } from "@/tests/support/key-mcp-server";
import { serverInput } from "@/tests/support/server-input";

const adminsKey = "key-of-the-admin-51c7d0";
const miasKey = "key-of-mia-7f3b92e8a1";
const question = "List my notes";

let notes: KeyMcpServer;
test.beforeEach(async () => {
  notes = await startKeyMcpServer({ [adminsKey]: "the admin", [miasKey]: "Mia" });
});
test.afterEach(() => notes.close());

const keyField = (page: Page) => page.getByRole("textbox", { name: "Your key" });

async function nothingToComplainOf(page: Page): Promise<void> {
  expect(await accessibilityProblems(page)).toEqual([]);
}

test("a member enters a key in the chat, is asked again after a wrong one, and the waiting call runs", async ({
  people,
  stage,
}) => {
  test.slow();
  const admin = await people.visit(stage.admin, { path: "/mcp-servers/new?by=hand" });
  await fill(admin, { Name: "Team Notes", "Server URL": notes.url });
  await choose(admin, "Headers");
  await choose(admin, "Per User");
  await admin.getByRole("button", { name: "Add server" }).click();
  const headers = admin.getByRole("textbox", { name: "Headers to ask for" });
  await expectError(headers, "Name at least one header");
  await expect(headers).toBeFocused();
  await headers.fill("Authorization: Bearer");
  await admin
    .getByRole("textbox", { name: "Where to get the key" })
    .fill("Create a key under Settings, API keys.");
  await admin
    .getByRole("textbox", { name: "Link to the key page" })
    .fill("https://notes.example.com/settings/keys");
  await expect(field(admin, "Headers")).toHaveCount(0);
  await nothingToComplainOf(admin);
  const serverId = await addServer(admin, "Team Notes");

  await admin.getByRole("button", { name: "Enter key" }).click();
  await keyField(admin).fill(adminsKey);
  await admin.getByRole("button", { name: "Save key" }).click();
  await expect(admin.getByRole("list", { name: "Who has entered a key" })).toContainText(
    /Admin|usher/i,
  );
  await expect(admin.getByText("list_notes").first()).toBeVisible();
  await people.assistant("Note Taker", { serverId });

  const page = await people.visit(await people.join("Mia Noter"), { path: "/chat" });
  const chat = Chat.onPage(page);
  await chat.chooseAssistant("Note Taker");
  await chat.ask(question);
  const prompt = chat.prompt("Team Notes");
  await expect(prompt).toContainText("Team Notes needs your key");
  await expect(prompt.getByRole("link", { name: "Get your key" })).toHaveAttribute(
    "href",
    "https://notes.example.com/settings/keys",
  );
  await nothingToComplainOf(page);
  await keyField(page).fill("a wrong key");
  await page.getByRole("button", { name: "Save key" }).click();
  await expect(prompt).toContainText("refuses your key (401)");
  await expect(keyField(page)).toHaveValue("");

  await keyField(page).fill(miasKey);
  await page.getByRole("button", { name: "Save key" }).click();
  await expect(chat.answer).toContainText("The notes of Mia.");
  await expect(prompt).toHaveCount(0);
  await expect(chat.toolCall("list_notes")).toContainText("Your own key");
  expect(notes.toolCalls.filter((call) => call.startsWith("Mia"))).toEqual(["Mia list_notes"]);

  const id = new URL(page.url()).pathname.split("/").at(-1);
  const stored = await page.request.get(`/api/chat/conversations/${id}`);
  expect(await stored.text()).not.toContain(miasKey);
  expect(await page.content()).not.toContain(miasKey);
  expect(stage.output.join("\n")).not.toContain(miasKey);
});

test("a member changes and deletes their key on the Connections page", async ({
  people,
  stage,
}) => {
  const api = await people.api(stage.admin);
  const added = await api.post("/api/mcp-servers", { data: newServer() });
  expect(added.status()).toBe(201);
  const page = await people.visit(await people.join("Mia Keeper"), { path: "/connections" });
  const row = page.getByRole("main").getByRole("listitem").filter({ hasText: "Team Notes" });
  await expect(row).toContainText("Not connected");
  await row.getByRole("button", { name: "Enter key" }).click();
  await expect(keyField(page)).toBeFocused();
  await page.getByRole("button", { name: "Save key" }).click();
  await expectError(keyField(page), "Enter the value of Authorization.");
  await keyField(page).fill(miasKey);
  await nothingToComplainOf(page);
  await page.getByRole("button", { name: "Save key" }).click();
  await expect(row).toContainText("Key entered");
  await row.getByRole("button", { name: "Change key" }).click();
  await expect(keyField(page)).toHaveValue("");
  await page.keyboard.press("Escape");
  await nothingToComplainOf(page);
  await row.getByRole("button", { name: "Delete key" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete key" }).click();
  await expect(row).toContainText("Not connected");
});

function newServer(): McpServerInput {
  return serverInput({
    name: "Team Notes",
    url: notes.url,
    authentication: "HEADERS",
    headerSharing: "PER_USER",
    settings: { personalHeaders: "Authorization: Bearer" },
  });
}
