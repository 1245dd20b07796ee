import { describe, expect, it } from "vitest";
import { composerBlock } from "@/components/chat/composer/composer-block";

type Given = Parameters<typeof composerBlock>[0];
const ready: Given = {
  online: true,
  status: "ready",
  detail: { assistantId: "assistant", pausedToolCalls: [] },
  busy: false,
  start: { assistants: [{}], error: null },
};
const paused = {
  id: "paused",
  toolCallId: "call",
  serverId: "server",
  serverName: "Files",
  toolName: "read_file",
  toolTitle: "Read a file",
  state: "AWAITING_AUTHORIZATION" as const,
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
};

describe("sending a message", () => {
  it("is possible in a conversation, and for a new one with an assistant", () => {
    expect(composerBlock(ready)).toEqual({ blocked: null, hint: null });
    expect(composerBlock({ ...ready, status: "none", detail: null }).blocked).toBeNull();
  });

  it.each<[string, Partial<Given>, string | RegExp]>([
    ["the device is offline", { online: false }, /offline/],
    ["the conversation is gone", { status: "missing", detail: null }, /no longer exists/],
    [
      "its assistant was deleted",
      { detail: { assistantId: null, pausedToolCalls: [] } },
      /deleted/,
    ],
    [
      "there is no assistant",
      { status: "none", detail: null, start: { assistants: [], error: null } },
      /no assi/,
    ],
    [
      "the assistants could not be loaded",
      { status: "none", detail: null, start: { assistants: null, error: new Error("503") } },
      /could not be loaded/,
    ],
    ["the conversation could not be loaded", { status: "failed", detail: null }, /could not be/],
    ["it still loads", { status: "loading", detail: null }, ""],
    [
      "the assistants still load",
      { status: "none", detail: null, start: { assistants: null, error: null } },
      "",
    ],
  ])("is blocked while %s, with the reason", (_, change, reason) => {
    const { blocked } = composerBlock({ ...ready, ...change });
    expect(blocked).not.toBeNull();
    if (reason instanceof RegExp) expect(blocked).toMatch(reason);
    else expect(blocked).toBe(reason);
  });

  it("says what happens to waiting calls", () => {
    const detail = { assistantId: "assistant", pausedToolCalls: [paused] };
    expect(composerBlock({ ...ready, detail }).hint).toMatch(/skips/);
    expect(composerBlock({ ...ready, detail, busy: true }).hint).toBeNull();
  });
});
