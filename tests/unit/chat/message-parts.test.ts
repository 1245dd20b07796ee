import { describe, expect, it } from "vitest";
import { chunksOf, isCutOff, partsToKeep, wantsModelStep } from "@/lib/chat/message-parts";
import { callOutcomeWords } from "@/lib/chat/tool-calls/tool-result";
import type { ChatMessage } from "@/lib/contracts/chat/chat";
import { titleFrom } from "@/lib/contracts/chat/conversation";

type Part = ChatMessage["parts"][number];

const message = (...parts: Part[]): ChatMessage => ({ id: "m", role: "assistant", parts });
const step: Part = { type: "step-start" };
const text = (state: "done" | "streaming" = "done"): Part => ({ type: "text", text: "Hi", state });
const failed: Part = { type: "data-turn-error", data: { message: "Failed.", retryable: true } };
const waiting = (id = "c"): Part => ({
  type: "dynamic-tool",
  toolName: "t",
  toolCallId: id,
  state: "input-available",
  input: {},
});
const settled = (id = "c", errorText?: string): Part =>
  errorText === undefined
    ? ({ ...(waiting(id) as object), state: "output-available", output: "ok" } as Part)
    : ({ ...(waiting(id) as object), state: "output-error", errorText } as Part);
const account = (id: string, readOnly: boolean): Part => ({
  type: "data-tool-call-account",
  data: {
    toolCallId: id,
    serverId: "1",
    serverName: "S",
    toolName: "t",
    toolTitle: "T",
    readOnly,
    actingAs: "You",
  },
});

describe("what a retry keeps", () => {
  const { stopped, stoppedWhileRunning } = callOutcomeWords;
  it.each<[string, Part[], number]>([
    ["nothing of an answer that is complete", [step, settled(), step, text()], 0],
    ["nothing of an answer that failed at once", [step, failed], 0],
    ["nothing of a text that broke off", [step, text("streaming")], 0],
    ["the tool results before a failed step", [step, settled(), step, text(), failed], 2],
    ["the tool results before a failure that had no step", [step, settled(), failed], 2],
    [
      "the tool results before a step that was cut off",
      [step, settled(), step, text("streaming")],
      2,
    ],
    ["nothing of a step whose call still waits", [step, waiting()], 0],
    ["the finished steps before one whose call waits", [step, settled("a"), step, waiting("b")], 2],
    ["nothing of calls that a stop cut", [step, settled("a", stopped), failed], 0],
    [
      "nothing of a call that reads and was cut",
      [step, settled("a", stoppedWhileRunning), account("a", true), failed],
      0,
    ],
    [
      "a step in which something may have taken effect",
      [step, settled("a", stoppedWhileRunning), account("a", false), failed],
      3,
    ],
    [
      "a step in which one call took effect before the stop",
      [step, settled("a"), account("a", false), settled("b", stopped), failed],
      4,
    ],
  ])("is %s", (_, parts, kept) => {
    expect(partsToKeep(message(...parts))).toEqual(parts.slice(0, kept));
  });
});

describe("a message", () => {
  it("needs the model when it is empty or contains results that no one has read", () => {
    expect(wantsModelStep(message())).toBe(true);
    expect(wantsModelStep(message(step, settled()))).toBe(true);
    expect(wantsModelStep(message(step, settled(), step, text()))).toBe(false);
    expect(wantsModelStep(message(step, settled(), failed))).toBe(false);
  });

  it("was cut off if its last step shows no end", () => {
    expect(isCutOff(message())).toBe(false);
    expect(isCutOff(message(step))).toBe(true);
    expect(isCutOff(message(step, text("streaming")))).toBe(true);
    expect(isCutOff(message(step, { type: "reasoning", text: "Hm", state: "done" }))).toBe(true);
    expect(isCutOff(message(step, text()))).toBe(false);
    expect(isCutOff(message(step, failed))).toBe(false);
    expect(isCutOff(message(step, waiting()))).toBe(false);
  });

  it("is sent again in chunks that name its calls before their results", () => {
    const kinds = chunksOf([step, text(), settled("a"), settled("b", "No"), waiting("c"), failed]);
    expect(kinds.map(({ type }) => type)).toEqual([
      "start-step",
      "text-start",
      "text-delta",
      "text-end",
      "tool-input-available",
      "tool-output-available",
      "tool-input-available",
      "tool-output-error",
      "tool-input-available",
      "data-turn-error",
    ]);
  });
});

describe("the title of a conversation", () => {
  it.each([
    ["Hello", "Hello"],
    ["  One\nTwo", "One"],
    ["\n", "New conversation"],
    [`${"word ".repeat(30)}`, `${"word ".repeat(11)}word…`],
    ["x".repeat(80), `${"x".repeat(60)}…`],
  ])("is taken from the first line: %j", (text, title) => {
    expect(titleFrom(text)).toBe(title);
  });
});
