import { beforeAll, describe, expect, test } from "vitest";
import { type Answer, answered, rawModelChat, streamed } from "@/tests/support/raw-model-chat";

type Event = { type: string; [field: string]: unknown };

const raw = rawModelChat();

const one = [{ a: "1" }];

function events(...given: (Event | string)[]): string[] {
  return given.map((each) =>
    typeof each === "string" ? each : `event: ${each.type}\ndata: ${JSON.stringify(each)}\n\n`,
  );
}

/** Sends this, and leaves the connection open. */
function leftOpen(...given: Event[]): Answer {
  return (response) => {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.write(events(...given).join(""));
  };
}

/** The answer first, and an end once a tool has answered. */
function until(result: string, given: readonly (Event | string)[], last: readonly Event[]): Answer {
  return (response, body) =>
    streamed(response, ...events(...(JSON.stringify(body).includes(result) ? last : given)));
}

describe("Anthropic's API, as others speak it", () => {
  beforeAll(() => {
    const { modelEnv } = raw.chat.ctx;
    raw.chat.ctx.modelEnv = {
      ...modelEnv,
      aiModel: "anthropic/claude-sonnet-4-5",
      anthropicApiKey: "k",
    };
  });

  const usage = { input_tokens: 1, output_tokens: 1 };
  const begin = {
    type: "message_start",
    message: { id: "m", role: "assistant", content: [], usage },
  };
  const end = (reason: unknown, more: object = {}): Event[] => [
    { type: "message_delta", delta: { stop_reason: reason }, usage: { output_tokens: 1 }, ...more },
    { type: "message_stop" },
  ];
  const block = (content_block: object, deltas: readonly object[], index: unknown = 0): Event[] => [
    { type: "content_block_start", index, content_block },
    ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
    { type: "content_block_stop", index },
  ];
  const words = (text = "An answer", index: unknown = 0) =>
    block({ type: "text", text: "" }, [{ type: "text_delta", text }], index);
  const [start, said, stop] = words() as [Event, Event, Event];
  const odd = { type: "content_block_delta", index: 0, delta: { type: "note_delta", x: 1 } };
  const citation = { type: "citations_delta", citation: { type: "odd_location" } };
  const play = (...given: (Event | string)[]) =>
    raw.play(until('"tool_result"', given, [begin, ...words("Done."), ...end("end_turn")]));

  // earendil-works/pi#5592
  test("a connection that stays open afterwards holds up no answer", async () => {
    const played = await raw.play(leftOpen(begin, ...words(), ...end("end_turn")));
    expect(played).toMatchObject({ problem: "", texts: ["An answer"] });
  });

  // maximhq/bifrost#1732, caozhiyuan/copilot-api#88
  test.each<[string, (Event | string)[]]>([
    ["no usage at first", [{ ...begin, message: { id: "m" } }, ...words(), ...end("end_turn")]],
    ["no usage at last", [begin, ...words(), ...end("end_turn", { usage: undefined })]],
    ["null as its usage", [begin, ...words(), ...end("end_turn", { usage: null })]],
    [
      "a number as its id",
      [{ ...begin, message: { ...begin.message, id: 5 } }, ...words(), ...end("end_turn")],
    ],
    ["an index as text", [begin, ...words("An answer", "0"), ...end("end_turn")]],
    ["no beginning", [...words(), ...end("end_turn")]],
    ["no beginning of its block", [begin, said, ...end("end_turn")]],
    [
      "its text where the block begins",
      [begin, ...block({ type: "text", text: "An answer" }, []), ...end("end_turn")],
    ],
    [
      "a block of its own",
      [
        begin,
        ...block({ type: "note", x: 1 }, [odd.delta]),
        ...words("An answer", 1),
        ...end("end_turn"),
      ],
    ],
    ["a delta of its own", [begin, start, odd, said, stop, ...end("end_turn")]],
    [
      "an unknown citation",
      [begin, start, { ...odd, delta: citation }, said, stop, ...end("end_turn")],
    ],
    [
      "a tool that the server ran",
      [
        begin,
        ...block({ type: "server_tool_use", id: "s", name: "web_search", input: {} }, []),
        ...words("An answer", 1),
        ...end("end_turn"),
      ],
    ],
    [
      "notes on the context",
      [
        begin,
        ...words(),
        ...end("end_turn", { context_management: { applied_edits: [{ type: "new" }] } }),
      ],
    ],
    [
      "pings",
      [begin, "data: ping\n\n", 'event: ping\ndata: ""\n\n', ...words(), ...end("end_turn")],
    ],
    ["no reason of its end", [begin, ...words(), ...end(null)]],
    // esengine/DeepSeek-Reasonix#8756
    ["no end after its reason", [begin, ...words(), ...end("end_turn").slice(0, 1)]],
    ["no index", [begin, ...words("An answer", undefined), ...end("end_turn")]],
  ])("with %s is read", async (_, given) => {
    expect(await play(...given)).toMatchObject({ problem: "", texts: ["An answer"] });
  });

  test("whose answer in one piece has null in place of a list is told as empty", async () => {
    const message = { type: "message", id: "m", role: "assistant", content: null, usage };
    const played = await raw.play((response) => answered(response, message));
    expect(played.problem).toMatch(/empty answer/);
  });

  test("with the whole answer in one piece is read", async () => {
    const content = [{ type: "text", text: "An answer" }];
    const message = {
      type: "message",
      id: "m",
      role: "assistant",
      content,
      stop_reason: "end_turn",
      usage,
    };
    const played = await raw.play((response) => answered(response, message));
    expect(played).toMatchObject({ problem: "", texts: ["An answer"] });
  });

  const call = { type: "tool_use", id: "toolu_1", name: "notes__go", input: {} };
  const json = [{ type: "input_json_delta", partial_json: '{"a":"1"}' }];

  // envoyproxy/ai-gateway#1465
  test.each<[string, object, object[]]>([
    ["where it begins", { ...call, input: { a: "1" } }, []],
    ["where it begins, as text", { ...call, input: '{"a":"1"}' }, []],
    ["where it begins and in deltas", { ...call, input: { a: "1" } }, json],
    ["in deltas after null", { ...call, input: null }, json],
    ["in deltas after nothing", { ...call, input: undefined }, json],
    [
      "in deltas that each repeat all before it",
      call,
      ['{"a"', '{"a":"1"}'].map((partial_json) => ({ type: "input_json_delta", partial_json })),
    ],
  ])("with a call's arguments %s runs it", async (_, content_block, deltas) => {
    const { calls, problem } = await play(
      begin,
      ...block(content_block, deltas),
      ...end("tool_use"),
    );
    expect({ calls, problem }).toEqual({ calls: one, problem: "" });
  });

  test.each([
    ["another index", block(call, []).slice(0, 1), 1],
    ["the index of a block that ended", block(call, []), 0],
  ])("with a call's arguments under %s runs it with them", async (_, given, index) => {
    const args = { type: "content_block_delta", index, delta: json[0] };
    const { calls, problem } = await play(begin, ...given, args, ...end("tool_use"));
    expect({ calls, problem }).toEqual({ calls: one, problem: "" });
  });

  // earendil-works/pi#9681, mastra-ai/mastra#14187
  test.each([
    ["words", words()],
    ["nothing", []],
  ])("that ends for a call but has %s alone is not complete", async (_, given) => {
    const { problem, requests } = await play(begin, ...given, ...end("tool_use"));
    expect(problem).toMatch(/announced a tool call but sent none|empty answer/);
    expect(requests).toHaveLength(1);
  });

  test.each<[unknown]>([
    [{ type: "overloaded_error", message: "Overloaded" }],
    ["Overloaded"],
    [{ type: "overloaded_error", message: null }],
  ])("with the failure %j inside a stream is told for what it is", async (error) => {
    expect((await play(begin, start, said, { type: "error", error })).problem).toMatch(/temporary/);
  });

  test("that pauses an answer does not show it as complete", async () => {
    expect((await play(begin, ...words(), ...end("pause_turn"))).problem).toMatch(/early/);
  });
});

describe("OpenAI's Responses API, as others speak it", () => {
  beforeAll(() => {
    const { modelEnv } = raw.chat.ctx;
    raw.chat.ctx.modelEnv = { ...modelEnv, aiModel: "openai/gpt-5", openaiApiKey: "k" };
  });

  const usage = { input_tokens: 1, output_tokens: 1 };
  const created = { type: "response.created", response: { id: "r", created_at: 1, model: "m" } };
  const item = { type: "message", id: "msg_1" };
  const added = { type: "response.output_item.added", output_index: 0, item };
  const ended = { ...added, type: "response.output_item.done" };
  const delta = (text: string) => ({
    type: "response.output_text.delta",
    item_id: "msg_1",
    delta: text,
  });
  const completed = { type: "response.completed", response: { usage } };
  const textDone = { type: "response.output_text.done", item_id: "msg_1", text: "An answer" };
  const content = [{ type: "output_text", text: "An answer" }];
  const whole = { ...item, role: "assistant", content };
  const play = (...given: (Event | string)[]) =>
    raw.play(
      until("function_call_output", given, [created, added, delta("Done."), ended, completed]),
    );

  test("a connection that stays open afterwards holds up no answer", async () => {
    const played = await raw.play(leftOpen(created, added, delta("An answer"), ended, completed));
    expect(played).toMatchObject({ problem: "", texts: ["An answer"] });
  });

  // CherryHQ/cherry-studio#20940
  test.each<[string, Event[]]>([
    [
      "no time of its beginning",
      [{ ...created, response: { id: "r" } }, added, delta("An answer"), ended, completed],
    ],
    ["no beginning of its text", [created, delta("An answer"), completed]],
    [
      "an event of its own",
      [created, { type: "response.note.delta", x: 1 }, added, delta("An answer"), ended, completed],
    ],
    [
      "an item of its own",
      [
        created,
        { ...added, item: { type: "note", id: "n" } },
        added,
        delta("An answer"),
        ended,
        completed,
      ],
    ],
    [
      "a tool that the server ran",
      [
        created,
        { ...added, item: { type: "web_search_call", id: "w" } },
        added,
        delta("An answer"),
        ended,
        completed,
      ],
    ],
    [
      "an unknown annotation",
      [
        created,
        added,
        delta("An answer"),
        { type: "response.output_text.annotation.added", annotation: { type: "note" } },
        ended,
        completed,
      ],
    ],
    [
      "null as its usage",
      [created, added, delta("An answer"), ended, { ...completed, response: { usage: null } }],
    ],
    // agentgateway/agentgateway#2281, diegosouzapw/OmniRoute#13693
    ["its text at its end alone", [created, added, textDone, ended, completed]],
    ["its text in the item alone", [created, { ...ended, item: whole }, completed]],
    ["its text in the response alone", [created, { ...completed, response: { output: [whole] } }]],
    [
      "its text in each of them",
      [
        ...[created, added, delta("An answer"), textDone, { ...ended, item: whole }],
        { ...completed, response: { output: [{ ...whole, id: "msg_2" }] } },
      ],
    ],
    [
      "an end of its text before the last piece",
      [created, added, delta("An "), ended, delta("answer"), completed],
    ],
    [
      "an end by another name",
      [created, added, delta("An answer"), ended, { ...completed, type: "response.done" }],
    ],
    // EricLBuehler/mistral.rs#1944
    [
      "another id in each event",
      [
        ...[created, added, { ...delta("An answer"), item_id: "msg_2" }],
        { ...ended, item: { ...whole, id: "msg_3" } },
        { ...completed, response: { output: [{ ...whole, id: "msg_4" }] } },
      ],
    ],
  ])("with %s is read", async (_, given) => {
    expect(await play(...given)).toMatchObject({ problem: "", texts: ["An answer"] });
  });

  test("whose answer in one piece has null in place of a list is told as empty", async () => {
    const body = { id: "r", object: "response", status: "completed", output: null };
    const played = await raw.play((response) => answered(response, body));
    expect(played.problem).toMatch(/empty answer/);
  });

  test("with the whole answer in one piece is read", async () => {
    const body = { id: "r", object: "response", output: [whole] };
    const played = await raw.play((response) => answered(response, body));
    expect(played).toMatchObject({ problem: "", texts: ["An answer"] });
  });

  const call = { type: "function_call", id: "fc_1", call_id: "call_1", name: "notes__go" };
  const called = { ...ended, item: { ...call, arguments: '{"a":"1"}' } };
  const empty = { ...call, arguments: "" };
  const argsDelta = { type: "response.function_call_arguments.delta", item_id: "fc_1" };
  const argsDone = { ...argsDelta, type: "response.function_call_arguments.done" };

  // Portkey-AI/portkey-python-sdk#421, lidge-jun/opencodex#4652, HEXUXIU/M365-Copilot2API#77
  test.each<[string, Event[]]>([
    ["no status", [{ ...added, item: empty }, called]],
    ["no beginning", [called]],
    ["an object as its arguments", [{ ...ended, item: { ...call, arguments: { a: "1" } } }]],
    [
      "no end",
      [
        { ...added, item: empty },
        { ...argsDelta, output_index: 0, delta: '{"a":"1"}' },
      ],
    ],
    [
      "its arguments at their end alone",
      [
        { ...added, item: empty },
        { ...argsDone, arguments: '{"a":"1"}' },
        { ...ended, item: empty },
      ],
    ],
    [
      "another id in each event",
      [
        { ...added, item: empty },
        { ...argsDelta, item_id: "fc_2", output_index: 0, delta: '{"a":' },
        { ...argsDelta, item_id: "fc_3", output_index: 0, delta: '"1"}' },
        { ...ended, item: empty },
      ],
    ],
    [
      "its arguments at their end, under another id",
      [
        { ...added, item: empty },
        { ...argsDone, item_id: "fc_2", arguments: '{"a":"1"}' },
      ],
    ],
    [
      "its name at its end alone",
      [{ ...added, item: { ...empty, name: "", call_id: "" } }, called],
    ],
    [
      "its place in the response alone",
      [{ ...completed, response: { usage, output: [called.item] } }],
    ],
    [
      "another id in the response",
      [called, { ...completed, response: { output: [{ ...called.item, id: "fc_2" }] } }],
    ],
  ])("with a call that has %s runs it once", async (_, given) => {
    const { calls, problem } = await play(created, ...given, completed);
    expect({ calls, problem }).toEqual({ calls: one, problem: "" });
  });

  test("with a call that lacks its end in an answer that lacks its own runs nothing", async () => {
    const incomplete = { incomplete_details: { reason: "max_output_tokens" } };
    const args = { ...argsDelta, output_index: 0, delta: '{"a":"1"}' };
    const end = { type: "response.incomplete", response: incomplete };
    const { calls, problem } = await play(created, { ...added, item: empty }, args, end);
    expect(calls).toEqual([]);
    expect(problem).toMatch(/length limit/);
  });

  test("returns reasoning that only OpenAI can read, with its call", async () => {
    const sealed = { type: "reasoning", id: "rs_1", encrypted_content: "sealed", summary: [] };
    const reasoned = { ...ended, item: sealed };
    const { calls, requests } = await play(created, reasoned, called, completed);
    expect(calls).toEqual(one);
    expect(JSON.stringify(requests.at(-1)?.input)).toContain('"encrypted_content":"sealed"');
  });

  test("that says that it ends, but not how, is complete", async () => {
    const parts = events(created, added, delta("An answer"), ended, "data: [DONE]\n\n");
    const played = await raw.play((response) => streamed(response, ...parts));
    expect(played).toMatchObject({ problem: "", texts: ["An answer"] });
  });

  const limited = { code: "rate_limit_exceeded", message: "Rate limit reached" };

  test.each<[string, Event]>([
    ["a response that failed", { type: "response.failed", response: { error: limited } }],
    ["an event", { type: "error", ...limited }],
    ["an error within an event", { type: "error", error: { type: "tokens", ...limited } }],
  ])("with a failure as %s is told for what it is", async (_, event) => {
    expect((await play(created, event)).problem).toMatch(/too many requests/);
  });
});
