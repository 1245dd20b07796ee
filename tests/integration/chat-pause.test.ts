import { afterEach, describe, expect, it } from "vitest";
import { readConversation } from "@/lib/chat/conversations";
import { askAdmin } from "@/lib/chat/tool-calls/ask-admin";
import { decidePausedToolCall } from "@/lib/chat/tool-calls/decide-paused-tool-call";
import { runTurn } from "@/lib/chat/turn/run-turn";
import type { ConversationDetail } from "@/lib/contracts/chat/chat";
import { NotFoundError } from "@/lib/errors";
import {
  asBrowserReads,
  type ChatFixture,
  collect,
  type FixtureServer,
  send,
  startChatFixture,
  text,
  unansweredCalls,
} from "../support/chat-fixture";
import type { ModelScript, ModelStep } from "../support/openai-server";

let chat: ChatFixture;
afterEach(async () => {
  const unanswered = unansweredCalls(chat.model);
  await chat.close();
  expect(unanswered).toEqual([]);
});

function notes(tokenSharing: "SHARED" | "PER_USER" = "PER_USER", name = "Notes"): FixtureServer {
  return {
    name,
    tokenSharing,
    tools: [
      { name: "read_note", readOnly: true, run: ({ input }) => text(`Note ${input.name}`) },
      { name: "write_note", readOnly: false, run: ({ input }) => text(`Saved ${input.name}`) },
    ],
  };
}

const call = (name: string, input: object, id?: string): ModelStep => ({
  type: "tool-call",
  name,
  arguments: input,
  ...(id ? { id } : {}),
});

/** The first answer calls tools, the others repeat the last result. */
function callsThenTells(...calls: ModelStep[]): ModelScript {
  return ({ messages }, turn) => {
    if (turn === 0) return calls;
    const results = messages.filter(({ role }) => role === "tool").map(({ content }) => content);
    return [{ type: "text", deltas: ["I got: ", results.join(" | ")] }];
  };
}

async function fixture(script: ModelScript, servers: FixtureServer[] = [notes()]) {
  chat = await startChatFixture(servers, script);
  return chat;
}

function parts(detail: ConversationDetail, type: string) {
  return detail.messages.flatMap((message) => message.parts.filter((part) => part.type === type));
}

function answer({ messages }: ConversationDetail): string {
  const last = messages.at(-1)?.parts ?? [];
  return last.map((part) => (part.type === "text" ? part.text : "")).join("");
}

async function decide(id: string, decision: "run" | "skip", which = 0) {
  const { pausedToolCalls } = await chat.read(id);
  const pausedToolCallId = pausedToolCalls[which]?.id ?? "";
  const where = { conversationId: id, pausedToolCallId };
  return decidePausedToolCall(chat.ctx, chat.ada, where, { decision });
}

describe("a tool call without the required consent", () => {
  it("waits with a stored prompt that contains no URL, and is not a tool error", async () => {
    await fixture(callsThenTells(call("notes__read_note", { name: "todo" })));
    const id = await chat.start();
    const { chunks } = await chat.turn(id, send("Read my todo"));
    expect(chunks.at(-1)).toEqual({ type: "finish" });
    const detail = await chat.read(id);
    expect(detail.running).toBe(false);
    expect(parts(detail, "data-authorization-required")).toMatchObject([
      {
        data: {
          serverId: chat.serverIds.Notes,
          serverName: "Notes",
          tokenSharing: "PER_USER",
          reason: "You have not connected Notes yet.",
        },
      },
    ]);
    expect(JSON.stringify(parts(detail, "data-authorization-required"))).not.toContain("http");
    expect(parts(detail, "dynamic-tool")).toMatchObject([{ state: "input-available" }]);
    expect(detail.pausedToolCalls).toMatchObject([
      {
        state: "AWAITING_AUTHORIZATION",
        serverName: "Notes",
        toolName: "read_note",
        readOnly: true,
        canAuthorize: true,
        whoCan: null,
        connected: false,
      },
    ]);
    expect(chat.calls).toEqual([]);
    expect(chat.model.requests).toHaveLength(1);
  });

  it("runs at once after the consent if it only reads, and the answer continues", async () => {
    await fixture(callsThenTells(call("notes__read_note", { name: "todo" })));
    const id = await chat.start();
    await chat.turn(id, send("Read my todo"));
    const before = (await chat.read(id)).messages.at(-1);
    chat.connect("Notes", chat.ada);
    expect((await chat.read(id)).pausedToolCalls[0]?.connected).toBe(true);

    const { chunks } = await chat.turn(id, { kind: "resume" });
    expect(chat.calls.map(({ input }) => input)).toEqual([{ name: "todo" }]);
    const detail = await chat.read(id);
    expect(answer(detail)).toContain("Note todo");
    expect(detail.messages).toHaveLength(2);
    expect(detail.pausedToolCalls).toMatchObject([{ state: "DONE" }]);
    const shown = await asBrowserReads(chunks, before);
    expect(shown?.parts.map(({ type }) => type)).toEqual(
      detail.messages.at(-1)?.parts.map(({ type }) => type),
    );
  });

  it("runs once with ten concurrent resumes from two replicas", async () => {
    await fixture(callsThenTells(call("notes__read_note", { name: "todo" })));
    const id = await chat.start();
    await chat.turn(id, send("Read my todo"));
    chat.connect("Notes", chat.ada);
    const replicas = [chat.ctx, chat.replica()];
    const turns = await Promise.allSettled(
      Array.from({ length: 10 }, async (_, index) =>
        collect(await chat.begin(id, { kind: "resume" }, replicas[index % 2])),
      ),
    );
    expect(turns.some(({ status }) => status === "fulfilled")).toBe(true);
    for (const turn of turns) {
      if (turn.status === "rejected") expect(turn.reason.code).toBe("conflict");
    }
    expect(chat.calls).toHaveLength(1);
    expect(chat.model.requests).toHaveLength(2);
    expect(parts(await chat.read(id), "dynamic-tool")).toHaveLength(1);
  });

  it("runs once with ten resumes in sequence", async () => {
    await fixture(callsThenTells(call("notes__read_note", { name: "todo" })));
    const id = await chat.start();
    await chat.turn(id, send("Read my todo"));
    chat.connect("Notes", chat.ada);
    for (let round = 0; round < 10; round++) await chat.turn(id, { kind: "resume" });
    expect(chat.calls).toHaveLength(1);
    expect(chat.model.requests).toHaveLength(2);
  });

  it("waits for confirmation if it changes something, then runs once with the stored input", async () => {
    await fixture(callsThenTells(call("notes__write_note", { name: "plan", text: "Go" })));
    const id = await chat.start();
    await chat.turn(id, send("Save my plan"));
    chat.connect("Notes", chat.ada);
    await chat.turn(id, { kind: "resume" });
    expect(chat.calls).toEqual([]);
    expect((await chat.read(id)).pausedToolCalls).toMatchObject([
      { state: "AWAITING_CONFIRMATION", connected: true, readOnly: false },
    ]);

    expect(await decide(id, "run")).toMatchObject({ state: "RUNNING" });
    expect((await chat.read(id)).pausedToolCalls).toMatchObject([
      { state: "AWAITING_CONFIRMATION" },
    ]);
    await decide(id, "run");
    await Promise.allSettled(Array.from({ length: 10 }, () => chat.turn(id, { kind: "resume" })));
    await chat.turn(id, { kind: "resume" }).catch(() => undefined);
    expect(chat.calls.map(({ input }) => input)).toEqual([{ name: "plan", text: "Go" }]);
    const detail = await chat.read(id);
    expect(answer(detail)).toContain("Saved plan");
    expect(detail.pausedToolCalls).toMatchObject([{ state: "DONE" }]);
    await expect(decide(id, "run")).rejects.toThrow("runs, ran or was skipped already");
    await expect(decide(id, "skip")).rejects.toThrow("runs, ran or was skipped already");
  });

  it("is not run by a confirmation alone, without the consent", async () => {
    await fixture(callsThenTells(call("notes__write_note", { name: "plan" })));
    const id = await chat.start();
    await chat.turn(id, send("Save my plan"));
    await expect(decide(id, "run")).rejects.toThrow(
      "Notes is not connected yet. Authorize it first, then run this.",
    );
    await chat.turn(id, { kind: "resume" });
    expect(chat.calls).toEqual([]);
    expect((await chat.read(id)).pausedToolCalls).toMatchObject([
      { state: "AWAITING_AUTHORIZATION" },
    ]);
  });

  it("is reported to the model as skipped if the person skips it", async () => {
    await fixture(callsThenTells(call("notes__read_note", { name: "todo" })));
    const id = await chat.start();
    await chat.turn(id, send("Read my todo"));
    expect(await decide(id, "skip")).toMatchObject({ state: "SKIPPED" });
    await chat.turn(id, { kind: "resume" });
    expect(chat.calls).toEqual([]);
    const detail = await chat.read(id);
    expect(answer(detail)).toBe(
      "I got: The person skipped this call. It did not run. Go on without it.",
    );
    expect(detail.pausedToolCalls).toMatchObject([{ state: "SKIPPED" }]);
  });

  it("is settled as not run if the person writes a new message", async () => {
    await fixture(callsThenTells(call("notes__write_note", { name: "plan" })));
    const id = await chat.start();
    await chat.turn(id, send("Save my plan"));
    await chat.turn(id, send("Never mind"));
    chat.connect("Notes", chat.ada);
    await chat.turn(id, { kind: "resume" });
    expect(chat.calls).toEqual([]);
    const detail = await chat.read(id);
    expect(detail.pausedToolCalls).toMatchObject([{ state: "SKIPPED" }]);
    expect(parts(detail, "dynamic-tool")).toMatchObject([
      {
        state: "output-error",
        errorText: "The person wrote on without this call. It did not run.",
      },
    ]);
    await expect(decide(id, "run")).rejects.toThrow("skipped already");
  });

  it("does not run once its tool no longer belongs to the assistant", async () => {
    await fixture(callsThenTells(call("notes__read_note", { name: "todo" })));
    const id = await chat.start();
    await chat.turn(id, send("Read my todo"));
    await chat.db.assistantServer.updateMany({ data: { allTools: false, toolNames: ["other"] } });
    chat.connect("Notes", chat.ada);
    await chat.turn(id, { kind: "resume" });
    expect(chat.calls).toEqual([]);
    expect(answer(await chat.read(id))).toContain("no longer one of this assistant's");
  });

  it("does not run once its server was deleted, not even on another server of that name", async () => {
    await fixture(callsThenTells(call("notes__write_note", { name: "todo" })));
    const id = await chat.start();
    await chat.turn(id, send("Save my todo"));
    const old = await chat.db.mcpServer.findFirstOrThrow({ include: { catalogue: true } });
    await chat.db.mcpServer.delete({ where: { id: old.id } });
    const again = await chat.db.mcpServer.create({
      data: {
        name: "Notes",
        transport: "STREAMABLE_HTTP",
        url: "https://other.example.com/mcp",
        catalogue: { create: { serverVersion: 1, tools: old.catalogue?.tools ?? [] } },
        assistantServers: { create: { assistantId: chat.assistantId } },
      },
    });
    chat.serverIds.Notes = again.id;
    chat.connect("Notes", chat.ada);
    await chat.turn(id, { kind: "resume" });
    expect(chat.calls).toEqual([]);
    expect(answer(await chat.read(id))).toContain("no longer one of this assistant's");
  });

  it("shares one prompt with the other calls of its step to that server", async () => {
    await fixture(
      callsThenTells(
        call("notes__read_note", { name: "a" }, "call_a"),
        call("notes__read_note", { name: "b" }, "call_b"),
        call("wiki__read_note", { name: "c" }, "call_c"),
      ),
      [notes(), notes("SHARED", "Wiki")],
    );
    const id = await chat.start();
    await chat.turn(id, send("Read all"));
    const prompts = parts(await chat.read(id), "data-authorization-required");
    expect(prompts).toMatchObject([
      { data: { serverName: "Notes", toolCallIds: ["call_a", "call_b"] } },
      { data: { serverName: "Wiki", tokenSharing: "SHARED", toolCallIds: ["call_c"] } },
    ]);

    chat.connect("Notes", chat.ada);
    await chat.turn(id, { kind: "resume" });
    expect(chat.calls.map(({ input }) => input.name).sort()).toEqual(["a", "b"]);
    expect(chat.model.requests).toHaveLength(1);
    chat.connect("Wiki", chat.ada);
    await chat.turn(id, { kind: "resume" });
    expect(chat.calls.map(({ input }) => input.name).sort()).toEqual(["a", "b", "c"]);
    expect(parts(await chat.read(id), "data-authorization-required")).toHaveLength(2);
    expect(answer(await chat.read(id))).toContain("Note c");
  });

  it("lets a person who may not consent ask the admins, once", async () => {
    await fixture(callsThenTells(call("notes__read_note", { name: "a" })), [notes("SHARED")]);
    const row = await chat.db.conversation.create({
      data: { userId: chat.bob.id, assistantId: chat.assistantId, title: "Bob's" },
    });
    await collect(
      await runTurn(chat.ctx, { user: chat.bob, conversationId: row.id, input: send("Read a") }),
    );
    const { pausedToolCalls } = await readConversation(chat.ctx, chat.bob, row.id);
    const [waiting] = pausedToolCalls;
    expect(waiting).toMatchObject({
      ...{ canAuthorize: false, whoCan: "Only an admin can authorize this server." },
      ...{ canAskAdmin: true, adminAskedAt: null },
    });
    const where = { conversationId: row.id, pausedToolCallId: waiting?.id ?? "" };
    const asked = await askAdmin(chat.ctx, chat.bob, where);
    expect(asked.adminAskedAt).not.toBeNull();
    expect(await askAdmin(chat.ctx, chat.bob, where)).toEqual(asked);
    await expect(askAdmin(chat.ctx, chat.ada, where)).rejects.toThrow(NotFoundError);

    await decidePausedToolCall(chat.ctx, chat.bob, where, { decision: "skip" });
    const [skipped] = (await readConversation(chat.ctx, chat.bob, row.id)).pausedToolCalls;
    expect(skipped).toMatchObject({ canAskAdmin: false });
  });

  it("asks no admin for an account that belongs to the person", async () => {
    await fixture(callsThenTells(call("notes__read_note", { name: "a" })));
    const id = await chat.start();
    await chat.turn(id, send("Read a"));
    const [waiting] = (await chat.read(id)).pausedToolCalls;
    const where = { conversationId: id, pausedToolCallId: waiting?.id ?? "" };
    await expect(askAdmin(chat.ctx, chat.ada, where)).rejects.toThrow("does not wait for an admin");
  });

  it("waits again if the consent is gone by the time it runs", async () => {
    await fixture(callsThenTells(call("notes__read_note", { name: "todo" })));
    const id = await chat.start();
    await chat.turn(id, send("Read my todo"));
    const { describeAccount } = chat.ctx;
    const seemsConnected: typeof chat.ctx = {
      ...chat.ctx,
      describeAccount: async (...about) => ({
        ...(await describeAccount(...about)),
        connected: true,
      }),
    };
    await collect(await chat.begin(id, { kind: "resume" }, seemsConnected));
    const detail = await chat.read(id);
    expect(detail.pausedToolCalls).toMatchObject([{ state: "AWAITING_AUTHORIZATION" }]);
    expect(parts(detail, "data-authorization-required")).toHaveLength(1);
    chat.connect("Notes", chat.ada);
    await chat.turn(id, { kind: "resume" });
    expect(answer(await chat.read(id))).toContain("Note todo");
    expect(chat.calls).toHaveLength(1);
  });

  it("is requested again by a retry, which discards the waiting one", async () => {
    await fixture((request, turn) =>
      turn === 0 ? [call("notes__read_note", { name: "todo" })] : callsThenTells()(request, turn),
    );
    const id = await chat.start();
    await chat.turn(id, send("Read my todo"));
    await chat.turn(id, { kind: "retry" });
    const detail = await chat.read(id);
    expect(answer(detail)).toBe("I got: ");
    expect(parts(detail, "dynamic-tool")).toEqual([]);
    expect(detail.pausedToolCalls).toMatchObject([{ state: "SKIPPED" }]);
  });
});
