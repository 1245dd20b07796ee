import { describe, expect, it } from "vitest";
import { contentOf, defaultsOf } from "@/components/chat/input/elicitation-content";
import { readInputPrompt } from "@/components/chat/input/input-prompt";
import type { ToolCall, ToolCallPhase } from "@/components/chat/tool-calls/tool-call";
import { createResumeOnce } from "@/components/chat/turn/resume-once";
import type { PausedToolCallState, PausedToolCallView } from "@/lib/contracts/chat/chat";
import type { InputRequest, InputRequiredPart } from "@/lib/contracts/elicitation/elicitation";
import type { ElicitationField } from "@/lib/contracts/elicitation/elicitation-answer";

const form: InputRequest = { mode: "form", message: "When?", fields: [] };
const refused: InputRequest = { mode: "refused", message: "", reason: "It is not https." };

function prompt(change: Partial<InputRequiredPart> = {}): InputRequiredPart {
  return {
    ...{ toolCallId: "call", serverId: "server", serverName: "Rooms", round: 1 },
    ...{ requests: { answer: form }, outcomes: {} },
    ...change,
  };
}

function paused(state: PausedToolCallState, answered: string[] = [], round = 1) {
  return {
    id: "paused",
    toolCallId: "call",
    state,
    input: { round, answered },
  } as PausedToolCallView;
}

function call(
  phase: ToolCallPhase,
  state: "input-available" | "output-available" = "input-available",
) {
  return { id: "call", phase, part: { state } } as ToolCall;
}

describe("the prompt for a server's question", () => {
  it("asks open questions, and omits those answered or refused", () => {
    const requests = { one: form, two: form, three: refused };
    const outcomes = { three: "decline" } as const;
    const waiting = [paused("AWAITING_INPUT", ["one"])];
    const read = readInputPrompt(prompt({ requests, outcomes }), waiting, call("needs-input"));
    expect(read).toMatchObject({
      phase: "asking",
      pausedId: "paused",
      questions: [{ key: "two" }],
    });
  });

  it("asks before it is known where the answer goes, while the turn is still being written", () => {
    const read = readInputPrompt(prompt(), [paused("AWAITING_INPUT", [], 7)], call("running"));
    expect(read).toMatchObject({ phase: "asking", pausedId: null });
  });

  it("says that the call continues, or that no one is waiting any more", () => {
    expect(readInputPrompt(prompt(), [paused("INPUT_GIVEN")], call("running")).phase).toBe(
      "going-on",
    );
    expect(readInputPrompt(prompt(), [paused("RUNNING")], call("interrupted")).phase).toBe("lost");
  });

  it("closes with the call, and shows what was declined without asking", () => {
    const over = call("done", "output-available");
    const accepted = prompt({ outcomes: { answer: "accept" } });
    expect(readInputPrompt(accepted, [], over)).toMatchObject({ phase: "over", accepted: true });
    const blocked = prompt({ requests: { answer: refused }, outcomes: { answer: "decline" } });
    expect(readInputPrompt(blocked, [], over)).toEqual({
      phase: "over",
      accepted: false,
      refused: "It is not https.",
    });
  });
});

it("continues the conversation once when the last answer is given", () => {
  const shouldResume = createResumeOnce();
  const detail = { pausedToolCalls: [paused("INPUT_GIVEN")] };
  expect(shouldResume({ pausedToolCalls: [paused("AWAITING_INPUT")] })).toBe(false);
  expect([shouldResume(detail), shouldResume(detail)]).toEqual([true, false]);
  shouldResume({ pausedToolCalls: [paused("AWAITING_INPUT")] });
  expect(shouldResume(detail)).toBe(true);
});

it("sends the entered values: a number as a number, and nothing for an empty field", () => {
  const named = (name: string) => ({ name, title: name, description: "", required: false });
  const fields: ElicitationField[] = [
    { ...named("people"), kind: "number", integer: true, minimum: 0, maximum: 9, default: 4 },
    { ...named("note"), kind: "text", format: null, minLength: 0, maxLength: 9 },
  ];
  expect(defaultsOf(fields)).toEqual({ people: 4 });
  expect(contentOf(fields, { people: "7", note: "", other: 1 }).content).toEqual({ people: 7 });
  expect(contentOf(fields, { people: "1,000" }).problems.get("people")).toContain("1000 or 1.000");
});
