import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import {
  answered,
  callOf,
  chunk,
  delta,
  done,
  once,
  pieces,
  rawModelChat,
  said,
  streamed,
} from "@/tests/support/raw-model-chat";

const raw = rawModelChat();

const [first, last] = [delta({ content: "An " }), delta({ content: "answer" })];
const end = delta({}, "stop");
const calling = delta({}, "tool_calls");
const one = [{ a: "1" }];
const two = [{ a: "1" }, { a: "2" }];

async function isAnswer(...parts: string[]) {
  expect(await raw.play(once(...parts))).toMatchObject({ problem: "", texts: ["An answer"] });
}

describe("a stream of Chat Completions", () => {
  // anomalyco/opencode#50871, mnfst/llm-gateway#2053, stacklok/mecatl#309, Growth-Circle/cadis#2329
  test.each([
    ["no space after the colon", (all: string) => all.replaceAll("data: ", "data:")],
    ["carriage returns alone", (all: string) => all.replaceAll("\n", "\r")],
    ["both line ends", (all: string) => all.replaceAll("\n", "\r\n")],
    ["a byte order mark", (all: string) => `\ufeff${all}`],
    ["one line end between events", (all: string) => all.replaceAll("\n\n", "\n")],
    ["comments", (all: string) => `: PROCESSING\n\n:\n\n${all}`],
    ["words to stay open", (all: string) => `data: ping\n\ndata: : keep-alive\n\n${all}`],
    ["events without data", (all: string) => `data:\n\ndata: null\n\nevent: ping\n\n${all}`],
    ["its end in other letters", (all: string) => all.replace("[DONE]", " [done] ")],
    ["no word data", (all: string) => all.replaceAll("data: ", "")],
    [
      "an event in several lines",
      (all: string) => all.replaceAll(',"choices"', ',\ndata: "choices"'),
    ],
    ["NaN", (all: string) => all.replaceAll('"created":1', '"created":NaN')],
    // Portkey-AI/gateway#1537
    ["a comma between events", (all: string) => all.replaceAll("\n\ndata", "\n\n,data")],
    // decolua/9router#3492
    ["no line end between events", (all: string) => all.replaceAll(/\n+(?=data)/g, "")],
  ])("with %s is read", async (_, change) => {
    await isAnswer(change([first, last, end, done].join("")));
  });

  // earendil-works/pi#6226, alfredapp/openai-workflow#52
  test("that says that it ends, but never why, is complete", async () => {
    await isAnswer(first, last, done);
    const { calls, problem } = await raw.play(once(pieces(callOf('{"a":"1"}')), done));
    expect({ calls, problem }).toEqual({ calls: one, problem: "" });
  });

  test("is complete once it said why it ends, whatever its connection does then", async () => {
    const played = await raw.play((response) => {
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      response.write([first, last, end].join(""), () => response.socket?.resetAndDestroy());
    });
    expect(played).toMatchObject({ problem: "", texts: ["An answer"] });
  });

  // open-webui/open-webui#16377
  test("that names a reason with each thought is read until its answer ends", async () => {
    const thought = delta({ reasoning_content: "Hm." }, "stop");
    const played = await raw.play(async (response) => {
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      response.write(thought);
      await wait(1_500);
      response.write(thought);
      await wait(1_500);
      response.end([first, last, end, done].join(""));
    });
    expect(played).toMatchObject({ problem: "", texts: ["An answer"] });
  });

  test("that breaks off in a text after such a thought is not shown as complete", async () => {
    const played = await raw.play((response) => {
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      response.write(delta({ reasoning_content: "Hm." }, "stop") + first, () =>
        response.socket?.resetAndDestroy(),
      );
    });
    expect(played.problem).not.toBe("");
  });

  // earendil-works/pi#5592
  test.each([
    ["its end", [first, last, end, done]],
    ["the reason for its end", [first, last, end]],
    ["an end without a reason", [first, last, done]],
  ])("is complete after %s, although its connection stays open", async (_, parts) => {
    const played = await raw.play((response) => {
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      response.write(parts.join(""));
    });
    expect(played).toMatchObject({ problem: "", texts: ["An answer"] });
  });

  // anomalyco/opencode#28427, Th0rgal/sandboxed.sh#143, vercel/ai#16530
  test.each([
    ["created", "2026-01-01T00:00:00Z"],
    ["id", 7],
    ["model", null],
    ["usage", { prompt_tokens: "12" }],
    ["error", null],
    ["details of usage", { prompt_tokens: 1, prompt_tokens_details: { cached_tokens: "1" } }],
  ])("with another kind of %s in each chunk is one text", async (field, value) => {
    const odd = (content: object, finish: string | null = null) =>
      chunk({
        [field.replace("details of ", "")]: value,
        choices: [{ index: 0, delta: content, finish_reason: finish }],
      });
    await isAnswer(odd({ content: "An " }), odd({ content: "answer" }), odd({}, "stop"), done);
    const split = [callOf('{"a":'), { index: 0, function: { arguments: '"1"}' } }];
    const parts = split.map((piece) => odd({ tool_calls: [piece] }));
    const { calls } = await raw.play(once(...parts, odd({}, "tool_calls"), done));
    expect(calls).toEqual(one);
  });

  // vercel/ai#13703, meilisearch/meilisearch#6327, symfony/ai#2422, NousResearch/hermes-agent#4748
  test.each([
    ["parts", [{ type: "text", text: "An answer" }]],
    ["parts of another API", [{ type: "output_text", text: "An answer" }]],
    ["one part", { type: "text", text: "An answer" }],
    ["texts", ["An ", "answer"]],
    [
      "parts and a reference",
      [
        { type: "reference", reference_ids: [1] },
        { type: "text", text: "An answer" },
      ],
    ],
  ])("with %s as its content is read", async (_, content) => {
    await isAnswer(delta({ content }), end, done);
  });

  test.each([
    ["parts", { content: [{ type: "thinking", thinking: [{ type: "text", text: "Hm." }] }] }],
    ["a part with a text", { content: [{ type: "thinking", thinking: "Hm." }] }],
    ["another name", { reasoning_text: "Hm." }],
    ["an object", { reasoning: { content: "Hm." } }],
    ["details alone", { reasoning_details: [{ type: "reasoning.text", text: "Hm." }] }],
  ])("with reasoning as %s keeps it apart", async (_, content) => {
    const played = await raw.play(once(delta(content), first, last, end, done));
    expect(played).toMatchObject({ problem: "", reasoning: ["Hm."], texts: ["An answer"] });
  });

  test.each([
    ["a whole message", { message: { role: "assistant", content: "An answer" } }],
    ["a text", { text: "An answer" }],
  ])("with %s in the place of a delta is read", async (_, choice) => {
    await isAnswer(chunk({ choices: [{ index: 0, ...choice, finish_reason: "stop" }] }), done);
  });

  test("with the whole message again in the end has it once", async () => {
    const message = { role: "assistant", content: "An answer" };
    const whole = chunk({ choices: [{ index: 0, message, delta: {}, finish_reason: "stop" }] });
    await isAnswer(first, last, whole, done);
  });

  test.each(["", false, {}])("with %j in the place of calls is read", async (tool_calls) => {
    await isAnswer(delta({ content: "An ", tool_calls }), last, end, done);
  });

  test("with two choices is the first one's answer", async () => {
    const other = { index: 1, delta: { content: "Another" } };
    const both = chunk({ choices: [other, { index: 0, delta: { content: "answer" } }] });
    await isAnswer(first, chunk({ choices: [other] }), both, end, done);
  });

  // sgl-project/sglang#3387
  test.each([
    [
      "an empty text before and after it",
      [delta({ content: "An " }, ""), last, end, delta({}, "")],
    ],
    ["false before it", [delta({ content: "An " }, false), last, end]],
    ["an object", [first, last, delta({}, { type: "stop" })]],
    ["a word of another API", [first, delta({ content: "answer" }, "FINISH_REASON_STOP")]],
    ["more of the text after it", [delta({ content: "An " }, "stop"), last]],
  ])("with %s as the reason of its end is complete", async (_, parts) => {
    await isAnswer(...parts, done);
  });

  test("that breaks off after null as text is not shown as complete", async () => {
    const { problem } = await raw.play(once(delta({ content: "An " }, "null")));
    expect(problem).toMatch(/broke off|early/);
  });

  test.each(["UNEXPECTED_TOOL_CALL", "network_error", "repetition_truncation"])(
    "that ends with %s is not shown as complete",
    async (reason) => {
      const { problem } = await raw.play(once(first, delta({}, reason), done));
      expect(problem).toMatch(/early|length/);
    },
  );
});

// NousResearch/hermes-agent#75926, OleksandrChekhovskyi/hax#15
describe("an answer that says it is complete", () => {
  const native = (native_finish_reason: string) =>
    chunk({ choices: [{ index: 0, delta: {}, finish_reason: "stop", native_finish_reason }] });

  test("but announces a call that never came is told as one that ran nothing", async () => {
    const played = await raw.play(once(first, last, calling, done));
    expect(played).toMatchObject({ texts: ["An answer"] });
    expect(played.problem).toMatch(/announced a tool call but sent none/);
  });

  test("although the server behind its gateway broke it off is not complete", async () => {
    const { problem } = await raw.play(once(first, native("network_error"), done));
    expect(problem).toMatch(/early/);
    await isAnswer(first, last, native("completed"), done);
  });

  test("and has nothing but blanks is empty", async () => {
    const { problem } = await raw.play(once(delta({ content: "\n\n " }), end, done));
    expect(problem).toMatch(/empty answer/);
  });
});

describe("a failure inside a stream", () => {
  // open-webui/computer#293
  test("is told by the words of the provider behind a gateway", async () => {
    const metadata = { raw: '{"error":{"message":"maximum context length is 8192 tokens"}}' };
    const error = { message: "Provider returned error", code: 400, metadata };
    const { problem } = await raw.play(once(chunk({ choices: [], error }), done));
    expect(problem).toMatch(/too long/);
  });

  test.each([
    [
      "an error of its choice",
      chunk({ choices: [{ delta: {}, error: { code: 429, message: "Rate limited" } }] }),
    ],
    [
      "a message that is an object",
      chunk({ error: { message: { detail: "Rate limit reached" } } }),
    ],
    [
      "a list of errors",
      `data: ${JSON.stringify({ errors: [{ message: "Rate limit reached" }] })}\n\n`,
    ],
    [
      "a code and a message of its own",
      `data: ${JSON.stringify({ code: 1302, msg: "Rate limit reached" })}\n\n`,
    ],
    ["a line without the word data", `${first}{"error":{"message":"Rate limit reached"}}\n\n`],
    ["a line of text", "data: Too many requests\n\n"],
    ["a code of its vendor's", chunk({ error: { code: "1302", message: "速率限制" } })],
  ])("in the form of %s is told for what it is", async (_, event) => {
    const { problem } = await raw.play(once(event, done));
    expect(problem).toMatch(/too many requests/);
  });
});

describe("pieces of tool calls", () => {
  const rest = { index: 0, function: { arguments: '"1"}' } };

  // chenyme/grok2api#239, sgl-project/sglang#4067, NousResearch/hermes-agent#11984, open-webui/open-webui#22177,
  // continuedev/continue#5849
  test.each([
    ["an index as text", [callOf('{"a":', { index: "0" }), { ...rest, index: "0" }]],
    ["no function at first", [{ index: 0, id: "call_a" }, callOf('{"a":"1"}')]],
    ["null as a function at last", [callOf('{"a":"1"}'), { index: 0, function: null }]],
    ["null among them", [null, callOf('{"a":"1"}')]],
    ["the name after the arguments", [callOf('{"a":', {}, undefined), rest, callOf("")]],
    [
      "a name in two",
      [callOf("", {}, "notes__"), callOf("", {}, "go"), callOf('{"a":"1"}', {}, "")],
    ],
    ["the name in each", [callOf('{"a":'), callOf('"1"'), callOf("}")]],
    ["another id in each", [callOf('{"a":'), callOf('"1"', { id: "b" }), callOf("}", { id: "c" })]],
    ["a number as the id", [callOf('{"a":"1"}', { id: 0 })]],
    ["an object as the arguments", [callOf({ a: "1" }, { index: undefined })]],
    ["nothing, then all", [callOf({}), callOf('{"a":"1"}', {}, "")]],
    ["the whole call again", [callOf('{"a":"1"}'), callOf('{"a":"1"}')]],
    ["the arguments again", [callOf('{"a":"1"}'), callOf('{"a":"1"}', {}, "")]],
    ["no level for the function", [{ id: "call_a", name: "notes__go", arguments: '{"a":"1"}' }]],
  ])("with %s are one call", async (_, given) => {
    const parts = given.map((piece) => pieces(piece));
    const { calls, problem } = await raw.play(once(...parts, calling, done));
    expect({ calls, problem }).toEqual({ calls: one, problem: "" });
  });

  // huggingface/smolagents#1958, mcowger/plexus#691, oracle/langchain-oracle#253, QwenLM/Qwen-Agent#943
  test.each([
    ["one index, no ids", [callOf('{"a":"1"}', { id: "" }), callOf('{"a":"2"}', { id: "" })]],
    [
      "one index, arguments without an id",
      [
        callOf(""),
        callOf('{"a":"1"}', { id: "" }, ""),
        callOf("", { id: "b" }),
        callOf('{"a":"2"}', { id: "" }, ""),
      ],
    ],
    [
      "neither index nor id",
      [
        callOf('{"a":"1"}', { index: null, id: null }),
        callOf('{"a":"2"}', { index: null, id: null }),
      ],
    ],
    [
      "pieces in turn",
      [
        callOf("", { index: 0 }),
        callOf("", { index: 1, id: "b" }, "notes__other"),
        { index: 0, function: { arguments: '{"a":' } },
        { index: 1, function: { arguments: '{"a":"2"}' } },
        rest,
      ],
    ],
  ])("of two calls with %s are two calls", async (_, given) => {
    const parts = given.map((piece) => pieces(piece));
    const { calls, problem } = await raw.play(once(...parts, calling, done));
    expect({ calls, problem }).toEqual({ calls: two, problem: "" });
  });

  test.each([
    ["an object instead of a list", delta({ tool_calls: callOf('{"a":"1"}') })],
    [
      "the older function_call",
      delta({ function_call: { name: "notes__go", arguments: '{"a":"1"}' } }),
    ],
    [
      "a whole message",
      chunk({ choices: [{ message: { content: null, tool_calls: [callOf('{"a":"1"}')] } }] }),
    ],
  ])("in %s are a call", async (_, piece) => {
    const { calls, problem } = await raw.play(once(piece, calling, done));
    expect({ calls, problem }).toEqual({ calls: one, problem: "" });
  });
});

describe("Google's signature of a call", () => {
  const call = callOf('{"a":"1"}', { index: undefined });
  const google = { google: { thought_signature: "c2lnbmVk" } };

  // open-webui/computer#224, earendil-works/pi#7745
  test.each([
    ["in a piece after it", [call, { extra_content: google }]],
    ["in a piece before it", [{ index: 0, extra_content: google }, callOf('{"a":"1"}')]],
    ["under Vertex's name", [{ ...call, extra_content: { vertex: google.google } }]],
    ["where LiteLLM puts it", [callOf('{"a":"1"}', { provider_specific_fields: google.google })]],
  ])("%s goes back with it", async (_, given) => {
    const parts = given.map((piece) => pieces(piece));
    const { calls, requests } = await raw.play(once(...parts, end, done));
    expect(calls).toEqual(one);
    expect(JSON.stringify(requests.at(-1)?.messages)).toContain(JSON.stringify(google));
  });

  test("leaves calls that come without one in their order", async () => {
    const other = { ...callOf('{"a":"2"}', { index: undefined }), id: "b" };
    expect((await raw.play(once(pieces(call), pieces(other), end, done))).calls).toEqual(two);
  });
});

describe("an answer in one piece", () => {
  const whole = (message: object, finish_reason = "stop") => ({
    choices: [{ index: 0, message: { role: "assistant", ...message }, finish_reason }],
  });
  const answer = whole({ content: "An answer" });

  test.each([
    ["as a stream by its type", answer, "text/event-stream"],
    ["in a list", [answer], "application/json"],
    ["in an envelope", { code: 0, data: answer }, "application/json"],
    ["in parts", whole({ content: [{ type: "text", text: "An answer" }] }), "application/json"],
  ])("%s is read", async (_, body, type) => {
    const played = await raw.play((response) => answered(response, body, { type }));
    expect(played).toMatchObject({ problem: "", texts: ["An answer"] });
  });

  const json = JSON.stringify(answer);
  // decolua/9router#3492
  test.each([
    ["the end of a stream", `${json}data: [DONE]\n\n`, "text/event-stream"],
    ["a warning", `Warning: deprecated field\n${json}`, "text/html"],
    ["a warning in markup, and a note", `<b>Notice</b>: x in y<br />\n${json}\n<!-- 3 ms -->`, ""],
  ])("is read from between other text, such as %s", async (_, body, type) => {
    const played = await raw.play((response) => answered(response, body, { type }));
    expect(played).toMatchObject({ problem: "", texts: ["An answer"] });
  });

  test("whose pieces follow each other without a line end is read", async () => {
    const all = [first, last, end].map((event) => event.replace(/^data: |\n/g, "")).join("");
    const played = await raw.play((response) => answered(response, all));
    expect(played).toMatchObject({ problem: "", texts: ["An answer"] });
  });

  test.each([
    ["arguments as an object", { tool_calls: [callOf({ a: "1" })] }],
    ["the older function_call", { function_call: { name: "notes__go", arguments: '{"a":"1"}' } }],
  ])("with %s runs the call", async (_, message) => {
    const { calls } = await raw.play((response, { messages }) =>
      messages.at(-1).role === "tool"
        ? streamed(response, ...said)
        : answered(response, whole({ content: null, ...message }, "tool_calls")),
    );
    expect(calls).toEqual(one);
  });

  test.each([
    ["Too many requests", "text/plain", /too many requests/],
    ['"Too many requests"', "application/json", /too many requests/],
    ['{"error":{"message":"Rate limit reached"}}', "text/event-stream", /too many requests/],
    ["<!doctype html><title>Blocked</title>", "text/event-stream", /base URL/],
    ['{"object":"list","data":[]}', "application/json", /base URL/],
    ['{"choices":[]}', "application/json", /empty answer/],
    // router-for-me/CLIProxyAPI#2190
    ['{"id":"","choices":null,"usage":{"total_tokens":0}}', "application/json", /empty answer/],
    ['<html><script>{"choices":1}</script><script>{"a":2}</script>', "text/html", /base URL/],
  ])("that is none is told for what it is: %s as %s", async (body, type, words) => {
    const { problem } = await raw.play((response) => answered(response, body, { type }));
    expect(problem).toMatch(words);
  });
});
