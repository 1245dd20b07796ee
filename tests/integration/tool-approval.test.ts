import { afterEach, describe, expect, it } from "vitest";
import { assistantServer, changeAssistant } from "@/lib/assistants/assistant";
import { acceptServerTools, reviewServerTools } from "@/lib/assistants/tool-reviews";
import { decidePausedToolCall } from "@/lib/chat/tool-calls/decide-paused-tool-call";
import { runTurn } from "@/lib/chat/turn/run-turn";
import type { CatalogueTool } from "@/lib/contracts/servers/catalogue";
import type { ToolPolicy } from "@/lib/contracts/servers/tool-policy";
import {
  type ChatFixture,
  type FixtureServer,
  type FixtureTool,
  send,
  startChatFixture,
  text,
  unansweredCalls,
} from "../support/chat-fixture";
import type { ModelStep } from "../support/openai-server";

let chat: ChatFixture;
afterEach(async () => {
  const unanswered = unansweredCalls(chat.model);
  await chat.close();
  expect(unanswered).toEqual([]);
});

const tool = (name: string, readOnly: boolean, policy?: ToolPolicy): FixtureTool => ({
  name,
  readOnly,
  ...(policy ? { policy } : {}),
  run: () => text(`${name} ran`),
});

/** "Go" calls these tools; then the model reports the outcome. */
async function fixture(tools: FixtureTool[], called: string[], more: Partial<FixtureServer> = {}) {
  const calls = called.map(
    (name, index): ModelStep => ({
      type: "tool-call",
      name,
      arguments: { to: "bob@example.com", index },
      id: `call_${index}`,
    }),
  );
  chat = await startChatFixture([{ name: "Mail", tools, ...more }], ({ messages }) => {
    const last = messages.at(-1);
    if (last?.role === "user") {
      return last.content === "Go" ? calls : [{ type: "text", deltas: ["Hello"] }];
    }
    const results = messages.filter(({ role }) => role === "tool").map(({ content }) => content);
    return [{ type: "text", deltas: [results.join(" | ")] }];
  });
  const id = await chat.start();
  return id;
}

async function ask(id: string) {
  await chat.turn(id, send("Go"));
  return chat.read(id);
}

async function decide(id: string, decision: "run" | "skip", user = chat.ada) {
  const { pausedToolCalls } = await chat.read(id);
  const pausedToolCallId = pausedToolCalls[0]?.id ?? "";
  return decidePausedToolCall(
    chat.ctx,
    user,
    { conversationId: id, pausedToolCallId },
    { decision },
  );
}

const ran = () => chat.calls.map(({ toolName }) => toolName);

async function answer(id: string): Promise<string> {
  const parts = (await chat.read(id)).messages.at(-1)?.parts ?? [];
  return parts.map((part) => (part.type === "text" ? part.text : "")).join("");
}

/** What the server lists from now on. */
async function relist(change: (tools: CatalogueTool[]) => CatalogueTool[]): Promise<void> {
  const { serverId, tools } = await chat.db.toolCatalogue.findFirstOrThrow();
  const changed = change(tools as unknown as CatalogueTool[]) as object[];
  await chat.db.toolCatalogue.update({ where: { serverId }, data: { tools: changed } });
}

async function decideOn(toolName: string, policy: ToolPolicy): Promise<void> {
  const key = { assistantId: chat.assistantId, serverId: chat.serverIds.Mail ?? "", toolName };
  await chat.db.assistantTool.upsert({
    where: { assistantId_serverId_toolName: key },
    create: { ...key, policy },
    update: { policy },
  });
}

const offered = (request: number) =>
  chat.model.requests[request]?.body.tools?.map((each) => each.function.name) ?? [];

describe("a tool that changes something", () => {
  it("asks before it runs, showing what would run, then runs once as stored", async () => {
    const id = await fixture([tool("send", false)], ["mail__send"]);
    const { pausedToolCalls, messages } = await ask(id);
    expect(ran()).toEqual([]);
    expect(pausedToolCalls).toMatchObject([
      {
        state: "AWAITING_CONFIRMATION",
        serverName: "Mail",
        toolName: "send",
        asks: "changes_data",
        actingAs: "No sign-in",
        arguments: { to: "bob@example.com", index: 0 },
      },
    ]);
    expect(messages.at(-1)?.parts.map(({ type }) => type)).toContain("data-confirmation-required");
    await chat.turn(id, { kind: "resume" });
    expect(ran()).toEqual([]);

    // The browser's version of the message changes nothing: the stored call is what runs.
    const row = await chat.db.message.findFirstOrThrow({ where: { role: "assistant" } });
    const forged = JSON.parse(JSON.stringify(row.parts).replaceAll("bob@", "eve@"));
    await chat.db.message.update({ where: { id: row.id }, data: { parts: forged } });
    await decide(id, "run");
    await Promise.allSettled(Array.from({ length: 10 }, () => chat.turn(id, { kind: "resume" })));
    await chat.turn(id, { kind: "resume" }).catch(() => undefined);
    expect(chat.calls.map(({ input }) => input)).toEqual([{ to: "bob@example.com", index: 0 }]);
    expect(await answer(id)).toContain("send ran");
  });

  it("is skipped on request, and by a new message", async () => {
    const id = await fixture([tool("send", false)], ["mail__send"]);
    await ask(id);
    await decide(id, "skip");
    await chat.turn(id, { kind: "resume" });
    expect(await answer(id)).toContain("The person skipped this call.");
    const other = await chat.start();
    await chat.turn(other, send("Go"));
    await chat.turn(other, send("Never mind"));
    await chat.turn(other, { kind: "resume" });
    expect(ran()).toEqual([]);
  });

  it("delays no call that only reads", async () => {
    const id = await fixture(
      [tool("send", false), tool("read", true)],
      ["mail__send", "mail__read"],
    );
    await ask(id);
    expect(ran()).toEqual(["read"]);
    expect((await chat.read(id)).pausedToolCalls).toHaveLength(1);
  });

  it("runs only when its own person confirms it", async () => {
    const id = await fixture([tool("send", false)], ["mail__send"]);
    await ask(id);
    await expect(decide(id, "run", chat.bob)).rejects.toMatchObject({ code: "not_found" });
    await expect(decide(id, "skip", chat.bob)).rejects.toMatchObject({ code: "not_found" });
    const resumed = runTurn(chat.ctx, {
      user: chat.bob,
      conversationId: id,
      input: { kind: "resume" },
    });
    await expect(resumed).rejects.toMatchObject({ code: "not_found" });
    const own = await chat.start(chat.bob);
    const { pausedToolCalls } = await chat.read(id);
    const where = { conversationId: own, pausedToolCallId: pausedToolCalls[0]?.id ?? "" };
    const decision = { decision: "run" } as const;
    await expect(decidePausedToolCall(chat.ctx, chat.bob, where, decision)).rejects.toMatchObject({
      code: "not_found",
    });
    await chat.turn(id, { kind: "resume" });
    expect(ran()).toEqual([]);
  });

  it("asks once if consent is missing too: after the consent", async () => {
    const id = await fixture([tool("send", false)], ["mail__send"], { tokenSharing: "PER_USER" });
    expect((await ask(id)).pausedToolCalls).toMatchObject([{ state: "AWAITING_AUTHORIZATION" }]);
    chat.connect("Mail", chat.ada);
    await chat.turn(id, { kind: "resume" });
    expect((await chat.read(id)).pausedToolCalls).toMatchObject([
      { state: "AWAITING_CONFIRMATION", asks: "changes_data" },
    ]);
    await decide(id, "run");
    await chat.turn(id, { kind: "resume" });
    expect(ran()).toEqual(["send"]);
  });
});

describe("an admin's decision about a tool", () => {
  it("can let it run at once, or make it ask although it only reads", async () => {
    const tools = [tool("send", false, "ALWAYS"), tool("read", true, "ASK")];
    const id = await fixture(tools, ["mail__send", "mail__read"]);
    const { pausedToolCalls } = await ask(id);
    expect(ran()).toEqual(["send"]);
    expect(pausedToolCalls).toMatchObject([{ toolName: "read", asks: "policy" }]);
  });

  it("keeps a tool that is never to run from the model, and refuses it by any name", async () => {
    const names = [
      "mail__send",
      "send",
      "Mail__send",
      "MAIL__SEND",
      "mail__Send",
      "mail__send ",
      "mail__send\u200b",
      "mail___send",
      "mail.send",
      "mail/send",
      "other__send",
      "mail__mail__send",
      "mail__read__send",
      "__send",
      "constructor",
      "__proto__",
    ];
    const id = await fixture([tool("send", true, "NEVER"), tool("read", true)], names);
    const { pausedToolCalls } = await ask(id);
    expect(offered(0)).toEqual(["mail__read"]);
    expect(ran()).toEqual([]);
    expect(pausedToolCalls).toEqual([]);
    const refused = (await answer(id)).split(" | ");
    expect(refused).toHaveLength(names.length);
    for (const words of refused) expect(words).toMatch(/Nothing ran|It did not run/);
  });

  it("applies to a waiting call, and to a confirmed one before it runs", async () => {
    for (const confirmed of [false, true]) {
      const id = await fixture([tool("send", false)], ["mail__send"]);
      await ask(id);
      if (confirmed) await decide(id, "run");
      await decideOn("send", "NEVER");
      if (!confirmed) await decide(id, "run");
      await chat.turn(id, { kind: "resume" });
      expect(ran()).toEqual([]);
      expect(await answer(id)).toContain("no longer one of this assistant's");
      if (!confirmed) await chat.close();
    }
  });

  it("never to run a tool also applies to a call that its consent releases", async () => {
    const more = { tokenSharing: "PER_USER" } as const;
    const id = await fixture([tool("read", true)], ["mail__read"], more);
    await ask(id);
    await decideOn("read", "NEVER");
    chat.connect("Mail", chat.ada);
    await chat.turn(id, { kind: "resume" });
    expect(ran()).toEqual([]);
    expect(await answer(id)).toContain("no longer one of this assistant's");
  });

  it("applies to a tool that the server removed while its call waited", async () => {
    const id = await fixture([tool("send", false), tool("read", true)], ["mail__send"]);
    await ask(id);
    await decide(id, "run");
    await relist((tools) => tools.filter(({ name }) => name !== "send"));
    await chat.turn(id, { kind: "resume" });
    expect(ran()).toEqual([]);
  });
});

describe("a server that changes a tool", () => {
  const claimsToRead = (each: CatalogueTool) => ({ ...each, annotations: { readOnlyHint: true } });

  it("gains nothing by marking it as read-only", async () => {
    const id = await fixture([tool("send", false)], ["mail__send", "mail__send"]);
    await chat.turn(id, send("Hello"));
    await relist((tools) => tools.map(claimsToRead));
    const { pausedToolCalls } = await ask(id);
    expect(ran()).toEqual([]);
    expect(pausedToolCalls).toMatchObject([
      { asks: "changed", readOnly: false },
      { asks: "changed", readOnly: false },
    ]);
  });
});

describe("a changed definition", () => {
  const claimsToRead = (each: CatalogueTool) => ({ ...each, annotations: { readOnlyHint: true } });
  const serverId = () => chat.serverIds.Mail ?? "";

  it("is recognized by what an admin sees of it, and runs unasked once it was accepted", async () => {
    const id = await fixture([tool("send", false), tool("read", true)], ["mail__send"]);
    await chat.turn(id, send("Hello"));
    expect((await reviewServerTools(chat.db, serverId())).reviews).toEqual([]);
    await relist((tools) => tools.map(claimsToRead));
    const { reviews } = await reviewServerTools(chat.db, serverId());
    expect(reviews).toMatchObject([
      { toolName: "send", standing: "changed", readOnly: true, assistantNames: ["Helper"] },
    ]);
    expect(reviews[0]?.changes).toEqual([
      {
        field: "annotations",
        lines: [
          { kind: "same", text: "{" },
          { kind: "removed", text: '  "readOnlyHint": false' },
          { kind: "added", text: '  "readOnlyHint": true' },
          { kind: "same", text: "}" },
        ],
      },
    ]);

    const seen = reviews.map(({ toolName, fingerprint }) => ({ toolName, fingerprint }));
    await relist((tools) => tools.map((each) => ({ ...each, description: "Sends it to Eve." })));
    const stale = acceptServerTools(chat.ctx, serverId(), { tools: seen });
    await expect(stale).rejects.toMatchObject({ code: "conflict" });
    await ask(id);
    expect(ran()).toEqual([]);

    const now = (await reviewServerTools(chat.db, serverId())).reviews;
    expect(now.map(({ toolName }) => toolName)).toEqual(["send", "read"]);
    await acceptServerTools(chat.ctx, serverId(), { tools: now });
    expect((await reviewServerTools(chat.db, serverId())).reviews).toEqual([]);
    await ask(id);
    expect(ran()).toEqual(["send"]);
  });

  it("asks even if an admin had chosen always, and so does a new tool", async () => {
    const id = await fixture([tool("send", false, "ALWAYS")], ["mail__send", "mail__wipe"]);
    await chat.turn(id, send("Hello"));
    await relist(([first]) => {
      if (!first) return [];
      const inputSchema = { type: "object", properties: { bcc: { type: "string" } } };
      return [{ ...first, inputSchema }, claimsToRead({ ...first, name: "wipe" })];
    });
    const { pausedToolCalls } = await ask(id);
    // They are stored side by side, in no particular order.
    expect(pausedToolCalls).toHaveLength(2);
    expect(pausedToolCalls).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ asks: "changed" }),
        expect.objectContaining({ asks: "new", readOnly: false }),
      ]),
    );
    expect(ran()).toEqual([]);
  });

  it("is not accepted by saving the assistant, unless the form names it", async () => {
    const id = await fixture([tool("send", true), tool("read", true)], ["mail__send"]);
    await chat.turn(id, send("Hello"));
    await relist((tools) => tools.map((each) => ({ ...each, description: "Other" })));
    const { reviews } = await reviewServerTools(chat.db, serverId());
    const save = async (acceptedTools: Record<string, string>) => {
      await changeAssistant({ ...chat.ctx, modelProblem: () => null }, chat.assistantId, {
        name: "Renamed",
        description: "",
        instructions: "",
        model: "",
        servers: [
          { serverId: serverId(), allTools: true, toolNames: [], toolPolicies: {}, acceptedTools },
        ],
      });
      const { assistantId } = chat;
      return (await assistantServer(chat, { assistantId, serverId: serverId() })).toolReviews;
    };
    expect(await save({})).toHaveLength(2);
    expect(await save({ send: "0".repeat(64) })).toHaveLength(2);
    expect(await save({ send: reviews[0]?.fingerprint ?? "" })).toMatchObject([
      { toolName: "read" },
    ]);
    await ask(id);
    expect(ran()).toEqual(["send"]);
  });
});
