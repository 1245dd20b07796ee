import type { DynamicToolUIPart } from "ai";
import { describe, expect, it } from "vitest";
import {
  describeToolCall,
  type ToolCallSurroundings,
} from "@/components/chat/tool-calls/tool-call";
import { callOutcomeWords } from "@/lib/chat/tool-calls/tool-result";
import type { PausedToolCallView, ToolCallAccountPart } from "@/lib/contracts/chat/chat";
import type { AuthorizationRequiredPart } from "@/lib/contracts/chat/prompt-parts";

const account: ToolCallAccountPart = {
  toolCallId: "call",
  serverId: "server",
  serverName: "Personal Files",
  toolName: "read_file",
  toolTitle: "Read a file",
  readOnly: true,
  actingAs: "Your account",
};

function paused(change: Partial<PausedToolCallView>): PausedToolCallView {
  return {
    id: "paused",
    toolCallId: "call",
    serverId: "server",
    serverName: "Personal Files",
    toolName: "read_file",
    toolTitle: "Read a file",
    state: "AWAITING_AUTHORIZATION",
    readOnly: true,
    asks: null,
    alwaysAllow: null,
    actingAs: "Your account",
    ...{ account: null, accounts: [], isAccountKept: false },
    arguments: null,
    canAuthorize: true,
    whoCan: null,
    canAskAdmin: false,
    adminAskedAt: null,
    connected: false,
    input: null,
    ...change,
  };
}

const prompt: AuthorizationRequiredPart = {
  ...{ serverId: "server", serverName: "Personal Files", tokenSharing: "PER_USER" },
  ...{ toolCallIds: ["call"], reason: "Nothing is connected." },
};

const open: Extract<DynamicToolUIPart, { state: "input-available" }> = {
  type: "dynamic-tool",
  toolCallId: "call",
  toolName: "personal_files__read_file",
  state: "input-available",
  input: {},
};

function failed(errorText: string): DynamicToolUIPart {
  const { type, toolCallId, toolName, input } = open;
  return { type, toolCallId, toolName, input, state: "output-error", errorText };
}

function phase(part: DynamicToolUIPart, around: Partial<ToolCallSurroundings> = {}) {
  return describeToolCall(part, {
    account: null,
    paused: null,
    prompt: null,
    asked: false,
    busy: false,
    ...around,
  }).phase;
}

describe("a tool call without an answer", () => {
  it("waits its turn until it is passed to its server, then runs", () => {
    expect(phase(open, { busy: true })).toBe("queued");
    expect(phase(open, { busy: true, account })).toBe("running");
  });

  it("needs consent while its connection is missing", () => {
    expect(phase(open, { account, paused: paused({}) })).toBe("needs-consent");
  });

  it("needs consent as soon as a prompt names it, before the turn is over", () => {
    expect(phase(open, { account, prompt, busy: true })).toBe("needs-consent");
  });

  it.each<[string, Partial<AuthorizationRequiredPart>, string | null]>([
    ["a consent", {}, null],
    ["more permissions", { tokenSharing: "ORGANIZATION", stepUp: { added: [], scope: [] } }, null],
    ["their key", { asksForKey: true }, "key"],
    ["access from their organization", { tokenSharing: "ORGANIZATION" }, "organization"],
  ])("says that it waits for %s", (_, change, awaits) => {
    const around = { account: null, paused: null, asked: false, busy: false };
    const call = describeToolCall(open, { ...around, prompt: { ...prompt, ...change } });
    expect(call).toMatchObject({ phase: "needs-consent", awaits });
  });

  it("runs once consent is given, if it only reads", () => {
    const connected = paused({ connected: true });
    expect(phase(open, { account, paused: connected, busy: true })).toBe("running");
  });

  it("does not claim to run after a consent if it changes data", () => {
    const connected = paused({ connected: true, readOnly: false });
    expect(phase(open, { account, paused: connected, busy: true })).toBe("needs-consent");
    const asked = paused({ state: "AWAITING_CONFIRMATION", connected: true, readOnly: false });
    expect(phase(open, { account, paused: asked, busy: true })).toBe("needs-confirmation");
  });

  it("is interrupted if no turn is running that could answer it", () => {
    expect(phase(open, { account })).toBe("interrupted");
    expect(phase(open, { account, paused: paused({ state: "RUNNING" }) })).toBe("interrupted");
  });
});

describe("a finished tool call", () => {
  it("is done", () => {
    const done: DynamicToolUIPart = { ...open, state: "output-available", output: {} };
    expect(phase(done, { paused: paused({ state: "DONE" }) })).toBe("done");
  });

  it("failed with the server's text", () => {
    expect(phase(failed("No such file."))).toBe("failed");
    expect(phase(failed("The person skipped breakfast."))).toBe("failed");
  });

  it.each([
    ["skipped", "skipped"],
    ["movedOn", "skipped"],
    ["stopped", "stopped"],
    ["stoppedWhileRunning", "stopped"],
    ["unknown", "interrupted"],
    ["noLongerAllowed", "failed"],
    ["notAllowed", "failed"],
    ["badInput", "failed"],
    ["failed", "failed"],
  ] as const)("is classified by the server's text: %s", (words, expected) => {
    expect(phase(failed(callOutcomeWords[words]))).toBe(expected);
  });
});

describe("the names in a tool call", () => {
  it("cannot break the line or reverse the text around them", () => {
    const call = describeToolCall(open, {
      account: {
        ...account,
        toolTitle: "Read\n\n\u202eelif a",
        serverName: "\u2066Files\u2028x",
        actingAs: "You\u0000r account",
      },
      paused: null,
      prompt: null,
      asked: false,
      busy: true,
    });
    expect(call.title).toBe("Read elif a");
    expect(call.account?.serverName).toBe("Files x");
    expect(call.account?.actingAs).toBe("You r account");
  });

  it("come from the model's call until the server is known", () => {
    const around = { account: null, paused: null, prompt: null, asked: false, busy: true };
    expect(describeToolCall(open, around).title).toBe("personal_files__read_file");
    expect(describeToolCall({ ...open, title: "Read a file" }, around).title).toBe("Read a file");
  });
});
