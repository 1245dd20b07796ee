import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { ConversationDetail } from "@/lib/contracts/chat/chat";
import {
  type ChatFixture,
  send,
  startChatFixture,
  text,
  unansweredCalls,
} from "@/tests/support/chat-fixture";
import type { ChatMessage, ModelScript, ModelStep } from "@/tests/support/openai-server";

let chat: ChatFixture;
beforeAll(async () => {
  const inputSchema = { type: "object", properties: { a: { type: "string" } } };
  const run = ({ input }: { input: unknown }) => text(`got ${JSON.stringify(input)}`);
  const tools = [{ name: "go", readOnly: true, run, inputSchema }];
  chat = await startChatFixture([{ name: "Notes", tools }], () => said);
});
afterEach(() => {
  chat.calls.length = 0;
  expect(unansweredCalls(chat.model)).toEqual([]);
});
afterAll(() => chat.close());

/** A conversation with a model that does what it is told. */
async function talk(script: ModelScript, ...messages: string[]): Promise<ConversationDetail> {
  const before = chat.model.requests.length;
  chat.model.setScript((request, turn) => script(request, turn - before));
  const id = await chat.start();
  for (const message of messages.length > 0 ? messages : ["Go"]) await chat.turn(id, send(message));
  return chat.read(id);
}

function delta(content: object, finish: string | null = null): object {
  return { choices: [{ index: 0, delta: content, finish_reason: finish }] };
}

/** As deltas of one answer, each call as given. */
function calls(...given: object[]): ModelStep {
  const deltas = given.map((call) => delta({ tool_calls: [call] }));
  return { type: "chunks", chunks: [...deltas, delta({}, "tool_calls")], ends: "done" };
}

function go(args: string, more: object = {}): object {
  const called = { name: "notes__go", arguments: args };
  return { index: 0, id: "call_a", type: "function", function: called, ...more };
}

const said: ModelStep[] = [{ type: "text", deltas: ["Done."] }];

/** This first, and an end once a tool has answered. */
function once(...steps: ModelStep[]): ModelScript {
  return ({ messages }) => (messages.some(({ role }) => role === "tool") ? said : steps);
}

function problem({ messages }: ConversationDetail): string {
  return messages
    .flatMap(({ parts }) => parts)
    .map((part) => (part.type === "data-turn-error" ? part.data.message : ""))
    .join("");
}

function written({ messages }: ConversationDetail): string {
  const parts = messages.at(-1)?.parts ?? [];
  return parts.map((part) => (part.type === "text" ? part.text : "")).join("");
}

function lastSent(): ChatMessage[] {
  return chat.model.requests.at(-1)?.body.messages ?? [];
}

function inputs(): unknown[] {
  return chat.calls.map(({ input }) => input);
}

describe("an answer", () => {
  // vercel/ai#19165
  test.each([
    ["in its words", delta({ content: "The first half" })],
    ["in a call's arguments", delta({ tool_calls: [go('{"a":"hal')] })],
    ["after a call's arguments", delta({ tool_calls: [go('{"a":"1"}')] })],
  ])("that is cut off %s is reported as such, and runs nothing", async (_, chunk) => {
    const detail = await talk(once({ type: "chunks", chunks: [chunk], ends: "cut" }));
    expect(problem(detail)).toMatch(/broke off/);
    expect(chat.calls).toEqual([]);
  });

  // can1357/oh-my-pi#8563
  test.each([
    ["insufficient_system_resource", /ended this answer early/],
    ["malformed_function_call", /ended this answer early/],
    ["error", /ended this answer early/],
    ["upstream_timeout", /ended this answer early/],
    ["max_output_tokens", /length limit/],
    ["SAFETY", /filtered/],
  ])("that ends with %s is not shown as complete", async (reason, words) => {
    const chunks = [delta({ content: "Half an answer" }), delta({}, reason)];
    const detail = await talk(once({ type: "chunks", chunks, ends: "done" }));
    expect(problem(detail)).toMatch(words);
    expect(written(detail)).toBe("Half an answer");
  });

  test.each(["stop", "eos", "end_turn", "COMPLETE"])(
    "that ends with %s is complete",
    async (reason) => {
      const chunks = [delta({ content: "An answer" }), delta({}, reason)];
      const detail = await talk(once({ type: "chunks", chunks, ends: "done" }));
      expect(problem(detail)).toBe("");
    },
  );

  // vercel/ai#16805, zed-industries/zed#57166
  test.each([
    [{ message: "You exceeded your current quota", code: "insufficient_quota" }, /credit|quota/i],
    [{ message: "Rate limit reached", code: "rate_limit_exceeded" }, /too many requests/i],
    [{ message: "Overloaded", type: "overloaded_error" }, /overloaded|temporary problem/i],
    [
      { message: "maximum context length is 8192 tokens", code: "context_length_exceeded" },
      /too long/i,
    ],
  ])("with %o inside a 200 is reported for what it is", async (error, words) => {
    const chunks = [delta({ role: "assistant", content: "" }), { error }];
    expect(problem(await talk(once({ type: "chunks", chunks, ends: "done" })))).toMatch(words);
  });
});

describe("calls in one answer", () => {
  // generative-computing/mellea#1431, TanStack/ai#199
  test.each([
    ["the same id", [go('{"a":"1"}'), go('{"a":"2"}', { index: 1 })]],
    ["empty ids", [go('{"a":"1"}', { id: "" }), go('{"a":"2"}', { id: "", index: 1 })]],
    [
      "no index",
      [go('{"a":"1"}', { index: undefined }), go('{"a":"2"}', { index: undefined, id: "call_b" })],
    ],
    ["the index 0 twice", [go('{"a":"1"}'), go('{"a":"2"}', { id: "call_b" })]],
    [
      "an id no provider takes",
      [go('{"a":"1"}', { id: "a b/ü" }), go('{"a":"2"}', { id: "x".repeat(99), index: 1 })],
    ],
  ])("with %s run once each, and return with unique ids", async (_, given) => {
    await talk(once(calls(...given)));
    expect(inputs()).toHaveLength(2);
    expect(inputs()).toEqual(expect.arrayContaining([{ a: "1" }, { a: "2" }]));
    const asked = lastSent().flatMap(({ tool_calls: made = [] }) => made.map(({ id }) => id));
    const answered = lastSent().flatMap(({ tool_call_id: id }) => (id === undefined ? [] : [id]));
    expect(new Set(asked).size).toBe(2);
    expect(answered).toEqual(asked);
    for (const id of asked) expect(id).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
  });

  // open-webui/open-webui#13125, cline/cline#10568
  test.each([
    ["nothing", "", {}],
    ["blanks", "  \n", {}],
    ["null", "null", {}],
    ["an empty text", '""', {}],
    ["a fenced object", '```json\n{"a":"x"}\n```', { a: "x" }],
    ["an object encoded twice", JSON.stringify('{"a":"x"}'), { a: "x" }],
    ["a list of one object", '[{"a":"x"}]', { a: "x" }],
  ])("with %s as arguments run once, as intended", async (_, args, meant) => {
    await talk(once(calls(go(args))));
    expect(inputs()).toEqual([meant]);
  });

  test.each([
    ["an unfinished object", '{"a": "x"'],
    ["two objects", '{"a":"x"}{"a":"y"}'],
    ["a list of two", '[{"a":"x"},{"a":"y"}]'],
    ["a number", "7"],
    ["words", "a is x"],
  ])("with %s as arguments do not run, and the model is told", async (_, args) => {
    await talk(once(calls(go(args))));
    expect(inputs()).toEqual([]);
    expect(JSON.stringify(lastSent().at(-1))).toMatch(/Nothing ran/);
  });
});

describe("a history", () => {
  // Kilo-Org/kilocode#9501
  test("keeps the reasoning that came before a call", async () => {
    const reasoning = delta({ role: "assistant", reasoning_content: "I should call it" });
    const step = calls(go("{}"));
    if (step.type !== "chunks") throw new Error("not chunks");
    await talk(once({ ...step, chunks: [reasoning, ...step.chunks] }), "Go", "Go again");
    const calling = lastSent().filter(({ tool_calls: made }) => made !== undefined);
    expect(calling).toMatchObject([{ reasoning_content: "I should call it" }]);
  });

  // microsoft/vscode#307618
  test.each(["", " \n", "\u00a0"])("has no blank text (%o) before a call", async (blank) => {
    const step = calls(go("{}"));
    if (step.type !== "chunks") throw new Error("not chunks");
    await talk(once({ ...step, chunks: [delta({ content: blank }), ...step.chunks] }));
    const blanks = lastSent().filter(
      ({ role, content }) =>
        role === "assistant" &&
        typeof content === "string" &&
        content.trim() === "" &&
        content !== "",
    );
    expect(blanks).toEqual([]);
    expect(lastSent().filter(({ role }) => role === "tool")).toHaveLength(1);
  });

  // charmbracelet/crush#279
  test("alternates between person and assistant after a failed turn", async () => {
    const script: ModelScript = (_, turn) => (turn === 1 ? said : [{ type: "error", status: 400 }]);
    await talk(script, "First", "Second", "Third");
    const roles = lastSent().flatMap(({ role }) => (role === "system" ? [] : [role]));
    expect(roles).toEqual(["user", "assistant", "user"]);
    expect(JSON.stringify(lastSent())).toMatch(/First[\s\S]*Second[\s\S]*Third/);
  });
});
