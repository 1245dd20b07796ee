import { describe, expect, test } from "vitest";
import { answered, chunk, done, rawModelChat, streamed } from "@/tests/support/raw-model-chat";

const raw = rawModelChat();

/** A refusal as HTTP has it, and how often it was requested. */
async function refusal(status: number, error: object, headers: Record<string, string> = {}) {
  const { problem, requests } = await raw.play((response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
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
