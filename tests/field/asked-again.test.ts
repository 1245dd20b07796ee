import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import {
  answered,
  callOf,
  chunk,
  delta,
  done,
  pieces,
  rawModelChat,
  type SentRequest,
  said,
  streamed,
} from "@/tests/support/raw-model-chat";

const raw = rawModelChat();

function refused(response: ServerResponse, message: string, more: object = {}, status = 400) {
  answered(response, { error: { message, ...more } }, { status });
}

const rolesOf = ({ messages }: SentRequest): string =>
  messages.map(({ role }: { role: string }) => role).join();
const ran = ({ messages }: SentRequest) => rolesOf({ messages }).includes("tool");

describe("a request for a stream that an API refuses", () => {
  // earendil-works/pi#3739, n8n-io/n8n#14206, danny-avila/LibreChat#8877, RooCodeInc/Roo-Code#274
  test.each([
    "This model doesn't support tool use in streaming mode.",
    "The model is unsupported for streaming.",
    "Streaming is not supported with tools",
    "Unsupported value: 'stream' does not support true with this model. Only the default (false) value is supported.",
    "Your organization must be verified to stream this model.",
  ])("is made again for the answer in one piece: %s", async (words) => {
    const { calls, texts, problem } = await raw.play((response, body) => {
      if (body.stream) return refused(response, words);
      const message = ran(body) ? { content: "Done." } : { tool_calls: [callOf('{"a":"1"}')] };
      answered(response, { choices: [{ message: { role: "assistant", ...message } }] });
    });
    expect({ calls, texts, problem }).toEqual({
      calls: [{ a: "1" }],
      texts: ["Done."],
      problem: "",
    });
  });
});

describe("a call that its own server cannot read", () => {
  const failed = { code: "tool_use_failed", failed_generation: "<function=notes__go{" };
  const words = "Failed to call a function. Please adjust your prompt.";

  // pydantic/pydantic-ai#2774, huggingface/smolagents#1119, run-llama/llama_index#18971
  test.each([
    ["a refusal", (response: ServerResponse) => refused(response, words, failed)],
    [
      "a failure in the stream",
      (response: ServerResponse) =>
        streamed(response, chunk({ error: { message: words, ...failed } }), done),
    ],
    [
      "words about a tool",
      (response: ServerResponse) =>
        refused(
          response,
          "tool call validation failed: parameters for tool notes__go did not match schema",
        ),
    ],
  ])("is asked for once more, with the same tools, after %s", async (_, fail) => {
    const played = await raw.play((response, _body, n) =>
      n === 0 ? fail(response) : streamed(response, ...said),
    );
    expect(played).toMatchObject({ problem: "", texts: ["Done."], notices: [] });
    expect(played.requests.map(({ tools }) => tools.length)).toEqual([2, 2]);
  });

  test("twice is told for what it is", async () => {
    const { problem, requests } = await raw.play((response) => refused(response, words, failed));
    expect(problem).toMatch(/a tool call that its provider could not read/);
    expect(requests).toHaveLength(2);
  });
});

// NousResearch/hermes-agent#20154, zed-industries/zed#37021, mistralai/mistral-vibe#578
test.each([
  "Unexpected role 'user' after role 'tool'",
  "After the optional system message, conversation roles must alternate user and assistant roles except for tool calls and results.",
])(
  "a turn that ended after a tool's result has an answer for an API that wants one: %s",
  async (words) => {
    const { problem, texts, requests } = await raw.play(
      (response, body, n) => {
        if (n === 0)
          return streamed(response, pieces(callOf('{"a":"1"}')), delta({}, "tool_calls"), done);
        if (n === 1) return refused(response, "Internal error", {}, 500);
        if (rolesOf(body).includes("tool,user")) return refused(response, words);
        streamed(response, ...said);
      },
      "Go",
      "And?",
    );
    expect(texts).toEqual(["Done."]);
    expect(problem).toMatch(/temporary problem/);
    expect(requests).toHaveLength(4);
  },
);

test("tools are offered without tool_choice, which some APIs refuse", async () => {
  const { requests } = await raw.play((response) => streamed(response, ...said));
  expect(requests[0]).not.toHaveProperty("tool_choice");
});

describe("a conversation that is too long for the model", () => {
  const words = "request (9000 tokens) exceeds the available context size (4096 tokens)";

  test("is not sent again if nothing can be left out", async () => {
    const { problem, requests, notices } = await raw.play((response) => refused(response, words));
    expect(problem).toMatch(/too long for the model[\s\S]*Start a new one/);
    expect({ count: requests.length, notices }).toEqual({ count: 1, notices: [] });
  });
});
