import type { DynamicToolUIPart } from "ai";
import type { PausedToolCallView, ToolCallAccountPart } from "@/lib/contracts/chat/chat";
import type { AuthorizationRequiredPart } from "@/lib/contracts/chat/prompt-parts";
import { oneLine } from "@/lib/untrusted-text";

/** The state of a tool call, as a person sees it. */
export type ToolCallPhase =
  | "preparing"
  | "queued"
  | "running"
  | "needs-consent"
  | "needs-account"
  | "needs-confirmation"
  | "needs-input"
  | "done"
  | "failed"
  | "skipped"
  | "stopped"
  | "interrupted";

export type ToolCall = {
  id: string;
  title: string;
  phase: ToolCallPhase;
  /** What it waits for in the phase `needs-consent`, if that is not a consent. */
  awaits: "key" | "organization" | null;
  part: DynamicToolUIPart;
  /** Known once the call is passed to its server. */
  account: ToolCallAccountPart | null;
};

export type ToolCallSurroundings = {
  account: ToolCallAccountPart | null;
  paused: PausedToolCallView | null;
  /** The prompt for consent that names it. */
  prompt: AuthorizationRequiredPart | null;
  /** A prompt to choose an account names it. */
  choosing?: boolean;
  /** A prompt for confirmation is about it. */
  asked: boolean;
  /** A turn is running that may carry it out. */
  busy: boolean;
};

export function describeToolCall(part: DynamicToolUIPart, around: ToolCallSurroundings): ToolCall {
  const account = around.account ?? accountToBe(around.paused);
  return {
    id: part.toolCallId,
    title: oneLine(account?.toolTitle || part.title || part.toolName),
    phase: phaseOf(part, around),
    awaits: around.prompt && awaited(around.prompt),
    part,
    account: account && {
      ...account,
      serverName: oneLine(account.serverName),
      actingAs: oneLine(account.actingAs),
    },
  };
}

/** More permissions require consent, even if access comes from the organization. */
function awaited(prompt: AuthorizationRequiredPart): ToolCall["awaits"] {
  if (prompt.asksForKey) return "key";
  return prompt.tokenSharing === "ORGANIZATION" && !prompt.stepUp ? "organization" : null;
}

/** For a call that waits before it is passed to its server. */
function accountToBe(paused: PausedToolCallView | null): ToolCallAccountPart | null {
  if (!paused) return null;
  const { toolCallId, serverId, serverName, toolName, toolTitle, readOnly, actingAs } = paused;
  return { toolCallId, serverId, serverName, toolName, toolTitle, readOnly, actingAs };
}

function phaseOf(part: DynamicToolUIPart, around: ToolCallSurroundings): ToolCallPhase {
  switch (part.state) {
    case "output-available":
      return "done";
    case "output-error":
      return outcomeOf(part.errorText, around.paused);
    case "input-streaming":
      return around.busy ? "preparing" : "interrupted";
    default:
      return openPhase(around);
  }
}

function openPhase({
  account,
  paused,
  prompt,
  choosing,
  asked,
  busy,
}: ToolCallSurroundings): ToolCallPhase {
  switch (paused?.state) {
    case "SKIPPED":
      return "skipped";
    case "AWAITING_ACCOUNT":
      return "needs-account";
    case "AWAITING_CONFIRMATION":
      return "needs-confirmation";
    case "AWAITING_INPUT":
      return "needs-input";
    case "INPUT_GIVEN":
      return "running";
    case "AWAITING_AUTHORIZATION":
      // The turn that continues after a consent runs read-only calls at once.
      return busy && paused.connected && paused.readOnly && !paused.asks
        ? "running"
        : "needs-consent";
    case undefined:
      if (asked) return "needs-confirmation";
      if (choosing) return "needs-account";
      if (prompt) return "needs-consent";
      if (!busy) return "interrupted";
      return account ? "running" : "queued";
    default:
      return busy ? "running" : "interrupted";
  }
}

/** The server's own text for a call that was not allowed to run; see lib/chat/tool-calls/tool-result.ts. */
function outcomeOf(errorText: string, paused: PausedToolCallView | null): ToolCallPhase {
  if (/^The person stopped the answer\b/.test(errorText)) return "stopped";
  if (/^The person (skipped this call|wrote on without this call)\b/.test(errorText)) {
    return "skipped";
  }
  if (/^It is not known whether this call ran\b/.test(errorText)) return "interrupted";
  return paused?.state === "SKIPPED" ? "skipped" : "failed";
}

export function isOpen(phase: ToolCallPhase): boolean {
  return phase === "preparing" || phase === "queued" || phase === "running";
}
