import type { PausedToolCallState } from "@/lib/db/paused-tool-call";
import { callOutcomeWords } from "./tool-result";

/** What is known about a tool call without an answer. */
export type OpenToolCall = {
  /** The assistant still has this tool. */
  allowed: boolean;
  readOnly: boolean;
  /** It runs only with a person's confirmation. */
  asks: boolean;
  /** Its server changed or added it, and no admin has reviewed that. */
  changed: boolean;
  /** An earlier turn passed it to the server and never reported the outcome. */
  begun: boolean;
  /** A prompt, for consent or for confirmation, names it. */
  prompted: boolean;
  /** As stored; null: it never paused. */
  paused: {
    state: PausedToolCallState;
    /** The account that it has to run with. */
    connected: boolean;
    /** That account has to be chosen first: no one did, or the chosen one is gone. */
    mustChoose: boolean;
    /** The person chose it, for this call. */
    chosen: boolean;
    /** Its server asked a person while the call was open: the answer dies with that call. */
    heldOpen: boolean;
    /** A person said "Run now" before it met the missing consent. */
    confirmed: boolean;
  } | null;
};

export type ToolCallDecision =
  /** `from`: the stored state that the claim must still find; null: it never paused. */
  | { action: "run"; from: PausedToolCallState | null }
  /** `from`: the stored state to move on from first; absent: it already waits for that. */
  | { action: "wait"; for: "authorization" | "account"; from?: PausedToolCallState }
  | { action: "wait"; for: "input" }
  /** `from`: the stored state to move on from first; null: it has to be stored. */
  | { action: "wait"; for: "confirmation"; from: PausedToolCallState | null }
  | { action: "settle"; words: string };

/**
 * What to do with a tool call. Once it had to wait, only a read-only tool runs without a person's
 * confirmation: the request may be hours old. An earlier confirmation also covers the consent that the
 * call then met, unless the tool has changed since; so does a choice of the account. And only a read-only tool
 * runs again if it may have run before.
 */
export function decideToolCall(call: OpenToolCall): ToolCallDecision {
  const { paused } = call;
  if (paused?.state === "SKIPPED") return settle(callOutcomeWords.skipped);
  if (!call.allowed) return settle(callOutcomeWords.noLongerAllowed);
  if (!paused) {
    // Its stored row was deleted with its server; the tool that now has that name is a different one.
    if (call.prompted) return settle(callOutcomeWords.noLongerAllowed);
    if (call.begun && !call.readOnly) return settle(callOutcomeWords.unknown);
    if (call.asks) return { action: "wait", for: "confirmation", from: null };
    return { action: "run", from: null };
  }
  switch (paused.state) {
    case "AWAITING_AUTHORIZATION":
      if (paused.mustChoose) return { action: "wait", for: "account", from: paused.state };
      if (!paused.connected) return { action: "wait", for: "authorization" };
      if (call.readOnly && !call.asks) return { action: "run", from: paused.state };
      if (paused.confirmed && !call.changed) return { action: "run", from: paused.state };
      return { action: "wait", for: "confirmation", from: paused.state };
    case "AWAITING_ACCOUNT":
      if (paused.mustChoose) return { action: "wait", for: "account" };
      if (!paused.connected) return { action: "wait", for: "authorization", from: paused.state };
      if (!call.asks && (call.readOnly || paused.chosen))
        return { action: "run", from: paused.state };
      return { action: "wait", for: "confirmation", from: paused.state };
    case "AWAITING_CONFIRMATION":
      return { action: "wait", for: "confirmation", from: paused.state };
    case "CONFIRMED":
      return { action: "run", from: paused.state };
    case "AWAITING_INPUT":
      if (!paused.heldOpen) return { action: "wait", for: "input" };
      return mayHaveRun(call, paused.state);
    case "INPUT_GIVEN":
      if (!paused.heldOpen) return { action: "run", from: paused.state };
      return mayHaveRun(call, paused.state);
    case "RUNNING":
    case "DONE":
      return mayHaveRun(call, paused.state);
  }
}

function mayHaveRun({ readOnly }: OpenToolCall, from: PausedToolCallState): ToolCallDecision {
  return readOnly ? { action: "run", from } : settle(callOutcomeWords.unknown);
}

function settle(words: string): ToolCallDecision {
  return { action: "settle", words };
}
