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

const typed = {
  type: "object",
  properties: {
    list: { type: "array", items: { type: "integer" } },
    at: { $ref: "#/$defs/at" },
    count: { type: ["integer", "null"] },
    on: { type: "boolean" },
    note: { type: "string" },
    any: { anyOf: [{ type: "array", items: {} }, { type: "string" }] },
  },
  required: ["on"],
  $defs: { at: { type: "object", properties: { line: { type: "integer" } } } },
};

let chat: ChatFixture;
beforeAll(async () => {
  const inputSchema = { type: "object", properties: { a: { type: "string" } } };
  const run = ({ input }: { input: unknown }) => text(`got ${JSON.stringify(input)}`);
  const tools = [
    { name: "go", readOnly: true, run, inputSchema },
    { name: "set", readOnly: true, run, inputSchema: typed },
  ];
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

function go(args: unknown, more: object = {}, name = "notes__go"): object {
  const called = { name, arguments: args };
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

describe("reasoning between tags", () => {
  async function parts(...deltas: string[]) {
    const detail = await talk(() => [{ type: "text", deltas }]);
    return (detail.messages.at(-1)?.parts ?? []).flatMap((part) =>
      part.type === "text" || part.type === "reasoning" ? [[part.type, part.text]] : [],
    );
  }

  // anomalyco/opencode#21515, QwenLM/qwen-code#10791, tinyhumansai/openhuman#6184
  test.each([
    [["<think>\nHm.\n</think>\n\nHi."]],
    [["\n<", "thi", "nking>Hm.\n</thin", "king>", "\nHi."]],
    [["<Thought>Hm", ".", "\n", "<", "/", "thought>Hi."]],
    [[..."<think>Hm.\n</think>Hi."]],
  ])("is no part of the answer: %j", async (deltas) => {
    expect(await parts(...deltas)).toEqual([
      ["reasoning", "Hm.\n"],
      ["text", "Hi."],
    ]);
  });

  test.each([
    [["<", "b>Hi</b>"]],
    [["<thin", "g> is HTML."]],
    [["It writes <think>", " first</think>."]],
    [["<"]],
  ])("leaves other text as it is: %j", async (deltas) => {
    expect(await parts(...deltas)).toEqual([["text", deltas.join("")]]);
  });

  test("that never ends is no answer", async () => {
    const detail = await talk(() => [{ type: "text", deltas: ["<think>Hm", " </th"] }]);
    expect(problem(detail)).toMatch(/empty answer/);
  });
});

describe("a piece of a stream", () => {
  const [first, last] = [delta({ content: "An " }), delta({ content: "answer" })];

  // earendil-works/pi#2466, pydantic/pydantic-ai#5170, CherryHQ/cherry-studio#10578, codexu/note-gen#1226
  test.each([
    ["no choices", { usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } }],
    ["null as its choices", { choices: null }],
    ["a type of its own", { type: "keepalive" }],
    ["a role of its own", { choices: [{ index: 0, delta: { role: "model", content: "" } }] }],
  ])("with %s is skipped", async (_, odd) => {
    const chunks = [first, odd, last, delta({}, "stop")];
    const detail = await talk(once({ type: "chunks", chunks, ends: "done" }));
    expect(problem(detail)).toBe("");
    expect(written(detail)).toBe("An answer");
  });

  // ggml-org/llama.cpp#20198, sipeed/picoclaw#1292
  test.each([
    ["by another piece", null],
    ["in the same piece", "tool_calls"],
  ])("with a call's arguments as an object, ended %s, runs the call", async (_, end) => {
    const piece = delta({ role: "assistant", tool_calls: [go({ a: "1" })] }, end);
    const chunks = end ? [piece] : [piece, delta({}, "tool_calls")];
    const detail = await talk(once({ type: "chunks", chunks, ends: "done" }));
    expect(problem(detail)).toBe("");
    expect(inputs()).toEqual([{ a: "1" }]);
  });

  // fox1245/NeoGraph#124, CherryHQ/cherry-studio#11287, langchain4j/langchain4j#3475
  test.each([
    [{ error: "You have run out of credits" }, /no credit left/],
    [{ object: "error", message: "Rate limit reached", code: 429 }, /too many requests \(429/],
    [
      { choices: null, base_resp: { status_code: 1008, status_msg: "insufficient balance" } },
      /credit/,
    ],
    [{ detail: "maximum context length is 8192 tokens" }, /too long/],
  ])("that reports a failure as %j is told for what it is", async (odd, words) => {
    const detail = await talk(once({ type: "chunks", chunks: [odd], ends: "done" }));
    expect(problem(detail)).toMatch(words);
  });
});

describe("an answer that is no stream", () => {
  const answer = (body: string, type: string) => async () =>
    new Response(body, { headers: { "content-type": type } });
  async function answered(body: string, type: string) {
    chat.ctx.modelFetch = answer(body, type);
    try {
      return await talk(() => said);
    } finally {
      chat.ctx.modelFetch = null;
    }
  }

  test.each(["application/json", "text/plain"])("is read whole, as %s", async (type) => {
    const message = { role: "assistant", content: "Hello." };
    const body = JSON.stringify({ choices: [{ index: 0, message, finish_reason: "stop" }] });
    const detail = await answered(body, type);
    expect(problem(detail)).toBe("");
    expect(written(detail)).toBe("Hello.");
  });

  test("but has no type of one is read as one", async () => {
    const body = `\n\ndata: ${JSON.stringify(delta({ content: "Hi." }, "stop"))}\n\n`;
    expect(written(await answered(body, "text/plain"))).toBe("Hi.");
  });

  // xyOz-dev/Saturn#43, zeenie-ai/OpenCompany#114, QwenLM/qwen-code#6465
  test.each([
    ['{"error":{"message":"Rate limit reached","code":429}}', "application/json", /requests \(429/],
    [
      '{"error":"Unexpected endpoint or method. (POST /chat/completions)"}',
      "application/json",
      /base URL/,
    ],
    ["<!doctype html><title>Blocked</title>", "text/html", /base URL/],
  ])("but a failure with 200 is told for what it is: %s", async (body, type, words) => {
    expect(problem(await answered(body, type))).toMatch(words);
  });
});

describe("calls in one answer", () => {
  // anomalyco/opencode#31514, google-gemini/gemini-cli#12935, NousResearch/hermes-agent#15124
  test.each([
    ..."Notes__Go notes_go notes-go notes.go functions.notes__go:0".split(" "),
    "notes__go<|channel|>json",
    " notes__go ",
  ])("of %j are calls of the tool that alone can be meant", async (name) => {
    await talk(once(calls(go('{"a":"1"}', {}, name))));
    expect(chat.calls).toMatchObject([{ toolName: "go", input: { a: "1" } }]);
  });

  test.each(["go", "notes__gone", "other__go", "notes__", ""])(
    "of %j run nothing",
    async (name) => {
      await talk(once(calls(go('{"a":"1"}', {}, name))));
      expect(chat.calls).toEqual([]);
    },
  );

  // anthropics/claude-code#59227, dkmaker/hass-pi-agent#42, danny-avila/LibreChat#11905
  test.each([
    [
      { on: "True", list: "[1, 2]", at: '{"line": "3"}' },
      { on: true, list: [1, 2], at: { line: 3 } },
    ],
    [
      { on: "false", list: ["1", 2], count: "7" },
      { on: false, list: [1, 2], count: 7 },
    ],
    [
      { on: true, note: null, count: null, at: null },
      { on: true, count: null },
    ],
    [
      { on: null, note: 5 },
      { on: null, note: "5" },
    ],
    [
      { on: true, any: "[1]", more: null },
      { on: true, any: "[1]", more: null },
    ],
    [
      { on: "maybe", list: "1, 2", count: "7.5", at: "[1]" },
      { on: "maybe", list: "1, 2", count: "7.5", at: "[1]" },
    ],
  ])(
    "with arguments of the wrong types have the server's where no doubt is left: %j",
    async (given, meant) => {
      await talk(once(calls(go(JSON.stringify(given), {}, "notes__set"))));
      expect(inputs()).toEqual([meant]);
    },
  );

  // earendil-works/pi#8943, oceanbase/powercontext#1100, NousResearch/hermes-agent#55315
  test("with an integer that a number cannot hold pass it on exactly", async () => {
    const written =
      '{"on":true,"note":"725653563933458432 \\" 9","count":-725653563933458432,"list":[725653563933458433,"725653563933458435",1.25e20]}';
    await talk(once(calls(go(written, {}, "notes__set"))));
    const list = ["725653563933458433", "725653563933458435", 1.25e20];
    const note = '725653563933458432 " 9';
    expect(inputs()).toEqual([{ on: true, note, count: "-725653563933458432", list }]);
  });
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
    // minpeter/ai-sdk-tool-call-middleware#300, rhesis-ai/rhesis#2488
    ["line ends in a text", '{\n\t"a": "x\n\t\\"y\\\\"\n}', { a: 'x\n\t"y\\' }],
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

// janwilmake/openapi-mcp-server#23, getsentry/sentry-mcp#106, modelcontextprotocol/servers#799
test("a tool whose description is too long for the model's API is offered with a shorter one", async () => {
  const most = 24;
  const script: ModelScript = ({ messages, tools = [] }) => {
    const at = tools.findIndex(({ function: { description = "" } }) => description.length > most);
    const message = `Invalid 'tools[${at}].function.description': string too long. Expected a string with maximum length ${most}, but got a string with length 2780 instead.`;
    if (at >= 0) return [{ type: "error", status: 400, message }];
    return messages.some(({ role }) => role === "tool") ? said : [calls(go("{}"))];
  };
  const detail = await talk(script);
  expect(problem(detail)).toBe("");
  expect(chat.calls).toHaveLength(1);
  expect(chat.model.requests.at(-1)?.body.tools).toHaveLength(2);
  expect(JSON.stringify(detail)).toContain("at most 24 characters of a tool's description");
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

  // agno-agi/agno#5382
  test("has call ids that OpenAI takes, whoever made them", async () => {
    const id = "fc_0f0e50a1476a6c35006912c58dc9f8819192c25864eb16f07f";
    await talk(once(calls({ ...go("{}"), id })), "Go", "Go again");
    const ids = lastSent().flatMap(({ tool_calls: made = [] }) => made.map((each) => each.id));
    expect(ids).toHaveLength(1);
    expect(ids[0]).toMatch(/^[\w-]{1,40}$/);
    expect(lastSent().find(({ role }) => role === "tool")).toMatchObject({ tool_call_id: ids[0] });
  });

  const thinking = delta({ role: "assistant", reasoning_content: "I should call it" });
  const reasonedCall = () => {
    const step = calls(go("{}"));
    if (step.type !== "chunks") throw new Error("not chunks");
    return { ...step, chunks: [thinking, ...step.chunks] };
  };

  // charmbracelet/crush#1590, BerriAI/litellm#30835, janhq/jan#8136, AstrBotDevs/AstrBot#5946
  test.each([
    [422, "Extra inputs are not permitted: messages, 2, assistant, reasoning_content"],
    [400, "'messages.2' : for 'role:assistant' (property 'reasoning_content' is unsupported)"],
    [400, ""],
    [422, ""],
  ])("that is refused for its reasoning (%i %s) is sent without", async (status, message) => {
    const script: ModelScript = ({ messages }) => {
      if (messages.some((each) => "reasoning_content" in each))
        return [{ type: "error", status, message }];
      return messages.some(({ role }) => role === "tool") ? said : [reasonedCall()];
    };
    const detail = await talk(script, "Go", "Go again");
    expect(problem(detail)).toBe("");
    expect(written(detail)).toBe("Done.");
    expect(chat.calls).toHaveLength(1);
  });

  // mastra-ai/mastra#12592, QuantumNous/new-api#4408, cloudwego/eino-ext#700
  test("that is refused because it lacks reasoning, after a change of model, is sent with some", async () => {
    const message =
      "thinking is enabled but reasoning_content is missing in assistant tool call message at index 2";
    const script: ModelScript = ({ messages }) => {
      const lacks = messages.some((each) => each.tool_calls && !("reasoning_content" in each));
      if (lacks) return [{ type: "error", status: 400, message }];
      return messages.some(({ role }) => role === "tool") ? said : [calls(go("{}"))];
    };
    const detail = await talk(script);
    expect(problem(detail)).toBe("");
    expect(written(detail)).toBe("Done.");
  });

  const signatureOf = ({ tool_calls: [call] = [] }: ChatMessage) =>
    (call as { extra_content?: { google?: { thought_signature?: string } } } | undefined)
      ?.extra_content?.google?.thought_signature;

  // vercel/ai#18962, anomalyco/opencode#50833
  test("returns Google's signature of a call", async () => {
    const extra_content = { google: { thought_signature: "c2lnbmVk" } };
    await talk(once(calls(go("{}", { extra_content }))), "Go", "Go again");
    expect(lastSent().flatMap((each) => signatureOf(each) ?? [])).toEqual(["c2lnbmVk"]);
    expect(JSON.stringify(lastSent())).not.toContain("thoughtSignature");
  });

  // Gitlawb/openclaude#67, vercel/ai#10721
  test("that is refused because it lacks Google's signature, after a change of model, says so", async () => {
    const message =
      "Function call is missing a thought_signature in functionCall parts. Additional data, function call `default_api:notes__go`, position 2.";
    const script: ModelScript = ({ messages }) => {
      const lacks = messages.some((each) => each.tool_calls && signatureOf(each) === undefined);
      if (lacks) return [{ type: "error", status: 400, message }];
      return messages.some(({ role }) => role === "tool") ? said : [calls(go("{}"))];
    };
    const detail = await talk(script);
    expect(problem(detail)).toBe("");
    expect(written(detail)).toBe("Done.");
    expect(chat.model.requests.at(-1)?.body.tools).toHaveLength(2);
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
