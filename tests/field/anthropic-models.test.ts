import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { ConversationDetail } from "@/lib/contracts/chat/chat";
import { type ChatFixture, send, startChatFixture, text } from "@/tests/support/chat-fixture";

const png = `iVBORw0KGgo${"A".repeat(40)}`;
const jpeg = `/9j/${"A".repeat(40)}`;

let chat: ChatFixture;
let requests: { messages: { role: string; content: unknown }[] }[] = [];
let image = { type: "image", data: png, mimeType: "image/png" };

beforeAll(async () => {
  const look = () => ({ content: [image], isError: false, truncated: false });
  const tools = [
    { name: "go", readOnly: true, run: () => text("Went.") },
    { name: "look", readOnly: true, run: look },
  ];
  chat = await startChatFixture([{ name: "Notes", tools }], () => []);
  const { modelEnv } = chat.ctx;
  chat.ctx.modelEnv = { ...modelEnv, aiModel: "anthropic/claude-sonnet-4-5", anthropicApiKey: "k" };
});
afterEach(() => {
  chat.calls.length = 0;
  requests = [];
});
afterAll(() => chat.close());

type Event = { type: string; [field: string]: unknown };
type Answer = Event[] | { refuses: string; status?: number };

/** A conversation with Anthropic's API as far as its answers go. */
async function talk(answer: (body: string) => Answer, ...messages: string[]) {
  chat.ctx.modelFetch = async (_url, init) => {
    const body = String(init?.body);
    requests.push(JSON.parse(body));
    const given = answer(body);
    if (!Array.isArray(given)) {
      const error = { type: "invalid_request_error", message: given.refuses };
      return Response.json({ type: "error", error }, { status: given.status ?? 400 });
    }
    const lines = given.map((each) => `event: ${each.type}\ndata: ${JSON.stringify(each)}\n\n`);
    return new Response(lines.join(""), { headers: { "content-type": "text/event-stream" } });
  };
  const id = await chat.start();
  for (const message of messages.length > 0 ? messages : ["Go"]) await chat.turn(id, send(message));
  return chat.read(id);
}

const begin: Event = {
  type: "message_start",
  message: {
    id: "m",
    role: "assistant",
    content: [],
    usage: { input_tokens: 1, output_tokens: 1 },
  },
};
const end = (reason: string): Event[] => [
  { type: "message_delta", delta: { stop_reason: reason }, usage: { output_tokens: 1 } },
  { type: "message_stop" },
];
const block = (index: number, content_block: object, ...deltas: object[]): Event[] => [
  { type: "content_block_start", index, content_block },
  ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
  { type: "content_block_stop", index },
];
const words = (said: string, index = 0) =>
  block(index, { type: "text", text: "" }, { type: "text_delta", text: said });
const call = (name: string, index = 0) =>
  block(
    index,
    { type: "tool_use", id: "toolu_1", name, input: {} },
    { type: "input_json_delta", partial_json: "{}" },
  );
const done = [begin, ...words("Done."), ...end("end_turn")];
const hasResult = (body: string) => body.includes('"tool_result"');

function problem({ messages }: ConversationDetail): string {
  const parts = messages.flatMap(({ parts }) => parts);
  return parts.map((part) => (part.type === "data-turn-error" ? part.data.message : "")).join("");
}

function written({ messages }: ConversationDetail): string {
  const parts = messages.at(-1)?.parts ?? [];
  return parts.map((part) => (part.type === "text" ? part.text : "")).join("");
}

function notices({ messages }: ConversationDetail): string[] {
  const parts = messages.flatMap(({ parts }) => parts);
  return parts.flatMap((part) => (part.type === "data-turn-notice" ? part.data.message : []));
}

describe("Anthropic's stream", () => {
  // vercel/ai#19165, as another API has it
  test.each([
    ["in its words", words("The first half").slice(0, 2)],
    ["after its words", words("The first half")],
    ["after a call", call("notes__go")],
  ])("that is cut off %s is reported as such, and runs nothing", async (_, events) => {
    const detail = await talk((body) => (hasResult(body) ? done : [begin, ...events]));
    expect(problem(detail)).toMatch(/ended this answer early|broke off/);
    expect(chat.calls).toEqual([]);
  });

  // vercel/ai#13436
  test("with events that a gateway adds is read without them", async () => {
    const added = { type: "vertex_event", usage: { input_tokens: 9 } };
    const detail = await talk(() => [begin, ...words("An answer"), added, ...end("end_turn")]);
    expect(problem(detail)).toBe("");
    expect(written(detail)).toBe("An answer");
  });

  test.each([
    ["refusal", /filtered/],
    ["max_tokens", /length limit/],
    // turnstonelabs/turnstone#1162
    ["model_context_window_exceeded", /fills the model's context[\s\S]*Start a new one/],
  ])("that ends with %s is not shown as complete", async (reason, told) => {
    const detail = await talk(() => [begin, ...words("Half"), ...end(reason)]);
    expect(problem(detail)).toMatch(told);
  });
});

describe("a tool's image", () => {
  const look = (body: string) =>
    hasResult(body) ? done : [begin, ...call("notes__look"), ...end("tool_use")];

  // microsoft/playwright-mcp#1219, ChromeDevTools/chrome-devtools-mcp#583, llmsresearch/paperbanana#58
  test.each([
    ["image/jpeg", png, "image/png"],
    ["image/png", jpeg, "image/jpeg"],
    ["image/jpg", jpeg, "image/jpeg"],
    ["application/octet-stream", jpeg, "image/jpeg"],
  ])("named %s has the type of its bytes for the model", async (mimeType, data, media_type) => {
    image = { type: "image", data, mimeType };
    await talk(look);
    expect(JSON.stringify(requests.at(-1))).toContain(
      JSON.stringify({ type: "base64", media_type, data }),
    );
  });

  // microsoft/vscode#297841, kirodotdev/Kiro#10783, anthropics/claude-code#12009
  test.each([
    [
      400,
      "messages.2.content.0.image.source.base64.data: At least one of the image dimensions exceed max allowed size: 8000 pixels",
    ],
    [
      400,
      "messages.2.content.0.image.source.base64: image exceeds 5 MB maximum: 10053760 bytes > 5242880 bytes",
    ],
    [400, "Could not process image"],
    [413, "Request exceeds the maximum size"],
  ])(
    "that the model's API refuses does not end the conversation: %i %s",
    async (status, refuses) => {
      image = { type: "image", data: png, mimeType: "image/png" };
      const detail = await talk(
        (body) => (body.includes(png) ? { refuses, status } : look(body)),
        "Go",
        "And?",
      );
      expect(problem(detail)).toBe("");
      expect(written(detail)).toBe("Done.");
      expect(notices(detail)).toContainEqual(expect.stringContaining("refuses an image"));
      expect(JSON.stringify(requests.at(-1))).toContain("[image, image/png");
    },
  );
});

// vybestack/llxprt-code#2335, NousResearch/hermes-agent#24401, anomalyco/opencode#48637
test("reasoning that another model signed is left out once it is refused", async () => {
  const thinking = block(
    0,
    { type: "thinking", thinking: "" },
    { type: "thinking_delta", thinking: "Hm." },
    { type: "signature_delta", signature: "another-model" },
  );
  const refuses = "messages.1.content.0: Invalid `signature` in `thinking` block";
  const detail = await talk(
    (body) => {
      if (body.includes("another-model")) return { refuses };
      return hasResult(body) || body.includes("And?")
        ? done
        : [begin, ...thinking, ...call("notes__go", 1), ...end("tool_use")];
    },
    "Go",
    "And?",
  );
  expect(problem(detail)).toBe("");
  expect(written(detail)).toBe("Done.");
  expect(chat.calls).toHaveLength(1);
});

test("reasoning that only Anthropic can read goes back with its call", async () => {
  const sealed = { type: "redacted_thinking", data: "sealed" };
  await talk((body) =>
    hasResult(body)
      ? done
      : [begin, ...block(0, sealed), ...call("notes__go", 1), ...end("tool_use")],
  );
  expect(JSON.stringify(requests.at(-1)?.messages)).toContain(JSON.stringify(sealed));
});

// pydantic/pydantic-ai#5929, langgenius/dify#17545
test("a conversation goes on when its tools are gone, although the API wants those that it calls", async () => {
  let refuses = "";
  await talk((body) => {
    if (!hasResult(body)) return [begin, ...call("notes__go"), ...end("tool_use")];
    return body.includes('"tools"') ? done : { refuses };
  });
  expect(requests[0]).toMatchObject({ tools: [{ name: "notes__go" }, { name: "notes__look" }] });
  const { id } = await chat.db.conversation.findFirstOrThrow({ orderBy: { createdAt: "desc" } });
  await chat.db.assistantServer.deleteMany();
  for (refuses of [
    "The toolConfig field must be defined when using toolUse and toolResult content blocks.",
    "Requests which include `tool_use` or `tool_result` blocks must define tools",
  ]) {
    await chat.turn(id, send("And?"));
    const detail = await chat.read(id);
    expect(problem(detail)).toBe("");
    expect(written(detail)).toBe("Done.");
    expect(requests.at(-1)).toMatchObject({ tools: [{ name: "notes__go" }] });
  }
});
