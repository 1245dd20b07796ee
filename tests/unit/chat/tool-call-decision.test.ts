import { describe, expect, it } from "vitest";
import { decideToolCall, type OpenToolCall } from "@/lib/chat/tool-calls/tool-call-decision";
import { callOutcomeWords } from "@/lib/chat/tool-calls/tool-result";

const call: OpenToolCall = {
  allowed: true,
  readOnly: false,
  asks: false,
  changed: false,
  begun: false,
  prompted: false,
  paused: null,
};
const decide = (change: Partial<OpenToolCall>) => decideToolCall({ ...call, ...change });
const settled = (words: string) => ({ action: "settle", words });
const run = (from: string | null) => ({ action: "run", from });

type State = NonNullable<OpenToolCall["paused"]>["state"];
const paused = (state: State, connected = true, heldOpen = false) => ({
  state,
  connected,
  mustChoose: false,
  chosen: false,
  heldOpen,
  confirmed: false,
});

describe("an open tool call", () => {
  it("runs if nothing prevents it", () => {
    expect(decide({})).toEqual(run(null));
    expect(decide({ readOnly: true })).toEqual(run(null));
  });

  it("that may have run before runs again only if it reads", () => {
    expect(decide({ begun: true, readOnly: true })).toEqual(run(null));
    expect(decide({ begun: true })).toEqual(settled(callOutcomeWords.unknown));
    for (const state of ["RUNNING", "DONE"] as const) {
      expect(decide({ paused: paused(state), readOnly: true })).toEqual(run(state));
      expect(decide({ paused: paused(state) })).toEqual(settled(callOutcomeWords.unknown));
    }
  });

  it("that was confirmed before its consent was missing runs on that confirmation", () => {
    const waiting = { ...paused("AWAITING_AUTHORIZATION"), confirmed: true };
    expect(decide({ asks: true, paused: waiting })).toEqual(run("AWAITING_AUTHORIZATION"));
    expect(decide({ asks: true, changed: true, paused: waiting })).toMatchObject({
      action: "wait",
      for: "confirmation",
    });
    expect(decide({ asks: true, paused: { ...waiting, connected: false } })).toEqual({
      action: "wait",
      for: "authorization",
    });
  });

  it("waits for its consent", () => {
    for (const readOnly of [true, false]) {
      const waiting = decide({ readOnly, paused: paused("AWAITING_AUTHORIZATION", false) });
      expect(waiting).toEqual({ action: "wait", for: "authorization" });
    }
  });

  it("runs after its consent if it reads, and otherwise waits for confirmation", () => {
    const there = paused("AWAITING_AUTHORIZATION");
    expect(decide({ readOnly: true, paused: there })).toEqual(run("AWAITING_AUTHORIZATION"));
    expect(decide({ paused: there })).toEqual({
      action: "wait",
      for: "confirmation",
      from: "AWAITING_AUTHORIZATION",
    });
    expect(decide({ paused: paused("AWAITING_CONFIRMATION") })).toMatchObject({ action: "wait" });
    expect(decide({ paused: paused("CONFIRMED") })).toEqual(run("CONFIRMED"));
  });

  it("waits for its account, even if the one it waited for is gone", () => {
    const waiting = { ...paused("AWAITING_ACCOUNT", false), mustChoose: true };
    expect(decide({ paused: waiting })).toEqual({ action: "wait", for: "account" });
    const gone = { ...paused("AWAITING_AUTHORIZATION", false), mustChoose: true };
    expect(decide({ paused: gone })).toEqual({
      action: "wait",
      for: "account",
      from: "AWAITING_AUTHORIZATION",
    });
  });

  it("with a chosen account runs, or waits for what is still missing", () => {
    const from = "AWAITING_ACCOUNT";
    const chosen = { ...paused(from), chosen: true };
    expect(decide({ paused: chosen })).toEqual(run(from));
    const wait = (what: string) => ({ action: "wait", for: what, from });
    expect(decide({ paused: chosen, asks: true })).toEqual(wait("confirmation"));
    expect(decide({ paused: { ...chosen, connected: false } })).toEqual(wait("authorization"));
  });

  it("whose account did not have to be chosen in the end runs unconfirmed only if it reads", () => {
    expect(decide({ paused: paused("AWAITING_ACCOUNT"), readOnly: true })).toMatchObject({
      action: "run",
    });
    expect(decide({ paused: paused("AWAITING_ACCOUNT") })).toMatchObject({ for: "confirmation" });
  });

  it("waits for the answer that its server asked for, and continues with it", () => {
    expect(decide({ paused: paused("AWAITING_INPUT") })).toEqual({ action: "wait", for: "input" });
    expect(decide({ paused: paused("INPUT_GIVEN") })).toEqual(run("INPUT_GIVEN"));
  });

  it("that was held open for an answer may have run, once its process is gone", () => {
    for (const state of ["AWAITING_INPUT", "INPUT_GIVEN"] as const) {
      const held = paused(state, true, true);
      expect(decide({ paused: held })).toEqual(settled(callOutcomeWords.unknown));
      expect(decide({ paused: held, readOnly: true })).toEqual(run(state));
    }
  });

  it("does not run if it was skipped or is no longer allowed", () => {
    expect(decide({ paused: paused("SKIPPED") })).toEqual(settled(callOutcomeWords.skipped));
    expect(decide({ paused: paused("SKIPPED"), allowed: false })).toEqual(
      settled(callOutcomeWords.skipped),
    );
    for (const state of ["AWAITING_AUTHORIZATION", "CONFIRMED", "RUNNING"] as const) {
      expect(decide({ paused: paused(state), readOnly: true, allowed: false })).toEqual(
        settled(callOutcomeWords.noLongerAllowed),
      );
    }
    expect(decide({ allowed: false })).toEqual(settled(callOutcomeWords.noLongerAllowed));
  });

  it("whose stored row was deleted with its server does not run", () => {
    expect(decide({ prompted: true, readOnly: true })).toEqual(
      settled(callOutcomeWords.noLongerAllowed),
    );
  });
});
