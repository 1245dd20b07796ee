import { describe, expect, test } from "vitest";
import { callOf, delta, done, once, pieces, rawModelChat } from "@/tests/support/raw-model-chat";

const raw = rawModelChat();

const end = delta({}, "tool_calls");
const stop = delta({}, "stop");
const one = [{ a: "1" }];

function called(args: string, name = "notes__go") {
  return raw.play(once(pieces(callOf(args, {}, name)), end, done));
}

describe("the name of a call", () => {
  // anomalyco/opencode#31514, maximhq/bifrost#1829
  test.each([
    '"notes__go"',
    "`notes__go`",
    "notes__go()",
    "notes__go}",
    "notes__go json",
    "notes__gonotes__go",
    "mcp__notes__go",
    "tool:notes__go",
    "<function=notes__go>",
    "$notes__go",
    "assistant to=functions.notes__go",
    "functions/notes__go",
    "notes::go",
  ])("that is %j means the only tool in it", async (name) => {
    expect((await called('{"a":"1"}', name)).calls).toEqual(one);
  });

  test.each(["notes__go or notes__other", "notes__go_2", "xnotes__go", "__go"])(
    "that is %j means none",
    async (name) => {
      expect((await called('{"a":"1"}', name)).calls).toEqual([]);
    },
  );
});

describe("the arguments of a call", () => {
  // microsoft/semantic-kernel#6106, envoyproxy/ai-gateway#1465, mastra-ai/mastra#14200
  test.each([
    ["an empty object before them", '{}{"a":"1"}'],
    ["an empty object after them", '{"a":"1"}{}'],
    ["null before them", 'null{"a":"1"}'],
    ["null after them", '{"a":"1"}null'],
    ["the same object again", '{"a":"1"}\n{"a": "1"}'],
    ["a bracket too many", '{"a":"1"}}'],
    ["the end of a template", '{"a":"1"}</tool_call>'],
    ["zeros after them", '{"a":"1"}\0\0'],
    ["no beginning of their fence", '{"a":"1"}\n```'],
    ["no end of their fence", '```json\n{"a":"1"}'],
    ["a backtick on each side", '`{"a":"1"}`'],
    ["two encodings too many", JSON.stringify(JSON.stringify('{"a":"1"}'))],
    ["a special token", '{"a":"1"}<|im_end|>'],
    ["single quotes", "{'a': '1'}"],
    ["a comma at the end", '{"a": "1",}'],
    ["a key without quotes", '{a: "1"}'],
    ["a fence of another language", "```python\n{'a': '1'}\n```"],
    ["escapes of HTML", "{&quot;a&quot;:&quot;1&quot;}"],
    ["the whole call around them", '{"name":"notes__go","arguments":{"a":"1"}}'],
    ["a key around them", '{"arguments":{"a":"1"}}'],
    ["another key around them", '{"kwargs":{"a":"1"}}'],
    ["the schema's own form", '{"type":"object","properties":{"a":"1"}}'],
    ["a text around them", '{"name":"notes__go","parameters":"{\\"a\\":\\"1\\"}"}'],
  ])("with %s are those that the model meant", async (_, args) => {
    expect((await called(args)).calls).toEqual(one);
  });

  test("that are an empty list are none, as PHP writes them", async () => {
    expect((await called("[]")).calls).toEqual([{}]);
  });

  test("in Python have the same values in JSON", async () => {
    const args =
      "{'a': \"it's\", 'b': [True, None, -1.5e3,], 'c': '\"\\'\\u00e4', 'd': 9007199254740993}";
    expect((await called(args)).calls).toEqual([
      { a: "it's", b: [true, null, -1500], c: "\"'ä", d: "9007199254740993" },
    ]);
  });

  // NousResearch/hermes-agent#35718, vercel/ai#15888
  test("of which each piece repeats all before it are those of the last", async () => {
    const written = '{"a":"1","b":{"c":["{"]}}';
    const all = Array.from({ length: written.length }, (_, n) => written.slice(0, n + 1));
    const parts = all.map((args) => pieces({ index: 0, function: { arguments: args } }));
    const { calls } = await raw.play(once(pieces(callOf("")), ...parts, end, done));
    expect(calls).toEqual([{ a: "1", b: { c: ["{"] } }]);
  });

  test.each([
    ["no end of an object that holds a like one", '{"a":{"a":"1"}'],
    ["words before them", 'Here: {"a":"1"}'],
    ["words after them", '{"a":"1"} is it'],
    ["another object", '{"a":"1"}{"a":"2"}'],
    ["no end in single quotes", "{'a': '1'"],
    ["a backslash that may be one of a path", '{"a":"C:\\dir"}'],
    ["a name as a value", "{'a': one}"],
    ["a comma too many", '{"a":,}'],
    ["a key and others around them", '{"arguments":{"a":"1"},"b":"2"}'],
  ])("with %s are not guessed", async (_, args) => {
    const { calls } = await called(args);
    if (args.includes('"b"')) expect(calls).toEqual([JSON.parse(args)]);
    else expect(calls).toEqual([]);
  });
});

describe("a piece of arguments that names no known call", () => {
  const more = (index: unknown, args: string) => ({ index, function: { arguments: args } });
  const first = (args: string, given: object = {}) => callOf(args, given);
  const second = (args: string, given: object = {}) => callOf(args, { id: "call_b", ...given });
  const play = (given: readonly object[]) =>
    raw.play(once(...given.map((piece) => pieces(piece)), end, done));

  // dirac-run/dirac#215, agno-agi/agno#8880
  test.each([
    ["the rest, with the next index", [first('{"a":'), more(1, '"1"}')], one],
    ["all of them, with the next index", [first(""), more(1, '{"a":"1"}')], one],
    ["each with its own index", [first("{"), more(1, '"a"'), more(2, ":"), more(3, '"1"}')], one],
    ["every other with the index of the call", [first("{"), more(1, '"a":'), more(0, '"1"}')], one],
    ["the rest, with another id", [first('{"a":'), { ...more(1, '"1"}'), id: "b" }], one],
    ["after an empty object", [first("{}"), more(1, '{"a":"1"}')], one],
    ["the same again", [first('{"a":"1"}'), more(1, '{"a":"1"}')], one],
    [
      "of the second of two with one index",
      [first('{"a":"1"}'), second(""), more(1, '{"a":'), more(1, '"2"}')],
      [{ a: "1" }, { a: "2" }],
    ],
    [
      "of the second, whole, with an index far off",
      [first('{"a":"1"}'), second(""), more(2, '{"a":"2"}')],
      [{ a: "1" }, { a: "2" }],
    ],
    [
      "after each of two",
      [first(""), more(1, '{"a":"1"}'), second("", { index: 2 }), more(3, '{"a":"2"}')],
      [{ a: "1" }, { a: "2" }],
    ],
    [
      "whose name follows",
      [first('{"a":"1"}'), more(1, '{"a":"2"}'), callOf("", { index: 1, id: "" })],
      [{ a: "1" }, { a: "2" }],
    ],
  ])("belongs to the last call that lacks some: %s", async (_, given, calls) => {
    expect(await play(given)).toMatchObject({ calls, texts: ["Done."], problem: "" });
  });

  test.each([
    ["no call lacks any", [first('{"a":"1"}'), more(1, '{"a":"2"}')]],
    [
      "two lack all of them, and both come",
      [first(""), second("", { index: 1 }), more(2, '{"a":"1"}'), more(3, '{"a":"2"}')],
    ],
    [
      "both come with the first one's index",
      [first(""), second("", { index: 1 }), more(0, '{"a":"1"}'), more(0, '{"a":"2"}')],
    ],
  ])("is not dropped from a call that would run without it: %s", async (_, given) => {
    const { calls, requests } = await play(given);
    expect(calls).toEqual([]);
    expect(JSON.stringify(requests.at(-1)?.messages)).toMatch(/not a JSON object/);
  });

  test.each([
    ["arguments of its own", '{"a":"1"}', one],
    ["no arguments", "", [{}]],
  ])("leaves a call alone that has %s", async (_, args, calls) => {
    const given = [first(args), second('{"a":', { index: 1 }), more(2, '"2"'), more(3, "")];
    expect((await play(given)).calls).toEqual(calls);
  });
});

describe("an answer that is nothing but calls, written as text", () => {
  const deepseek =
    '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>notes__go\n```json\n{"a": "1"}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>';
  const kimi =
    '<|tool_calls_section_begin|><|tool_call_begin|>functions.notes__go:0<|tool_call_argument_begin|>{"a": "1"}<|tool_call_end|><|tool_calls_section_end|>';

  // adolfousier/opencrabs#419, lmstudio-ai/lmstudio-bug-tracker#942, microsoft/foundry-local#874, vllm-project/vllm#36435, mudler/LocalAI#10052, sgl-project/sglang#3387
  test.each([
    [
      "Hermes and Qwen",
      '<tool_call>\n{"name": "notes__go", "arguments": {"a": "1"}}\n</tool_call>',
    ],
    [
      "Qwen's coders",
      "<tool_call>\n<function=notes__go>\n<parameter=a>\n1\n</parameter>\n</function>\n</tool_call>",
    ],
    ["GLM", "<tool_call>notes__go\n<arg_key>a</arg_key>\n<arg_value>1</arg_value>\n</tool_call>"],
    ["Mistral", '[TOOL_CALLS][{"name": "notes__go", "arguments": {"a": "1"}}]'],
    ["newer Mistral", '[TOOL_CALLS]notes__go[ARGS]{"a": "1"}'],
    ["Llama", '{"name": "notes__go", "parameters": {"a": "1"}}'],
    ["Llama with a tag", '<|python_tag|>{"name": "notes__go", "parameters": {"a": "1"}}<|eom_id|>'],
    ["Llama's functions", '<function=notes__go>{"a": "1"}</function>'],
    ["newer Llama", '[notes__go(a="1")]'],
    ["Liquid", "<|tool_call_start|>[notes__go(a='1')]<|tool_call_end|>"],
    [
      "Seed",
      "<seed:tool_call><function=notes__go><parameter=a>1</parameter></function></seed:tool_call>",
    ],
    ["Nemotron", '<TOOLCALL>[{"name": "notes__go", "arguments": {"a": "1"}}]</TOOLCALL>'],
    [
      "Cohere",
      '<|START_ACTION|>[{"tool_name": "notes__go", "parameters": {"a": "1"}}]<|END_ACTION|>',
    ],
    ["Phi", 'functools[{"name": "notes__go", "arguments": {"a": "1"}}]'],
    ["Gemma", '<|tool_call>call:notes__go{a:<|"|>1<|"|>}<tool_call|>'],
    [
      "gpt-oss",
      '<|channel|>analysis<|message|>Hm {}.<|end|><|start|>assistant<|channel|>commentary to=functions.notes__go <|constrain|>json<|message|>{"a":"1"}<|call|>',
    ],
    [
      "newer DeepSeek",
      '<｜DSML｜function_calls><｜DSML｜invoke name="notes__go"><｜DSML｜parameter name="a" string="true">1</｜DSML｜parameter></｜DSML｜invoke></｜DSML｜function_calls>',
    ],
    [
      "OpenAI's API",
      '{"tool_calls": [{"type": "function", "function": {"name": "notes__go", "arguments": "{\\"a\\": \\"1\\"}"}}]}',
    ],
    [
      "a part of it",
      '{"type": "function", "function": {"name": "notes__go", "arguments": {"a": "1"}}}',
    ],
    ["DeepSeek", deepseek],
    ["Kimi", kimi],
    [
      "Claude's older form",
      '<function_calls>\n<invoke name="notes__go">\n<parameter name="a">1</parameter>\n</invoke>\n</function_calls>',
    ],
    [
      "a model that thinks first",
      '<think>Hm.</think>\n<tool_call>{"name":"notes__go","arguments":{"a":"1"}}</tool_call>',
    ],
  ])("in the form of %s runs them", async (_, written) => {
    const deltas = written.match(/[\s\S]{1,9}/gu)?.map((content) => delta({ content })) ?? [];
    const { calls, texts, problem } = await raw.play(once(...deltas, stop, done));
    expect({ calls, texts, problem }).toEqual({ calls: one, texts: ["Done."], problem: "" });
  });

  test("runs each of them", async () => {
    const each = (a: string) =>
      `<tool_call>{"name":"notes__go","arguments":{"a":"${a}"}}</tool_call>`;
    const { calls } = await raw.play(
      once(delta({ content: `${each("1")}\n${each("2")}` }), stop, done),
    );
    expect(calls).toEqual([{ a: "1" }, { a: "2" }]);
  });

  const call = '<tool_call>{"name":"notes__go","arguments":{"a":"1"}}</tool_call>';

  // A model also quotes what a tool returned.
  test.each([`I look.\n${call}`, `\`\`\`\n${call}\n\`\`\``])(
    "but not among other words, and the person is told: %j",
    async (content) => {
      const { calls, texts, problem } = await raw.play(once(delta({ content }), stop, done));
      expect({ calls, texts }).toEqual({ calls: [], texts: [content] });
      expect(problem).toMatch(/wrote a tool call as text, so it did not run/);
    },
  );

  test.each([
    ["of an unknown tool", [delta({ content: call.replace("go", "gone") }), stop, done]],
    [
      "that is JSON about something else",
      [delta({ content: '{"name": "Ada", "age": 3}' }), stop, done],
    ],
    ["that is not complete", [delta({ content: call.slice(0, 50) }), stop, done]],
    ["that is a link", [delta({ content: "[notes__go](https://x.example) is it." }), stop, done]],
    ["that names what it calls", [delta({ content: "[notes__go(a=b)]" }), stop, done]],
  ])("but not one %s", async (_, parts) => {
    const { calls, texts, problem } = await raw.play(once(...parts));
    expect({ calls, problem, count: texts.length }).toEqual({ calls: [], problem: "", count: 1 });
  });

  test("but not one that broke off", async () => {
    const { calls, problem } = await raw.play(once(delta({ content: call })));
    expect(calls).toEqual([]);
    expect(problem).toMatch(/broke off|early/);
  });

  test("and runs a call once that the server has read as well", async () => {
    const content = '{"name": "notes__go", "arguments": {"a": "1"}}';
    const parts = [delta({ content }), pieces(callOf('{"a":"1"}')), end, done];
    expect((await raw.play(once(...parts))).calls).toEqual(one);
  });
});
