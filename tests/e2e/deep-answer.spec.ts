import { Chat } from "@/tests/e2e/chat";
import { expect, test } from "@/tests/e2e/fixtures";
import { addServer, fill, testConnection } from "@/tests/e2e/server-form";
import { startPlainMcpServer } from "@/tests/support/mcp-servers";

/** Each is a list nested 1,500 deep to a Markdown parser. */
const deep = `${"- ".repeat(1_500)}a\n${"+ ".repeat(1_500)}a`;

test("a tool's answer that would crash any Markdown renderer is shown, and every page still works", async ({
  people,
  stage,
}) => {
  test.slow();
  const server = await startPlainMcpServer({
    tools: (mcp) =>
      mcp.registerTool(
        "read_note",
        { title: "Read note", description: "Reads the note.", annotations: { readOnlyHint: true } },
        async () => ({ content: [{ type: "text" as const, text: deep }] }),
      ),
  });
  const page = await people.visit(stage.admin, { path: "/mcp-servers/new?by=hand" });
  await fill(page, { Name: "Notes", "Server URL": server.url });
  const serverId = await addServer(page, "Notes");
  await testConnection(page, "Save");
  await people.assistant("Reader", { serverId, model: "built-in" });
  await people.assistant("Writer", { serverId, model: "openai-compatible/practice-model" });

  await page.goto("/chat");
  const chat = Chat.onPage(page);
  await chat.chooseAssistant("Reader");
  await chat.ask("Read the note");
  await chat.settled();
  await expect(chat.answer).toContainText("- - - - - - - -");

  // A model from any vendor may write the same itself.
  stage.model.setScript(() => [{ type: "text", deltas: [deep.slice(0, 500), deep.slice(500)] }]);
  await chat.chooseAssistant("Writer");
  await chat.ask("Write the note");
  await chat.settled();
  await expect(chat.answer).toContainText("Shown as plain text");

  await page.reload();
  await expect(chat.answer).toContainText("- - - - - - - -");
  await page.goto("/connections");
  const beside = await Chat.beside(page);
  await expect(beside.answer).toContainText("- - - - - - - -");
  await expect(page.getByRole("heading", { name: "Connections", level: 1 })).toBeVisible();
  await server.close();
});
