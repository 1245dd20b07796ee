import { describe, expect, it } from "vitest";
import { readAccountPrompt } from "@/components/chat/input/account-prompt";
import { readAuthorizationPrompt } from "@/components/chat/input/authorization-prompt";
import type { ToolCall, ToolCallPhase } from "@/components/chat/tool-calls/tool-call";
import { createResumeOnce } from "@/components/chat/turn/resume-once";
import type { PausedToolCallView } from "@/lib/contracts/chat/chat";
import type { AuthorizationRequiredPart } from "@/lib/contracts/chat/prompt-parts";

const prompt: AuthorizationRequiredPart = {
  serverId: "server",
  serverName: "Personal Files",
  tokenSharing: "PER_USER",
  toolCallIds: ["a", "b"],
  reason: "You have not connected it yet.",
};

function paused(toolCallId: string, change: Partial<PausedToolCallView> = {}): PausedToolCallView {
  return {
    id: `paused-${toolCallId}`,
    toolCallId,
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

function call(id: string, phase: ToolCallPhase): ToolCall {
  return {
    id,
    title: "Read a file",
    phase,
    awaits: null,
    account: null,
    part: {
      type: "dynamic-tool",
      toolCallId: id,
      toolName: "read_file",
      state: "input-available",
      input: {},
    },
  };
}

const waiting = [call("a", "needs-consent"), call("b", "needs-consent")];

describe("a prompt for consent", () => {
  it("asks anyone who may give it", () => {
    const reading = readAuthorizationPrompt(prompt, [paused("a"), paused("b")], waiting);
    expect(reading).toMatchObject({ phase: "consent", canAuthorize: true, whoCan: null });
  });

  it("is about its own account: a call that waits for another one belongs to that one’s prompt", () => {
    const rows = [paused("a", { account: "first" }), paused("b", { account: "0123456789ab" })];
    const other = { ...prompt, account: "0123456789ab" };
    expect(readAuthorizationPrompt(prompt, rows, waiting)).toMatchObject({
      waiting: [{ toolCallId: "a" }],
    });
    expect(readAuthorizationPrompt(other, rows, waiting)).toMatchObject({
      waiting: [{ toolCallId: "b" }],
    });
    const team = { ...prompt, account: "team", tokenSharing: "SHARED" as const };
    expect(readAuthorizationPrompt(team, rows, waiting)).toEqual({ phase: "replaced" });
    const choosing = [paused("a", { state: "AWAITING_ACCOUNT" })];
    expect(readAuthorizationPrompt(prompt, choosing, waiting)).toEqual({ phase: "replaced" });
  });

  it("names who can if the viewer may not", () => {
    const whoCan = "Only an admin can authorize this server.";
    const rows = [paused("a", { canAuthorize: false, whoCan })];
    expect(readAuthorizationPrompt(prompt, rows, waiting)).toMatchObject({
      phase: "consent",
      canAuthorize: false,
      whoCan,
    });
  });

  it("offers one's own account before the turn is over, and a shared one only once it is known who may authorize it", () => {
    expect(readAuthorizationPrompt(prompt, [], waiting)).toMatchObject({ canAuthorize: true });
    const shared = { ...prompt, tokenSharing: "SHARED" as const };
    expect(readAuthorizationPrompt(shared, [], waiting)).toMatchObject({ canAuthorize: null });
  });

  it("ignores calls of other prompts", () => {
    const rows = [paused("other"), paused("a", { state: "DONE", connected: true })];
    expect(readAuthorizationPrompt(prompt, rows, [call("a", "done")]).phase).toBe("connected");
  });

  it("continues once the consent is given", () => {
    const rows = [paused("a", { connected: true }), paused("b", { connected: true })];
    expect(readAuthorizationPrompt(prompt, rows, waiting).phase).toBe("going-on");
  });

  it("lists the calls that need their own confirmation, and only those", () => {
    const rows = [
      paused("a", { state: "DONE", connected: true }),
      paused("b", { state: "AWAITING_CONFIRMATION", connected: true, readOnly: false }),
    ];
    const reading = readAuthorizationPrompt(prompt, rows, [
      call("a", "done"),
      call("b", "needs-confirmation"),
    ]);
    expect(reading.phase).toBe("confirmation");
    expect("waiting" in reading && reading.waiting.map(({ toolCallId }) => toolCallId)).toEqual([
      "b",
    ]);
  });

  it("distinguishes a skipped call from an answered one", () => {
    const skipped = [paused("a", { state: "SKIPPED" }), paused("b", { state: "SKIPPED" })];
    const over = [call("a", "skipped"), call("b", "skipped")];
    expect(readAuthorizationPrompt(prompt, skipped, over).phase).toBe("skipped");
    const mixed = [call("a", "failed"), call("b", "skipped")];
    expect(readAuthorizationPrompt(prompt, skipped, mixed).phase).toBe("connected");
  });
});

describe("continuing automatically", () => {
  it("happens once for each consent that arrives", () => {
    const shouldResume = createResumeOnce();
    const missing = { pausedToolCalls: [paused("a")] };
    const there = { pausedToolCalls: [paused("a", { connected: true })] };
    expect([missing, there, there, there].map(shouldResume)).toEqual([false, true, false, false]);
    // Revoked while it waited, and granted again.
    expect([missing, there, there].map(shouldResume)).toEqual([false, true, false]);
  });

  it("happens on the first check after a reload", () => {
    const shouldResume = createResumeOnce();
    expect(shouldResume({ pausedToolCalls: [paused("a", { connected: true })] })).toBe(true);
  });

  it("never happens for a call that needs confirmation first", () => {
    const shouldResume = createResumeOnce();
    const rows = [paused("a", { state: "AWAITING_CONFIRMATION", connected: true })];
    expect(shouldResume({ pausedToolCalls: rows })).toBe(false);
  });
});

describe("a prompt for an account", () => {
  const choice = { serverId: "server", serverName: "Files", toolCallIds: ["a", "b"], reason: "" };
  const states = (...each: PausedToolCallView["state"][]) =>
    each.map((state, index) => paused(["a", "b"][index] ?? "", { state }));

  it("asks while a call waits for it, even before the turn is over", () => {
    const rows = states("AWAITING_ACCOUNT", "SKIPPED");
    expect(readAccountPrompt(choice, rows, waiting)).toMatchObject({
      ...{ phase: "asking", waiting: [{ toolCallId: "a" }] },
    });
    const streamed = readAccountPrompt(choice, [], [call("a", "needs-account")]);
    expect(streamed).toEqual({ phase: "asking", waiting: [] });
  });

  it("then shows what continues, needs confirmation, waits for consent, or was skipped", () => {
    const read = (rows: PausedToolCallView[], ...calls: ToolCall[]) =>
      readAccountPrompt(choice, rows, calls).phase;
    expect(read(states("RUNNING"), call("a", "running"))).toBe("going-on");
    expect(read(states("AWAITING_CONFIRMATION"), call("a", "needs-confirmation"))).toBe(
      "confirmation",
    );
    expect(read(states("AWAITING_AUTHORIZATION"), call("a", "needs-consent"))).toBe("chosen");
    expect(read(states("DONE"), call("a", "done"))).toBe("chosen");
    expect(read(states("SKIPPED"), call("a", "skipped"))).toBe("skipped");
  });
});
