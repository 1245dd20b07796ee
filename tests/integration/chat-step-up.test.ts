import { afterEach, expect, it } from "vitest";
import type { ToolCallRequest } from "@/lib/chat/context";
import { decidePausedToolCall } from "@/lib/chat/tool-calls/decide-paused-tool-call";
import { McpServerError, StepUpRequiredError } from "@/lib/errors";
import { type ChatFixture, send, startChatFixture, text } from "@/tests/support/chat-fixture";

let chat: ChatFixture;
afterEach(() => chat.close());

/** A connected server whose one tool wants more scopes until `granted`. */
async function fixture(
  answer: (call: ToolCallRequest) => ReturnType<typeof text>,
  { readOnly = true } = {},
) {
  chat = await startChatFixture(
    [
      {
        name: "Notes",
        tokenSharing: "PER_USER",
        tools: [{ name: "read_note", readOnly, run: answer }],
      },
    ],
    ({ messages }, turn) => {
      if (turn === 0) return [{ type: "tool-call", name: "notes__read_note", arguments: {} }];
      const results = messages.filter(({ role }) => role === "tool").map(({ content }) => content);
      return [{ type: "text", deltas: ["I got: ", results.join(" | ")] }];
    },
  );
  chat.connect("Notes", chat.ada);
}

const scopes = { scope: "notes:list notes:read", added: "notes:read" };

function wantsMore(call: ToolCallRequest): never {
  // Usher treats such a connection as missing until consent is given.
  chat.disconnect("Notes", chat.ada);
  const where = { serverId: call.serverId, ownerKey: call.user.id, ...scopes };
  throw new StepUpRequiredError(where, "Notes wants more permissions for this: notes:read.");
}

async function consentAndGoOn(conversationId: string) {
  chat.connect("Notes", chat.ada);
  await chat.turn(conversationId, { kind: "resume" });
  return chat.read(conversationId);
}

it("asks for more scopes in the chat, and the same call runs after the consent", async () => {
  await fixture((call) => (call.steppedUp ? text("the note") : wantsMore(call)));
  const id = await chat.start();
  await chat.turn(id, send("Read my note"));
  const { pausedToolCalls, messages } = await chat.read(id);
  expect(pausedToolCalls).toMatchObject([{ state: "AWAITING_AUTHORIZATION", connected: false }]);
  const prompts = messages.flatMap(({ parts }) =>
    parts.filter(({ type }) => type === "data-authorization-required"),
  );
  expect(prompts).toMatchObject([
    {
      data: {
        reason: expect.stringContaining("notes:read"),
        stepUp: { added: ["notes:read"], scope: ["notes:list", "notes:read"] },
      },
    },
  ]);

  const detail = await consentAndGoOn(id);
  expect(JSON.stringify(detail.messages)).toContain("the note");
  expect(chat.calls.map(({ steppedUp }) => steppedUp)).toEqual([false, true]);
});

it("does not ask for more scopes a second time: the call ends, and says why", async () => {
  await fixture((call) => {
    if (!call.steppedUp) return wantsMore(call);
    throw new McpServerError("Notes wants still more permissions after a new consent.");
  });
  const id = await chat.start();
  await chat.turn(id, send("Read my note"));
  const detail = await consentAndGoOn(id);
  expect(JSON.stringify(detail.messages)).toContain("still more permissions");
  expect(detail.pausedToolCalls.filter(({ state }) => state !== "DONE")).toEqual([]);
  expect(chat.calls).toHaveLength(2);
});

it("runs a confirmed call after the consent without asking for another word", async () => {
  await fixture((call) => (call.steppedUp ? text("the note") : wantsMore(call)), {
    readOnly: false,
  });
  const id = await chat.start();
  await chat.turn(id, send("Write my note"));
  const [waiting] = (await chat.read(id)).pausedToolCalls;
  expect(waiting).toMatchObject({ state: "AWAITING_CONFIRMATION" });
  const where = { conversationId: id, pausedToolCallId: String(waiting?.id) };
  await decidePausedToolCall(chat.ctx, chat.ada, where, { decision: "run" });
  await chat.turn(id, { kind: "resume" });
  expect((await chat.read(id)).pausedToolCalls).toMatchObject([
    { state: "AWAITING_AUTHORIZATION" },
  ]);

  const detail = await consentAndGoOn(id);
  expect(detail.pausedToolCalls).toMatchObject([{ state: "DONE" }]);
  expect(JSON.stringify(detail.messages)).toContain("the note");
  expect(chat.calls.map(({ steppedUp, input }) => [steppedUp, input])).toEqual([
    [false, {}],
    [true, {}],
  ]);
});

it("still asks for confirmation where none was given before the consent", async () => {
  await fixture(() => text("the note"), { readOnly: false });
  chat.disconnect("Notes", chat.ada);
  const id = await chat.start();
  await chat.turn(id, send("Write my note"));
  const detail = await consentAndGoOn(id);
  expect(detail.pausedToolCalls).toMatchObject([{ state: "AWAITING_CONFIRMATION" }]);
  expect(chat.calls).toEqual([]);
});
