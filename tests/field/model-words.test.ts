import { describe, expect, test } from "vitest";
import {
  answered,
  chunk,
  delta,
  done,
  rawModelChat,
  streamed,
  said as usual,
} from "@/tests/support/raw-model-chat";

const raw = rawModelChat();

/** A refusal as HTTP has it, and how often it was requested. */
async function refusal(
  status: number,
  error: object,
  { headers = {}, modelRetries = 0 }: { headers?: object; modelRetries?: number } = {},
) {
  raw.chat.ctx.timing = { ...raw.chat.ctx.timing, modelRetries };
  const { problem, requests } = await raw.play((response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, String(value));
    answered(response, { error }, { status });
  });
  return { problem, asked: requests.length };
}

async function inStream(...events: string[]) {
  return (await raw.play((response) => streamed(response, ...events))).problem;
}

describe("two things that a provider says", () => {
  // MoonshotAI/kimi-cli#2475
  const schema =
    "tools.function.parameters is not a valid moonshot flavored json schema, details: <At path 'root': schema exceeds maximum allowed size>";

  test.each([
    ["the message repeated in the body", { message: schema, type: "invalid_request_error" }],
    ["a message and a parameter", { message: "Invalid schema: over the limit", param: "tools[0]" }],
    ["a parameter and a message", { param: "size limit", message: "tools.0.custom: too deep" }],
    [
      "a message and the words behind a gateway",
      { message: "Invalid schema: over the limit", metadata: { raw: '{"param":"tools"}' } },
    ],
    [
      "a body within a message",
      { message: `400 {"error":{"message":"Invalid schema: over the limit","param":"tools"}}` },
    ],
    [
      "a body in Python's notation within a message",
      { message: "400 - {'error': {'message': 'Invalid schema: at most', 'param': 'tools'}}" },
    ],
  ])("are not read as one sentence: %s", async (_, error) => {
    const { problem } = await refusal(400, error);
    expect(problem).toMatch(/refused the description of a tool/);
  });

  test("are not read as one sentence in a stream", async () => {
    const error = { message: "Invalid schema: over the limit", param: "tools" };
    expect(await inStream(chunk({ error }), done)).toMatch(/refused the description of a tool/);
  });

  test("still say what one of them says", async () => {
    const error = { message: "Bad request", details: "At most 128 tools may be given" };
    expect((await refusal(400, error)).problem).toMatch(/more than the model takes/);
  });
});

describe("an error in a stream, in words that Usher does not know,", () => {
  const said = { message: "The gnome is asleep", code: "gnome_asleep" };
  const event = (given: object) => `data: ${JSON.stringify(given)}\n\n`;
  const began = delta({ content: "Half an" });

  test.each([
    ["an error object", event({ error: said }), "gnome_asleep"],
    ["one without a code", event({ error: { message: said.message } }), ""],
    ["one with more than its words", event({ error: { ...said, metadata: { a: 1 } } }), "gnome"],
    ["a text", event({ error: said.message }), ""],
    ["a list", event({ errors: [said] }), ""],
    ["a status", event({ error: { ...said, status: 418 } }), "418, gnome_asleep"],
    ["after words of an answer", began + event({ error: said }), "gnome_asleep"],
  ])("is quoted like one of a refused request: %s", async (_, events, code) => {
    const problem = await inStream(events, done);
    expect(problem).toMatch(/It said: “The gnome is asleep”/);
    expect(problem).toContain(code);
  });

  test("leaves out the tool whose description it refuses", async () => {
    const message = "Invalid schema for function 'notes__go': In context=(), schema is too odd.";
    const { problem, requests } = await raw.play((response, { tools }) =>
      JSON.stringify(tools).includes("notes__go")
        ? streamed(response, event({ error: { message } }), done)
        : streamed(response, ...usual),
    );
    expect({ problem, asked: requests.length }).toEqual({ problem: "", asked: 2 });
  });

  test("shows no key that it repeats", async () => {
    const error = { message: "The gnome took sk-live-4f8a9b2c1d3e5f60718293a4b5c6d7e8" };
    const problem = await inStream(event({ error }), done);
    expect(problem).toMatch(/It said: “The gnome took …”/);
  });

  test.each([
    ["a connection that ends", [began]],
    ["half an event", [began, 'data: {"choices":[{"delta":{"content":"gnome"']],
    ["no words", [began, event({ error: { message: "" } })]],
  ])("is not seen in an answer that broke off with %s", async (_, events) => {
    const problem = await inStream(...events);
    expect(problem).toMatch(/broke off|early/);
    expect(problem).not.toContain("gnome");
  });

  test("is not seen in an answer whose connection is cut", async () => {
    const { problem, texts } = await raw.play((response) => {
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      response.write(began, () => setTimeout(() => response.destroy(), 50));
    });
    expect({ problem, texts }).toEqual({
      problem: expect.stringMatching(/broke off/),
      texts: ["Half an"],
    });
  });

  // langchain-ai/langchain#39039
  describe.each(["", "Half an answer"])("after the words %j,", (text) => {
    const anthropic = (error: object) => {
      const block = {
        type: "content_block_start",
        index: 0,
        content_block: { type: "text", text },
      };
      return [block, { type: "error", error }];
    };
    const openai = (error: object) => {
      const words = { type: "response.output_text.delta", item_id: "a", delta: text };
      return [words, { type: "response.failed", response: { status: "failed", error } }];
    };

    test.each([
      ["anthropic/claude-x", anthropic],
      ["openai/gpt-x", openai],
    ])("is told without a status that nobody sent, by %s", async (aiModel, eventsOf) => {
      const { ctx } = raw.chat;
      const { modelEnv, timing } = ctx;
      ctx.modelEnv = { ...modelEnv, aiModel, anthropicApiKey: "k", openaiApiKey: "k" };
      ctx.timing = { ...timing, modelRetries: 0 };
      const told = async (error: object) => {
        const [words = {}, failure = {}] = eventsOf(error);
        return inStream(text === "" ? "" : event(words), event(failure));
      };
      const known = await told({ code: "server_error", type: "server_error", message: "Failed." });
      const unknown = await told({ ...said, type: "gnome_asleep" });
      Object.assign(ctx, { modelEnv, timing });
      expect(known).toMatch(/temporary problem \(server_error\)/);
      expect(unknown).toMatch(/\(gnome_asleep\)\. It said: “The gnome is asleep”/);
    });
  });
});

describe("a quota that is used up", () => {
  // 14790897/MiqroForge-Desktop#1190, apache/rocketmq-dashboard#2178
  const consumer = {
    message: "Token quota exhausted, please contact the administrator",
    code: "consumer_token_quota_exceeded",
    type: "quota_exceeded",
  };
  const inWords = [
    "quota exceeded",
    "Quota has been used up.",
    "You have reached your daily request limit.",
    "Your monthly allowance is exhausted.",
    "The token allocation of this account has run out",
    "Monthly limit reached, upgrade your plan",
    "Your plan's limit for this month has been reached",
    "You have used all of your free requests for today.",
    "No remaining quota for this model",
    "The account's quota is not enough for this request",
    "Exceeded the allotted quota: 1000 of 1000",
    "5-hour usage limit hit",
    "You are out of tokens until tomorrow",
    "Weekly token quota depleted",
    "This key has exceeded its monthly spend",
    "You've used up your allotted tokens",
    "Request quota: 0 remaining",
    "该令牌额度已用尽",
  ].map((message) => ({ message }));
  const codes = ["QuotaExceeded", "quota_exhausted", "daily_limit_reached"].map((code) => ({
    message: "No.",
    code,
  }));

  test.each([consumer, ...inWords, ...codes])("is told as a limit: %j", async (error) => {
    for (const status of [429, 403, 400]) {
      const { problem, asked } = await refusal(status, error, { modelRetries: 1 });
      expect(problem).toMatch(/reached its usage or spending limit/);
      expect(asked).toBe(1);
    }
    expect(await inStream(chunk({ error }), done)).toMatch(/reached its usage or spending limit/);
  });

  test("is told with the hours to wait", async () => {
    const error = { message: "Daily quota exceeded. Try again in 5 hours." };
    expect((await refusal(429, error)).problem).toMatch(/limit \(429\)\. Wait 5 hours, or ask/);
  });

  // BerriAI/litellm#37599
  const behind =
    'litellm.BadRequestError: AnthropicException - b\'{"type":"error","error":{"type":"invalid_request_error","message":"You have reached your specified API usage limits. You will regain access on 2026-09-01 at 00:00 UTC."},"request_id":"req_1"}\'. Received Model Group=m';

  test.each([
    [behind, "until 2026-09-01 at 00:00 UTC"],
    [
      "Usage limit reached. Your limit will reset at 2026-01-05 03:22:11",
      "until 2026-01-05 03:22:11",
    ],
    [
      "You've hit your usage limit, try again at Oct 27th, 2026 11:29 AM.",
      "until Oct 27th, 2026 11:29 AM",
    ],
    ["You've hit your limit · resets 3am (Europe/Berlin)", "until 3am (Europe/Berlin)"],
    ["Monthly quota exceeded. It renews on 1 December 2026.", "until 1 December 2026"],
    ["Monthly quota exceeded. Resets in 20 days.", "a day or longer"],
    ["Monthly quota exceeded.", "until it resets"],
  ])("is told with its end: %s", async (message, told) => {
    for (const status of [429, 400]) {
      expect((await refusal(status, { message })).problem).toContain(`Wait ${told}, or ask`);
    }
  });

  test("for a short time is told with its end too", async () => {
    const error = { message: "Rate limit reached. It resets at 14:05 UTC." };
    expect((await refusal(429, error)).problem).toContain("Wait until 14:05 UTC, then retry");
  });

  test.each([
    "Your credits are exhausted",
    "All credits have been used up",
    "You ran out of credit. Add credits to go on",
    "Credit quota exceeded",
  ])("of credit is told as one: %s", async (message) => {
    for (const status of [429, 403]) {
      const { problem, asked } = await refusal(status, { message }, { modelRetries: 1 });
      expect(problem).toMatch(/no credit left/);
      expect(asked).toBe(1);
    }
  });

  test.each([
    ["Quota exceeded for requests per minute", {}],
    ["Quota exceeded for metric generate_content_requests_per_minute", {}],
    ["Token quota exceeded. Please retry in 30s", {}],
    ["Quota exceeded, try again in 2 minutes", {}],
    ["Quota exceeded", { "Retry-After": "30" }],
    ["Rate limit: quota exceeded", {}],
    ["Resource has been exhausted (e.g. check quota).", {}],
  ])("for a short time is told as too many requests: %s %j", async (message, headers) => {
    expect((await refusal(429, { message }, { headers })).problem).toMatch(/too many requests/);
  });

  test.each([
    ["The prompt exceeds the maximum number of tokens", /too long/],
    ["Maximum tools limit reached. 219 tools have been provided", /tools/],
    ["The thinking budget exceeds max_tokens", /refused the request|too long/],
    ["You have reached the limit of 5 images", /refused the request|images/],
    ["Prompt tokens exceed the account's context limit", /too long/],
    ["This request needs a quota project", /refused the request/],
  ])("is not read from other limits: %s", async (message, told) => {
    const { problem } = await refusal(400, { message });
    expect(problem).toMatch(told);
    expect(problem).not.toMatch(/usage or spending limit|credit/);
  });
});
