import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { stopTurn } from "@/lib/chat/conversations";
import { decidePausedToolCall } from "@/lib/chat/tool-calls/decide-paused-tool-call";
import type { ConversationDetail, TurnInput } from "@/lib/contracts/chat/chat";
import { McpServerError, TryLaterError, UnreachableError } from "@/lib/errors";
import { bundledFile } from "../support/bundled-file";
import {
  type ChatFixture,
  type FixtureServer,
  modelKey,
  send,
  startChatFixture,
  text,
  unansweredCalls,
  until,
} from "../support/chat-fixture";
import type { ChatProcessOptions } from "../support/chat-process";
import type { ModelScript } from "../support/openai-server";

let chat: ChatFixture;
let children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  children = [];
  const unanswered = unansweredCalls(chat.model);
  await chat.close();
  expect(unanswered).toEqual([]);
});

const handbook: FixtureServer = {
  name: "Handbook",
  tools: [
    { name: "read_file", readOnly: true, run: () => text("Contents") },
    { name: "write_file", readOnly: false, policy: "ALWAYS", run: () => text("Saved") },
  ],
};

async function fixture(script: ModelScript, servers: FixtureServer[] = [handbook]) {
  chat = await startChatFixture(servers, script);
  return chat;
}

function errors({ messages }: ConversationDetail) {
  return messages.flatMap(({ parts }) =>
    parts.flatMap((part) => (part.type === "data-turn-error" ? [part.data] : [])),
  );
}

function answer({ messages }: ConversationDetail): string {
  const last = messages.at(-1)?.parts ?? [];
  return last.map((part) => (part.type === "text" ? part.text : "")).join("");
}

function calls({ messages }: ConversationDetail) {
  return messages.flatMap(({ parts }) =>
    parts.flatMap((part) => (part.type === "dynamic-tool" ? [part] : [])),
  );
}

describe("a model that fails", () => {
  const cases = [
    { status: 429, words: "too many requests (429" },
    { status: 500, words: "temporary problem (500" },
    { status: 401, words: "Ask an admin to check OPENAI_COMPATIBLE_API_KEY." },
    { status: 404, words: "does not know the model openai-compatible/practice-model" },
    { status: 400, words: "refused the request (400" },
  ];
  it.each(cases)("with $status is reported in plain words, and a retry continues", async (one) => {
    // Its text is not parsed for a reason, and quotes the key.
    const message = `Request of ${modelKey} ended.`;
    await fixture((_request, turn) =>
      turn === 0
        ? [{ type: "error", status: one.status, message }]
        : [{ type: "text", deltas: ["Here."] }],
    );
    const id = await chat.start();
    const { chunks } = await chat.turn(id, send("Hi"));
    expect(chunks.filter((chunk) => chunk.type === "error")).toEqual([]);
    const failed = await chat.read(id);
    expect(failed.running).toBe(false);
    expect(errors(failed)).toMatchObject([{ retryable: true }]);
    expect(errors(failed)[0]?.message).toContain(one.words);
    expect(JSON.stringify([failed, chunks])).not.toContain(modelKey);

    await chat.turn(id, { kind: "retry" });
    const healed = await chat.read(id);
    expect(errors(healed)).toEqual([]);
    expect(answer(healed)).toBe("Here.");
    expect(healed.messages).toHaveLength(2);
  });

  it("in the middle of its answer leaves what was written", async () => {
    await fixture((_request, turn) =>
      turn === 0
        ? [
            { type: "text", deltas: ["Half an ", "answer"] },
            { type: "pause", ms: 50 },
            { type: "drop" },
          ]
        : [{ type: "text", deltas: ["Whole."] }],
    );
    const id = await chat.start();
    await chat.turn(id, send("Hi"));
    const failed = await chat.read(id);
    expect(answer(failed)).toBe("Half an answer");
    expect(errors(failed)[0]?.message).toContain("broke off");
    await chat.turn(id, send("Go on"));
    expect(answer(await chat.read(id))).toBe("Whole.");
  });

  it("with an error in the stream is reported without the provider's text", async () => {
    await fixture(() => [
      { type: "text", deltas: ["Half"] },
      { type: "error", status: 500, message: `overloaded ${modelKey}` },
    ]);
    const id = await chat.start();
    await chat.turn(id, send("Hi"));
    const failed = await chat.read(id);
    expect(answer(failed)).toBe("Half");
    expect(errors(failed)).toHaveLength(1);
    expect(JSON.stringify(failed)).not.toContain("overloaded");
  });

  it("runs no call from an answer that was cut off", async () => {
    await fixture((_request, turn) =>
      turn === 0
        ? [
            { type: "tool-call", name: "handbook__write_file", arguments: { path: "a" } },
            { type: "pause", ms: 50 },
            { type: "drop" },
          ]
        : [{ type: "text", deltas: ["Fine."] }],
    );
    const id = await chat.start();
    await chat.turn(id, send("Save"));
    expect(chat.calls).toEqual([]);
    await chat.turn(id, send("And?"));
    expect(answer(await chat.read(id))).toBe("Fine.");
  });

  it("after a tool ran does not make a retry run the tool again", async () => {
    await fixture((_request, turn) => {
      if (turn === 0) {
        return [{ type: "tool-call", name: "handbook__write_file", arguments: { path: "a" } }];
      }
      return turn === 1
        ? [{ type: "error", status: 503 }]
        : [{ type: "text", deltas: ["Saved it."] }];
    });
    const id = await chat.start();
    await chat.turn(id, send("Save"));
    expect(errors(await chat.read(id))).toHaveLength(1);
    await chat.turn(id, { kind: "retry" });
    const healed = await chat.read(id);
    expect(errors(healed)).toEqual([]);
    expect(answer(healed)).toBe("Saved it.");
    expect(chat.calls).toHaveLength(1);
    expect(chat.model.requests.at(-1)?.body.messages.at(-1)).toMatchObject({ role: "tool" });
  });

  it("by staying silent is abandoned", async () => {
    await fixture(() => [
      { type: "text", deltas: ["Well"] },
      { type: "pause", ms: 3_000 },
    ]);
    chat.ctx.timing = { ...chat.ctx.timing, modelSilenceMs: 300 };
    const id = await chat.start();
    await chat.turn(id, send("Hi"));
    const failed = await chat.read(id);
    expect(errors(failed)[0]?.message).toContain("sent nothing for too long");
    expect(answer(failed)).toBe("Well");
  });

  it("by sending nothing at all is reported", async () => {
    await fixture(() => []);
    const id = await chat.start();
    await chat.turn(id, send("Hi"));
    expect(errors(await chat.read(id))).toMatchObject([
      { message: "The model sent an empty answer. Retry.", retryable: true },
    ]);
  });

  it("or is not configured leaves the turn to the default, and the note names the variable to set", async () => {
    await fixture(() => [{ type: "text", deltas: ["Hello."] }]);
    await chat.db.assistant.updateMany({ data: { model: "anthropic/claude-sonnet-5-5" } });
    const id = await chat.start();
    await chat.turn(id, send("Hi"));
    const detail = await chat.read(id);
    expect(errors(detail)).toEqual([]);
    expect(answer(detail)).toBe("Hello.");
    const notices = detail.messages.flatMap(({ parts }) =>
      parts.flatMap((part) => (part.type === "data-turn-notice" ? part.data.message : [])),
    );
    expect(notices).toEqual([
      "This assistant’s model cannot be used. anthropic/claude-sonnet-5-5: ANTHROPIC_API_KEY is not set. Ask an admin to set it, or choose another model. openai-compatible/practice-model answers instead.",
    ]);
  });
});

describe("a tool that fails", () => {
  const failures: [string, () => never, string][] = [
    [
      "because it is busy",
      () => {
        throw new TryLaterError("Handbook is busy. Try again in a minute.", { retryAfterMs: 1 });
      },
      "Handbook is busy. Try again in a minute.",
    ],
    [
      "because nobody answers",
      () => {
        throw new UnreachableError("timeout", "Handbook did not answer in time.");
      },
      "Handbook did not answer in time.",
    ],
    [
      "with an error of its server",
      () => {
        throw new McpServerError("Handbook answered with an error.");
      },
      "Handbook answered with an error.",
    ],
    [
      "for a reason nobody foresaw",
      () => {
        throw new TypeError(`secret ${modelKey}`);
      },
      "The call failed for a reason inside Usher.",
    ],
  ];
  it.each(failures)(
    "%s is reported to the model, and the answer continues",
    async (_, run, words) => {
      await fixture(
        (_request, turn) =>
          turn === 0
            ? [{ type: "tool-call", name: "handbook__read_file", arguments: {} }]
            : [{ type: "text", deltas: ["Sorry."] }],
        [{ name: "Handbook", tools: [{ name: "read_file", readOnly: true, run }] }],
      );
      const id = await chat.start();
      await chat.turn(id, send("Read"));
      const detail = await chat.read(id);
      expect(answer(detail)).toBe("Sorry.");
      expect(errors(detail)).toEqual([]);
      expect(calls(detail)).toMatchObject([{ state: "output-error" }]);
      expect(calls(detail)[0]?.errorText).toContain(words);
      expect(String(chat.model.requests[1]?.body.messages.at(-1)?.content)).toContain(words);
      expect(JSON.stringify(detail)).not.toContain(modelKey);
    },
  );
});

describe("a stop", () => {
  it.each(["here", "on another replica"])(
    "keeps what was written (requested %s)",
    async (where) => {
      await fixture(() => [
        { type: "text", deltas: ["One", " two"] },
        { type: "pause", ms: 10_000 },
        { type: "text", deltas: [" three"] },
      ]);
      const id = await chat.start();
      const turn = await chat.begin(id, send("Count"));
      await until(async () => answer(await chat.read(id)) === "One two");
      await stopTurn(where === "here" ? chat.ctx : chat.replica(), chat.ada, id);
      await turn.finished;
      const detail = await chat.read(id);
      expect(detail.running).toBe(false);
      expect(answer(detail)).toBe("One two");
      expect(errors(detail)).toMatchObject([{ stopped: true, retryable: true }]);
      await until(() => chat.model.requests[0]?.abortedAt !== null);
    },
  );

  it("settles the calls that ran and those that had not started", async () => {
    let aborted = false;
    const run: FixtureServer["tools"][number]["run"] = ({ signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => {
          aborted = true;
          reject(signal.reason);
        });
      });
    await fixture(
      (_request, turn) =>
        turn === 0
          ? Array.from({ length: 6 }, (_, index) => ({
              type: "tool-call" as const,
              name: "handbook__slow",
              arguments: { index },
            }))
          : [{ type: "text", deltas: ["Next."] }],
      [{ name: "Handbook", tools: [{ name: "slow", readOnly: false, policy: "ALWAYS", run }] }],
    );
    const id = await chat.start();
    const turn = await chat.begin(id, send("Go"));
    await until(() => chat.calls.length === 5);
    await stopTurn(chat.ctx, chat.ada, id);
    await turn.finished;
    expect(aborted).toBe(true);
    const detail = await chat.read(id);
    const texts = calls(detail).map((part) => part.errorText ?? "");
    expect(texts.filter((words) => words.includes("It is not known"))).toHaveLength(5);
    expect(texts.filter((words) => words.includes("It did not run"))).toHaveLength(1);
    expect(chat.model.requests).toHaveLength(1);

    await chat.turn(id, { kind: "resume" });
    expect(chat.model.requests).toHaveLength(1);
    await chat.turn(id, send("What now?"));
    expect(answer(await chat.read(id))).toBe("Next.");
    expect(chat.calls).toHaveLength(5);
  });
});

describe("a process that dies", () => {
  it("during the model's answer leaves what was saved; a retry writes it again", async () => {
    await fixture((_request, turn) =>
      turn === 0
        ? [
            { type: "text", deltas: ["Half"] },
            { type: "pause", ms: 120_000 },
          ]
        : [{ type: "text", deltas: ["Whole."] }],
    );
    const id = await chat.start();
    const child = await startProcess(id, send("Hi"));
    await until(async () => answer(await chat.read(id)) === "Half");
    await kill(child);
    // By the database, as a busy machine may take longer than the lease to get here.
    const leaseUntil = (turnUntil: Date) =>
      chat.ctx.db.conversation.update({ where: { id }, data: { turnUntil } });
    await leaseUntil(new Date(Date.now() + 60_000));
    await expect(chat.begin(id, { kind: "retry" })).rejects.toThrow("An answer is being written");
    await leaseUntil(new Date(Date.now() - 1));
    await until(async () => !(await chat.read(id)).running);
    const left = await chat.read(id);
    expect(answer(left)).toBe("Half");
    expect(errors(left)[0]?.message).toContain("Usher was interrupted during this answer");

    await chat.turn(id, { kind: "retry" });
    const healed = await chat.read(id);
    expect(answer(healed)).toBe("Whole.");
    expect(errors(healed)).toEqual([]);
  });

  it.each([
    { tool: "read_file", runs: 1, told: "Contents" },
    { tool: "write_file", runs: 0, told: "It is not known whether this call ran" },
  ])("during $tool: it runs $runs more times", async ({ tool, runs, told }) => {
    await fixture((_request, turn) =>
      turn === 0
        ? [{ type: "tool-call", name: `handbook__${tool}`, arguments: { path: "a.md" } }]
        : [{ type: "text", deltas: ["Seen."] }],
    );
    const id = await chat.start();
    const child = await startProcess(id, send("Do it"));
    await said(child, "called");
    await kill(child);
    await until(async () => !(await chat.read(id)).running);
    await chat.turn(id, { kind: "resume" });
    expect(chat.calls).toHaveLength(runs);
    expect(answer(await chat.read(id))).toBe("Seen.");
    expect(String(chat.model.requests[1]?.body.messages.at(-1)?.content)).toContain(told);
  });

  it("during a confirmed call does not run it again, whatever comes next", async () => {
    const notes: FixtureServer = { ...handbook, name: "Notes", tokenSharing: "PER_USER" };
    await fixture(
      (_request, turn) =>
        turn === 0
          ? [{ type: "tool-call", name: "notes__write_file", arguments: { path: "a.md" } }]
          : [{ type: "text", deltas: ["Seen."] }],
      [notes],
    );
    const id = await chat.start();
    await chat.turn(id, send("Save"));
    chat.connect("Notes", chat.ada);
    const pausedToolCallId = (await chat.read(id)).pausedToolCalls[0]?.id ?? "";
    const where = { conversationId: id, pausedToolCallId };
    await decidePausedToolCall(chat.ctx, chat.ada, where, { decision: "run" });
    const child = await startProcess(id, { kind: "resume" });
    await said(child, "called");
    await kill(child);
    await until(async () => !(await chat.read(id)).running);
    expect((await chat.read(id)).pausedToolCalls).toMatchObject([{ state: "RUNNING" }]);
    await expect(
      decidePausedToolCall(chat.ctx, chat.ada, where, { decision: "run" }),
    ).rejects.toThrow("runs, ran or was skipped already");

    await chat.turn(id, { kind: "resume" });
    await chat.turn(id, { kind: "resume" });
    expect(chat.calls).toEqual([]);
    const detail = await chat.read(id);
    expect(answer(detail)).toBe("Seen.");
    expect(calls(detail)[0]?.errorText).toContain("It is not known whether this call ran");
    expect(detail.pausedToolCalls).toMatchObject([{ state: "DONE" }]);
  });

  it("and returns late writes nothing into another turn's conversation", async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await fixture((_request, turn) =>
      turn === 0
        ? [
            { type: "text", deltas: ["Old"] },
            { type: "wait", until: held },
            { type: "text", deltas: [" answer"] },
          ]
        : [{ type: "text", deltas: ["New answer"] }],
    );
    const id = await chat.start();
    const stalled = { ...chat.replica(), timing: { ...chat.ctx.timing, heartbeatMs: 60_000 } };
    const old = await chat.begin(id, send("Hi"), stalled);
    await until(async () => !(await chat.read(id)).running);
    await chat.turn(id, { kind: "retry" });
    release();
    await old.finished;
    const detail = await chat.read(id);
    expect(answer(detail)).toBe("New answer");
    expect(detail.messages).toHaveLength(2);
    expect(detail.running).toBe(false);
  });
});

async function startProcess(conversationId: string, input: TurnInput): Promise<ChildProcess> {
  const [{ url }] = await chat.db.$queryRaw<[{ url: string }]>`
    SELECT 'postgresql://postgres@127.0.0.1:' || inet_server_port() || '/' || current_database() AS url`;
  const options: ChatProcessOptions = {
    databaseUrl: url,
    modelUrl: chat.model.url,
    conversationId,
    user: chat.ada,
    input,
  };
  const child = spawn(process.execPath, [bundledFile("chat-process"), JSON.stringify(options)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  return child;
}

function said(child: ChildProcess, word: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let heard = "";
    child.once("exit", () => reject(new Error(`It ended before it said ${word}.`)));
    child.stdout?.on("data", (data) => {
      heard += data;
      if (heard.split("\n").includes(word)) resolve();
    });
  });
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}
