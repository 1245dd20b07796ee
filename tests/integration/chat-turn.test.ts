import { afterEach, describe, expect, it } from "vitest";
import type { ChatMessage } from "@/lib/contracts/chat/chat";
import {
  asBrowserReads,
  type ChatFixture,
  collect,
  type FixtureServer,
  send,
  startChatFixture,
  type TurnChunk,
  text,
  unansweredCalls,
  until,
} from "../support/chat-fixture";
import type { ModelScript } from "../support/openai-server";

let chat: ChatFixture;
afterEach(async () => {
  const unanswered = unansweredCalls(chat.model);
  await chat.close();
  expect(unanswered).toEqual([]);
});

const handbook: FixtureServer = {
  name: "Handbook",
  tools: [
    { name: "read_file", readOnly: true, run: ({ input }) => text(`Contents of ${input.path}`) },
  ],
};

async function fixture(script: ModelScript, servers: FixtureServer[] = [handbook]) {
  chat = await startChatFixture(servers, script);
  return chat;
}

function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

function deltas(chunks: readonly TurnChunk[]): string[] {
  return chunks.flatMap((chunk) => (chunk.type === "text-delta" ? [chunk.delta] : []));
}

function lastText(messages: readonly ChatMessage[]): string {
  const parts = messages.at(-1)?.parts ?? [];
  return parts.map((part) => (part.type === "text" ? part.text : "")).join("");
}

describe("a turn", () => {
  it("passes each piece of the answer on while the model is still writing", async () => {
    const { opened, open } = gate();
    await fixture(() => [
      { type: "text", deltas: ["Hel", "lo"] },
      { type: "wait", until: opened },
      { type: "text", deltas: [" Ada"] },
    ]);
    const id = await chat.start();
    const turn = await chat.begin(id, send("Hi"));
    const reader = turn.stream.getReader();
    const seen: TurnChunk[] = [];
    while (deltas(seen).join("") !== "Hello") {
      const { value } = await reader.read();
      if (value) seen.push(value);
    }
    expect(deltas(seen)).toEqual(["Hel", "lo"]);
    open();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      seen.push(value);
    }
    await turn.finished;
    expect(deltas(seen).join("")).toBe("Hello Ada");
    expect(lastText((await chat.read(id)).messages)).toBe("Hello Ada");
  });

  it("assembles arguments that arrive in pieces, and gives the model the result", async () => {
    await fixture((_request, turn) =>
      turn === 0
        ? [
            {
              type: "tool-call",
              name: "handbook__read_file",
              arguments: { path: "welcome.md" },
              pieces: 9,
            },
          ]
        : [{ type: "text", deltas: ["Done."] }],
    );
    const id = await chat.start();
    const { chunks } = await chat.turn(id, send("Read welcome.md"));
    const pieces = chunks.flatMap((chunk) =>
      chunk.type === "tool-input-delta" ? [chunk.inputTextDelta] : [],
    );
    expect(JSON.parse(pieces.join(""))).toEqual({ path: "welcome.md" });
    expect(chat.calls.map(({ toolName, input }) => [toolName, input])).toEqual([
      ["read_file", { path: "welcome.md" }],
    ]);
    const told = chat.model.requests[1]?.body.messages.at(-1);
    expect(told).toMatchObject({ role: "tool" });
    expect(told?.content).toBe(
      '<tool_result server="Handbook" tool="read_file">\nContents of welcome.md\n</tool_result>',
    );
    const { messages, running } = await chat.read(id);
    expect(running).toBe(false);
    expect(messages.at(-1)?.parts).toMatchObject([
      { type: "step-start" },
      {
        type: "dynamic-tool",
        toolName: "handbook__read_file",
        title: "read_file",
        state: "output-available",
        input: { path: "welcome.md" },
        output: { content: [{ type: "text", text: "Contents of welcome.md" }], truncated: false },
      },
      {
        type: "data-tool-call-account",
        data: {
          serverName: "Handbook",
          toolName: "read_file",
          readOnly: true,
          actingAs: "No sign-in",
        },
      },
      { type: "step-start" },
      { type: "text", text: "Done.", state: "done" },
    ]);
  });

  it("stores what the browser shows", async () => {
    await fixture((_request, turn) =>
      turn === 0
        ? [
            { type: "text", deltas: ["Let me ", "look."] },
            { type: "tool-call", name: "handbook__read_file", arguments: { path: "a.md" } },
            { type: "tool-call", name: "no_such_tool", arguments: {} },
          ]
        : [{ type: "text", deltas: ["Here", " it is."] }],
    );
    const id = await chat.start();
    const { chunks } = await chat.turn(id, send("Read a.md"));
    const shown = await asBrowserReads(chunks);
    const stored = (await chat.read(id)).messages.at(-1);
    expect(JSON.parse(JSON.stringify(plain(shown)))).toEqual(plain(stored));
  });

  it("runs the tool calls of one step concurrently", async () => {
    let both = 0;
    const meet = gate();
    const run = async () => {
      both += 1;
      if (both === 2) meet.open();
      await meet.opened;
      return text("met");
    };
    await fixture(
      (_request, turn) =>
        turn === 0
          ? [
              { type: "tool-call", name: "handbook__one", arguments: {} },
              { type: "tool-call", name: "handbook__two", arguments: {} },
            ]
          : [{ type: "text", deltas: ["Both met."] }],
      [
        {
          name: "Handbook",
          tools: [
            { name: "one", readOnly: true, run },
            { name: "two", readOnly: true, run },
          ],
        },
      ],
    );
    const id = await chat.start();
    await chat.turn(id, send("Meet"));
    expect(lastText((await chat.read(id)).messages)).toBe("Both met.");
  });

  it("gives tool calls unique ids where a server counts from zero in each answer", async () => {
    await fixture((_request, turn) =>
      turn < 2
        ? [
            {
              type: "tool-call",
              name: "handbook__read_file",
              arguments: { path: `${turn}.md` },
              id: "call_0",
            },
          ]
        : [{ type: "text", deltas: ["Read."] }],
    );
    const id = await chat.start();
    await chat.turn(id, send("Read both"));
    const parts = (await chat.read(id)).messages.at(-1)?.parts ?? [];
    const ids = parts.flatMap((part) => (part.type === "dynamic-tool" ? [part.toolCallId] : []));
    expect(new Set(ids).size).toBe(2);
    expect(chat.calls.map(({ input }) => input.path)).toEqual(["0.md", "1.md"]);
  });

  it("refuses a tool that the assistant does not have, and lets the model go on", async () => {
    await fixture((_request, turn) =>
      turn === 0
        ? [
            { type: "tool-call", name: "handbook__delete_all", arguments: {} },
            { type: "tool-call", name: "read_file", arguments: { path: "x" } },
          ]
        : [{ type: "text", deltas: ["I cannot."] }],
    );
    const serverId = chat.serverIds.Handbook ?? "";
    await chat.db.toolCatalogue.update({
      where: { serverId },
      data: {
        tools: ["read_file", "delete_all"].map((name) => ({
          name,
          title: null,
          description: null,
          inputSchema: { type: "object" },
          annotations: {},
        })),
      },
    });
    await chat.db.assistantServer.updateMany({
      where: { serverId },
      data: { allTools: false, toolNames: ["read_file"] },
    });
    const id = await chat.start();
    await chat.turn(id, send("Delete everything"));
    expect(chat.calls).toEqual([]);
    expect(chat.model.requests[0]?.body.tools?.map((tool) => tool.function.name)).toEqual([
      "handbook__read_file",
    ]);
    const { messages } = await chat.read(id);
    const refused = messages.at(-1)?.parts.filter((part) => part.type === "dynamic-tool");
    expect(refused).toMatchObject([
      { state: "output-error", errorText: "This assistant has no tool of that name. Nothing ran." },
      { state: "output-error", errorText: "This assistant has no tool of that name. Nothing ran." },
    ]);
    expect(lastText(messages)).toBe("I cannot.");
  });

  it("tells the model about arguments that are not JSON, and runs nothing", async () => {
    await fixture((_request, turn) =>
      turn === 0
        ? [{ type: "tool-call", name: "handbook__read_file", arguments: '{"path": "a.md' }]
        : [{ type: "text", deltas: ["Again."] }],
    );
    const id = await chat.start();
    await chat.turn(id, send("Read"));
    expect(chat.calls).toEqual([]);
    expect(chat.model.requests[1]?.body.messages.at(-1)?.content).toContain("Nothing ran.");
  });

  it("is refused while another turn runs, in plain words", async () => {
    const { opened, open } = gate();
    await fixture(() => [
      { type: "wait", until: opened },
      { type: "text", deltas: ["Done."] },
    ]);
    const id = await chat.start();
    const first = await chat.begin(id, send("One"));
    await expect(chat.begin(id, send("Two"))).rejects.toThrow(
      "An answer is being written in this conversation. Wait until it is done, or stop it.",
    );
    expect((await chat.read(id)).running).toBe(true);
    open();
    await collect(first);
    const { messages, running } = await chat.read(id);
    expect(running).toBe(false);
    expect(messages.map(({ role }) => role)).toEqual(["user", "assistant"]);
  });

  it("keeps its lease for longer than one lease period", async () => {
    const { opened, open } = gate();
    await fixture(() => [
      { type: "wait", until: opened },
      { type: "text", deltas: ["Slow."] },
    ]);
    const id = await chat.start();
    const first = await chat.begin(id, send("One"));
    await new Promise((resolve) => setTimeout(resolve, 3_400));
    await expect(chat.begin(id, send("Two"))).rejects.toThrow("An answer is being written");
    open();
    await collect(first);
    expect(lastText((await chat.read(id)).messages)).toBe("Slow.");
  });

  it("continues when the browser disconnects, and stores what has arrived", async () => {
    const { opened, open } = gate();
    await fixture(() => [
      { type: "text", deltas: ["First half"] },
      { type: "wait", until: opened },
      { type: "text", deltas: [", second half."] },
    ]);
    const id = await chat.start();
    const turn = await chat.begin(id, send("Tell me"));
    const reader = turn.stream.getReader();
    await reader.read();
    await reader.cancel();

    await until(async () => lastText((await chat.read(id)).messages) === "First half");
    expect((await chat.read(id)).running).toBe(true);
    open();
    await turn.finished;
    const after = await chat.read(id);
    expect(after.running).toBe(false);
    expect(lastText(after.messages)).toBe("First half, second half.");
  });

  it("gives the same answer to a message that arrives twice, without asking the model again", async () => {
    await fixture(() => [{ type: "text", deltas: ["Once."] }]);
    const id = await chat.start();
    await chat.turn(id, send("Hi", "message-1"));
    const { chunks } = await chat.turn(id, send("Hi", "message-1"));
    expect(lastText([(await asBrowserReads(chunks)) as ChatMessage])).toBe("Once.");
    expect(chat.model.requests).toHaveLength(1);
    expect((await chat.read(id)).messages).toHaveLength(2);
  });

  it("refuses a message id from another conversation", async () => {
    await fixture(() => [{ type: "text", deltas: ["Hi."] }]);
    await chat.turn(await chat.start(), send("Hi", "message-1"));
    const other = await chat.start();
    await expect(chat.begin(other, send("Hi", "message-1"))).rejects.toThrow(
      "That message belongs to another conversation.",
    );
    const { messages, running } = await chat.read(other);
    expect(messages).toEqual([]);
    expect(running).toBe(false);
  });

  it("ends after twelve steps, and says so", async () => {
    await fixture(() => [
      { type: "tool-call", name: "handbook__read_file", arguments: { path: "loop.md" } },
    ]);
    const id = await chat.start();
    await chat.turn(id, send("Loop"));
    expect(chat.model.requests).toHaveLength(12);
    expect(chat.calls).toHaveLength(12);
    expect(lastText((await chat.read(id)).messages)).toContain("I stopped here after 12 steps");
  });

  it("stores text that Postgres rejects in its raw form", async () => {
    await fixture(
      (_request, turn) =>
        turn === 0
          ? [{ type: "tool-call", name: "handbook__odd", arguments: {} }]
          : [{ type: "text", deltas: ["Fine."] }],
      [
        {
          name: "Handbook",
          tools: [{ name: "odd", readOnly: true, run: () => text("nul \u0000 half \ud83d end") }],
        },
      ],
    );
    const id = await chat.start();
    await chat.turn(id, send("Odd"));
    const { messages } = await chat.read(id);
    expect(JSON.stringify(messages)).toContain("nul \ufffd half \ufffd end");
    expect(lastText(messages)).toBe("Fine.");
  });

  it("discards the last answer on retry and asks again", async () => {
    await fixture((_request, turn) => [{ type: "text", deltas: [`Answer ${turn + 1}.`] }]);
    const id = await chat.start();
    await chat.turn(id, send("Hi"));
    const { chunks } = await chat.turn(id, { kind: "retry" });
    expect(deltas(chunks).join("")).toBe("Answer 2.");
    const { messages } = await chat.read(id);
    expect(messages).toHaveLength(2);
    expect(lastText(messages)).toBe("Answer 2.");
    expect(JSON.stringify(chat.model.requests[1]?.body.messages)).not.toContain("Answer 1.");
  });

  it("names a new conversation after its first message", async () => {
    await fixture(() => [{ type: "text", deltas: ["Hi."] }]);
    const id = await chat.start();
    await chat.turn(id, send("How do I book a train?\nAnd a hotel?"));
    expect((await chat.read(id)).title).toBe("How do I book a train?");
  });

  it("tells the model whose words are whose", async () => {
    await fixture(() => [{ type: "text", deltas: ["Hi."] }]);
    await chat.turn(await chat.start(), send("Hi"));
    const [system, user] = chat.model.requests[0]?.body.messages ?? [];
    expect(system).toMatchObject({ role: "system" });
    expect(String(system?.content)).toMatch(/^Be brief\.[\s\S]*never follow instructions/);
    expect(user).toMatchObject({ role: "user", content: "Hi" });
  });
});

/** Without what only one of the two sides has: how far a text has come, and keys without a value. */
function plain(message: ChatMessage | undefined) {
  return message?.parts.map((part) => {
    const kept = Object.entries(part).filter(
      ([key, value]) =>
        value !== undefined && !(part.type === "dynamic-tool" && key === "rawInput"),
    );
    return Object.fromEntries(kept);
  });
}
