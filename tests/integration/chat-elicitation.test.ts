import { afterEach, describe, expect, it } from "vitest";
import { askingTools, contractTool } from "@/demo/mcp-server/asking-tools";
import type { ChatContext, ToolCallRequest } from "@/lib/chat/context";
import { readConversation } from "@/lib/chat/conversations";
import { answerInput } from "@/lib/chat/input/answer-input";
import { openInput } from "@/lib/chat/input/sealed-input";
import { decidePausedToolCall } from "@/lib/chat/tool-calls/decide-paused-tool-call";
import { callOutcomeWords } from "@/lib/chat/tool-calls/tool-result";
import type { ConversationDetail } from "@/lib/contracts/chat/chat";
import type { InputAnswer, InputRequiredPart } from "@/lib/contracts/elicitation/elicitation";
import type { ToolPolicy } from "@/lib/contracts/servers/tool-policy";
import { ConflictError, InvalidInputError, NotFoundError } from "@/lib/errors";
import {
  type ChatFixture,
  collect,
  send,
  startChatFixture,
  unansweredCalls,
  until,
} from "@/tests/support/chat-fixture";
import {
  fixtureConnections,
  httpTarget,
  type McpFixture,
  startMcpFixture,
} from "@/tests/support/mcp-fixture";

let chat: ChatFixture;
let server: McpFixture;
let connections: ReturnType<typeof fixtureConnections>;
let page = "https://calendar.example/sign-in";
const signed = new Set<string>();

afterEach(async () => {
  page = "https://calendar.example/sign-in";
  signed.clear();
  expect(unansweredCalls(chat.model)).toEqual([]);
  await chat.close();
  await connections.close();
  await server.close();
});

type Call = { name: string; input?: object };

/** A conversation whose model calls these tools of a real MCP server once, and then reports the results. */
async function start(speaks: "sessions" | "modern", ...calls: Call[]): Promise<string> {
  return startUnder("ALWAYS", speaks, ...calls);
}

async function startUnder(
  policy: ToolPolicy,
  speaks: "sessions" | "modern",
  ...calls: Call[]
): Promise<string> {
  server = await startMcpFixture({
    speaks,
    tools: (mcp) => {
      askingTools(mcp, page);
      contractTool(mcp, page, signed);
    },
  });
  connections = fixtureConnections();
  const run = ({ toolName: name, user: _, ...call }: ToolCallRequest) =>
    connections.callTool(httpTarget(server.url), { name, ...call });
  const names = ["book_room", "link_calendar", "file_contract"];
  chat = await startChatFixture(
    [{ name: "Rooms", tools: names.map((name) => ({ name, readOnly: false, policy, run })) }],
    ({ messages }, turn) => {
      if (turn === 0) {
        return calls.map(({ name, input = {} }) => ({
          type: "tool-call" as const,
          name: `rooms__${name}`,
          arguments: input,
        }));
      }
      const results = messages.filter(({ role }) => role === "tool").map(({ content }) => content);
      return [{ type: "text", deltas: ["I got: ", results.join(" | ")] }];
    },
  );
  return chat.start();
}

const booking: Call = { name: "book_room", input: { room: "Lovelace" } };
const calendar: Call = { name: "link_calendar" };
const filled = { day: "2026-12-01", people: 3, layout: "rows of chairs", coffee: true };

function prompts({ messages }: ConversationDetail): InputRequiredPart[] {
  return messages.flatMap(({ parts }) =>
    parts.flatMap((part) => (part.type === "data-input-required" ? [part.data] : [])),
  );
}

function told({ messages }: ConversationDetail): string {
  const parts = messages.at(-1)?.parts ?? [];
  return parts.map((part) => (part.type === "text" ? part.text : "")).join("");
}

async function answer(id: string, given: Partial<InputAnswer>, user = chat.ada) {
  const { pausedToolCalls } = await chat.read(id);
  const where = { conversationId: id, pausedToolCallId: pausedToolCalls[0]?.id ?? "" };
  const round = pausedToolCalls[0]?.input?.round ?? 0;
  const whole = { round, key: "answer", action: "accept" as const, ...given };
  return answerInput(chat.ctx, user, where, whole);
}

/** Runs the turn to its end, which in the older protocol comes after the answer. */
async function ask(id: string, ctx?: ChatContext) {
  return collect(await chat.begin(id, send("Go"), ctx));
}

async function goOn(id: string, speaks: "sessions" | "modern", finished: Promise<unknown>) {
  if (speaks === "modern") await chat.turn(id, { kind: "resume" });
  await finished;
  return chat.read(id);
}

const nothingSealed = { inputContentSealed: null, requestStateSealed: null };

const eras = ["modern", "sessions"] as const;

describe("a tool that runs only on a person's confirmation", () => {
  it("asks its server's question after the confirmation, and runs with both", async () => {
    const id = await startUnder("ASK", "modern", booking);
    const { pausedToolCalls } = await chat.turn(id, send("Go")).then(() => chat.read(id));
    expect(pausedToolCalls).toMatchObject([{ state: "AWAITING_CONFIRMATION", input: null }]);
    const where = { conversationId: id, pausedToolCallId: pausedToolCalls[0]?.id ?? "" };
    await decidePausedToolCall(chat.ctx, chat.ada, where, { decision: "run" });
    await chat.turn(id, { kind: "resume" });
    expect((await chat.read(id)).pausedToolCalls).toMatchObject([{ state: "AWAITING_INPUT" }]);

    await answer(id, { content: filled });
    await chat.turn(id, { kind: "resume" });
    expect(told(await chat.read(id))).toContain("Booked Lovelace on 2026-12-01 for 3.");
  });
});

describe.each(eras)("a server that asks in the middle of a call (%s)", (speaks) => {
  it("shows its form, and the call continues once with what was entered", async () => {
    const id = await start(speaks, booking);
    const finished = ask(id);
    // A call that waits on an open stream keeps its turn; otherwise the turn ends shortly after the question.
    await until(async () => {
      const { pausedToolCalls, running } = await chat.read(id);
      const asks = pausedToolCalls[0]?.state === "AWAITING_INPUT";
      return asks && running === (speaks === "sessions");
    });
    const before = await chat.read(id);
    expect(before.pausedToolCalls).toMatchObject([
      { state: "AWAITING_INPUT", input: { round: 1, answered: [] } },
    ]);
    expect(prompts(before)).toMatchObject([{ serverName: "Rooms", outcomes: {} }]);
    const [request] = Object.values(prompts(before)[0]?.requests ?? {});
    expect(request).toMatchObject({
      mode: "form",
      message: "When do you need Lovelace, and for how many?",
      fields: [
        { name: "day" },
        { name: "people", default: 4 },
        { name: "layout" },
        { name: "coffee" },
      ],
    });

    await answer(id, { content: filled });
    const after = await goOn(id, speaks, finished);
    expect(told(after)).toContain("Booked Lovelace on 2026-12-01 for 3.");
    expect(after.pausedToolCalls).toMatchObject([{ state: "DONE" }]);
    expect(prompts(after)).toMatchObject([{ outcomes: { answer: "accept" } }]);
    // The answer went to the server, and is stored nowhere.
    const kept = JSON.stringify([
      await chat.db.message.findMany(),
      await chat.db.pausedToolCall.findMany(),
      chat.model.requests.map(({ body }) => body),
    ]);
    expect(kept).not.toContain('"layout":"rows of chairs"');
    expect(after.pausedToolCalls).toHaveLength(1);
    expect(await chat.db.pausedToolCall.findFirst()).toMatchObject(nothingSealed);
  });

  it("has what was entered sealed, and the server's own state, until the call takes them", async () => {
    const id = await start(speaks, booking);
    // No one takes the answer: the older way would do so at once. Nor does anyone keep the turn between two polls.
    const patient = { ...chat.ctx, timing: { ...chat.ctx.timing, pollMs: 5_000, leaseMs: 60_000 } };
    const finished = ask(id, patient);
    await until(async () => (await chat.read(id)).pausedToolCalls[0]?.state === "AWAITING_INPUT");
    await answer(id, { content: filled });
    const row = await chat.db.pausedToolCall.findFirstOrThrow();
    const stored = JSON.stringify(row);
    expect(stored).not.toContain(filled.day);
    expect(stored).not.toContain("booking Lovelace");
    expect(row).toMatchObject({
      state: "INPUT_GIVEN",
      inputOutcomes: { answer: "accept" },
      inputContentSealed: expect.stringMatching(/^v1\./),
      requestStateSealed: speaks === "modern" ? expect.stringMatching(/^v1\./) : null,
    });
    expect(openInput(chat.ctx.keyring, row, "inputContentSealed", row.inputContentSealed)).toEqual({
      answer: filled,
    });
    if (speaks === "sessions") chat.ctx.turns.stop(id);
    await goOn(id, speaks, finished);
  });

  const refusal = speaks === "modern" ? "decline" : "cancel";
  it(`is told about a ${refusal}`, async () => {
    const id = await start(speaks, booking);
    const finished = ask(id);
    await until(async () => (await chat.read(id)).pausedToolCalls[0]?.state === "AWAITING_INPUT");
    await answer(id, { action: refusal, content: filled });
    expect(told(await goOn(id, speaks, finished))).toContain(`Not booked: ${refusal}.`);
  });

  it("accepts only a valid answer, once, and from the person in the chat", async () => {
    const id = await start(speaks, booking);
    const finished = ask(id);
    await until(async () => (await chat.read(id)).pausedToolCalls[0]?.state === "AWAITING_INPUT");
    const bad = answer(id, { content: { ...filled, people: 99, day: "tomorrow" } });
    await expect(bad).rejects.toMatchObject({
      fields: { people: "Enter 12 or less.", day: expect.stringContaining("date") },
    });
    await expect(bad).rejects.toBeInstanceOf(InvalidInputError);
    await expect(answer(id, { content: { ...filled, admin: true } })).rejects.toBeInstanceOf(
      InvalidInputError,
    );
    await expect(answer(id, { content: filled }, chat.bob)).rejects.toBeInstanceOf(NotFoundError);
    await expect(answer(id, { content: filled, round: 2 })).rejects.toBeInstanceOf(ConflictError);
    await expect(answer(id, { content: filled, key: "other" })).rejects.toBeInstanceOf(
      NotFoundError,
    );
    const twice = await Promise.allSettled([
      answer(id, { content: filled }),
      answer(id, { content: { ...filled, people: 5 } }),
    ]);
    expect(twice.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const people = twice[0]?.status === "fulfilled" ? 3 : 5;
    expect(told(await goOn(id, speaks, finished))).toContain(`on 2026-12-01 for ${people}.`);
    await expect(answer(id, { content: filled })).rejects.toBeInstanceOf(ConflictError);
    const sent = server.requests.filter(({ method }) => method === "tools/call");
    expect(sent).toHaveLength(speaks === "modern" ? 2 : 1);
  });

  it("may have a page opened if the person, who sees its host, agrees", async () => {
    const id = await start(speaks, calendar);
    const finished = ask(id);
    await until(async () => (await chat.read(id)).pausedToolCalls[0]?.state === "AWAITING_INPUT");
    const [request] = Object.values(prompts(await chat.read(id))[0]?.requests ?? {});
    expect(request).toMatchObject({ mode: "url", href: page, host: "calendar.example" });
    await answer(id, {});
    expect(told(await goOn(id, speaks, finished))).toContain("Linked.");
  });

  it("has no page opened that hides its host: it is declined, and the person told", async () => {
    page = "https://bank.example@evil.example/";
    const id = await start(speaks, calendar);
    await chat.turn(id, send("Go"));
    const detail = await chat.read(id);
    expect(told(detail)).toContain("Not linked: decline.");
    const [request] = Object.values(prompts(detail)[0]?.requests ?? {});
    expect(request).toMatchObject({ mode: "refused", reason: expect.stringContaining("not open") });
    expect(detail.pausedToolCalls).toMatchObject([{ state: "DONE" }]);
  });

  it("gets no answer from a person who writes a new message or stops", async () => {
    const id = await start(speaks, booking);
    const finished = ask(id);
    await until(async () => (await chat.read(id)).pausedToolCalls[0]?.state === "AWAITING_INPUT");
    if (speaks === "modern") {
      await finished;
      await chat.turn(id, send("Never mind"));
      const { messages } = await chat.read(id);
      expect(JSON.stringify(messages)).toContain(callOutcomeWords.inputUnanswered);
    } else {
      chat.ctx.turns.stop(id);
      await finished;
    }
    await expect(answer(id, { content: filled })).rejects.toBeInstanceOf(ConflictError);
    expect(await chat.db.pausedToolCall.count({ where: { state: "AWAITING_INPUT" } })).toBe(0);
  });
});

describe("a call that stays open for an answer", () => {
  it("takes the answer from another replica", async () => {
    const id = await start("sessions", booking);
    const finished = ask(id, chat.replica());
    await until(async () => (await chat.read(id)).pausedToolCalls[0]?.state === "AWAITING_INPUT");
    await answer(id, { content: filled });
    await finished;
    expect(told(await chat.read(id))).toContain("Booked Lovelace");
  });

  it("is cancelled if no one answers in time", async () => {
    const id = await start("sessions", booking);
    const hasty = { ...chat.ctx, timing: { ...chat.ctx.timing, answerMs: 200 } };
    await collect(await chat.begin(id, send("Go"), hasty));
    const detail = await chat.read(id);
    expect(told(detail)).toContain("Not booked: cancel.");
    expect(prompts(detail)).toMatchObject([{ outcomes: { answer: "expired" } }]);
    await expect(answer(id, { content: filled })).rejects.toBeInstanceOf(ConflictError);
  });

  it("can no longer be answered once its process is gone", async () => {
    const id = await start("sessions", booking);
    const turn = await chat.begin(id, send("Go"));
    await until(async () => (await chat.read(id)).pausedToolCalls[0]?.state === "AWAITING_INPUT");
    // As a crash leaves it: the lease is not renewed, and nothing is cleaned up.
    await chat.db.conversation.updateMany({ data: { turnUntil: new Date(0), turnId: "dead" } });
    const detail = await readConversation(chat.ctx, chat.ada, id);
    expect(detail.pausedToolCalls).toMatchObject([{ state: "RUNNING" }]);
    await expect(answer(id, { content: filled })).rejects.toBeInstanceOf(ConflictError);
    await turn.finished;
    await chat.turn(id, { kind: "resume" });
    expect(JSON.stringify((await chat.read(id)).messages)).toContain(callOutcomeWords.unknown);
  });

  it("is limited in the number of questions", async () => {
    const id = await start("sessions", booking);
    const insist = { ...chat.ctx, callTool: (call: ToolCallRequest) => askAgain(call) };
    const asked: string[] = [];
    async function askAgain(call: ToolCallRequest) {
      for (let count = 0; count < 14; count++) {
        const question = { mode: "url" as const, message: `${count}`, url: page };
        asked.push((await call.elicit(question, call.signal)).action);
      }
      return { content: [], isError: false, truncated: false };
    }
    const finished = collect(await chat.begin(id, send("Go"), insist));
    for (let round = 1; round <= 10; round++) {
      await until(async () => (await chat.read(id)).pausedToolCalls[0]?.input?.round === round);
      await answer(id, { action: "decline" });
    }
    await finished;
    expect(asked).toEqual([...Array(10).fill("decline"), ...Array(4).fill("cancel")]);
  });
});

describe("a server that refuses a call until a page has been opened", () => {
  const contract: Call = { name: "file_contract", input: { name: "lease" } };

  it("receives the same call again when the person confirms", async () => {
    const id = await start("sessions", contract);
    await chat.turn(id, send("Go"));
    expect((await chat.read(id)).pausedToolCalls).toMatchObject([{ state: "AWAITING_INPUT" }]);
    await answer(id, { key: "0" });
    // They said so too early: the server asks once more.
    await chat.turn(id, { kind: "resume" });
    expect((await chat.read(id)).pausedToolCalls).toMatchObject([{ input: { round: 2 } }]);
    signed.add("lease");
    await answer(id, { key: "0" });
    await chat.turn(id, { kind: "resume" });
    expect(told(await chat.read(id))).toContain("Filed lease.");
  });

  it("does not receive it when the person declines", async () => {
    const id = await start("sessions", contract);
    await chat.turn(id, send("Go"));
    await answer(id, { key: "0", action: "decline" });
    await chat.turn(id, { kind: "resume" });
    expect(JSON.stringify((await chat.read(id)).messages)).toContain(
      callOutcomeWords.inputDeclined,
    );
    expect(server.requests.filter(({ method }) => method === "tools/call")).toHaveLength(1);
  });
});
