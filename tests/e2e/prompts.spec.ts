import { askingTools } from "@/demo/mcp-server/asking-tools";
import type { AssistantInput } from "@/lib/contracts/assistant";
import { accessibilityProblems } from "@/tests/e2e/axe";
import { Chat } from "@/tests/e2e/chat";
import { expect, test } from "@/tests/e2e/fixtures";
import { consent, finished, openTab } from "@/tests/e2e/provider-page";
import { addServer, fill } from "@/tests/e2e/server-form";
import { startPlainMcpServer } from "@/tests/support/mcp-servers";

test("an answer that needs two accounts and a form asks for all of them in one card", async ({
  people,
  stage,
}) => {
  const rooms = await startPlainMcpServer({
    tools: (server) => askingTools(server, "https://calendar.example/sign-in"),
  });
  const form = await people.visit(stage.admin, { path: "/mcp-servers/new?by=hand" });
  await fill(form, { Name: "Rooms", "Server URL": rooms.url });
  const roomsId = await addServer(form, "Rooms");
  const admin = await people.api(stage.admin);
  await (await admin.post(`/api/mcp-servers/${roomsId}/test`)).text();
  const servers = [stage.handbookId, stage.personalId, roomsId].map((serverId) => ({
    ...{ serverId, allTools: true, toolNames: [] },
    // Otherwise it would ask for confirmation first.
    ...(serverId === roomsId ? { toolPolicies: { book_room: "ALWAYS" as const } } : {}),
  }));
  const assistant = { name: "Planner", description: "", instructions: "", servers };
  const model = "openai-compatible/practice-model";
  await admin.post("/api/assistants", {
    data: { ...assistant, model } satisfies AssistantInput,
  });
  stage.model.setScript(({ messages }) => {
    const results = messages.filter(({ role }) => role === "tool").map(({ content }) => content);
    if (results.length > 0) return [{ type: "text", deltas: ["I got: ", results.join(" | ")] }];
    return [
      { type: "tool-call", name: "team_handbook__list_files", arguments: {} },
      { type: "tool-call", name: "personal_files__read_file", arguments: { path: "todo.md" } },
      { type: "tool-call", name: "rooms__book_room", arguments: { room: "Lovelace" } },
    ];
  });

  const page = await people.visit(await people.join("Polly Planner"), { path: "/chat" });
  const chat = Chat.onPage(page);
  await chat.chooseAssistant("Planner");
  await chat.ask("Plan my week");
  const card = chat.messages.getByRole("region", { name: "This answer needs 3 things from you" });
  await expect(card).toContainText("Team Handbook needs the team’s account");
  await expect(card).toContainText("Personal Files needs your account");
  await expect(card).toContainText(
    "This question comes from the MCP server Rooms, not from Usher.",
  );
  await chat.settled();
  const announced = page.getByRole("status").filter({ hasText: "Rooms asks a question." });
  await expect(announced).toContainText("Team Handbook needs authorization.");
  expect(await accessibilityProblems(page)).toEqual([]);

  await page.reload();
  await card.getByRole("textbox", { name: "People" }).fill("99");
  await card.getByRole("button", { name: "Send answer" }).click();
  await expect(card).toContainText("Enter 12 or less.");
  await expect(card.getByLabel("Day")).toBeFocused();
  await card.getByLabel("Day").fill("2026-12-01");
  await page.reload();
  await expect(card.getByLabel("Day")).toHaveValue("2026-12-01");
  await expect(card.getByRole("textbox", { name: "People" })).toHaveValue("99");
  await card.getByRole("textbox", { name: "People" }).fill("3");
  await card.getByRole("button", { name: "Send answer" }).click();
  const two = chat.messages.getByRole("region", { name: "This answer needs 2 accounts" });
  await expect(two).toContainText("Answered · Rooms");

  await two.getByRole("listitem").filter({ hasText: "Team Handbook" }).getByText("Skip").click();
  const last = chat.prompt("Personal Files");
  await expect(last).toContainText("Skipped · Team Handbook");
  const tab = await openTab(last.getByRole("link", { name: "Authorize" }));
  await consent(tab, "Ada Lovelace");
  await finished(tab);
  await expect(chat.answer).toContainText("Booked Lovelace on 2026-12-01 for 3.");
  await expect(chat.answer).toContainText("Finish the table of Bernoulli numbers");
  await expect(chat.messages.getByRole("region", { name: /needs/ })).toHaveCount(0);
  expect(stage.personal.toolCalls).toEqual(["read_file"]);
  expect(stage.handbook.toolCalls).toEqual([]);
  await rooms.close();
});
