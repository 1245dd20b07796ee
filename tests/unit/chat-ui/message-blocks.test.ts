import { describe, expect, it } from "vitest";
import { messageBlocks, messageText } from "@/components/chat/turn/message-blocks";
import type { ChatMessage } from "@/lib/contracts/chat/chat";

type Part = ChatMessage["parts"][number];

function call(toolCallId: string): Part {
  return {
    type: "dynamic-tool",
    toolCallId,
    toolName: "files__read_file",
    state: "output-available",
    input: {},
    output: {},
  };
}

function account(toolCallId: string): Part {
  return {
    type: "data-tool-call-account",
    id: `account-${toolCallId}`,
    data: {
      toolCallId,
      serverId: "server",
      serverName: "Files",
      toolName: "read_file",
      toolTitle: `Read ${toolCallId}`,
      readOnly: true,
      actingAs: "Your account",
    },
  };
}

function prompt(serverId: string, serverName: string, ...toolCallIds: string[]): Part {
  return {
    type: "data-authorization-required",
    id: `authorization-${serverId}-${toolCallIds.join()}`,
    data: { serverId, serverName, tokenSharing: "PER_USER", toolCallIds, reason: "" },
  };
}

const text = (words: string): Part => ({ type: "text", text: words, state: "done" });
const step: Part = { type: "step-start" };

function blocks(...parts: Part[]) {
  const message: ChatMessage = { id: "message", role: "assistant", parts };
  return messageBlocks(message, { paused: [], busy: false });
}

describe("the blocks of a message", () => {
  it("ask about several calls in call order, whichever was stored first", () => {
    const waiting = (toolCallId: string): Part => ({
      ...{ type: "dynamic-tool", toolCallId, toolName: "files__write_file" },
      ...{ state: "input-available", input: {} },
    });
    const tool = { serverName: "Files", toolName: "write_file", toolTitle: "Write a file" };
    const ask = (toolCallId: string): Part => ({
      type: "data-confirmation-required",
      id: `confirmation-${toolCallId}`,
      data: { toolCallId, serverId: "server", ...tool },
    });
    const parts = [
      waiting("a"),
      waiting("b"),
      waiting("c"),
      ask("c"),
      ask("a"),
      text("?"),
      ask("b"),
    ];
    const message: ChatMessage = { id: "message", role: "assistant", parts };
    const drawn = messageBlocks(message, { paused: [], busy: true });
    expect(drawn.map(({ kind, key }) => (kind === "confirmation" ? key : kind))).toEqual([
      "tool-calls",
      "a",
      "b",
      "text",
      "c",
    ]);
  });

  it("keep consecutive calls together if no text lies between them", () => {
    const drawn = blocks(step, call("a"), account("a"), step, call("b"), account("b"), text("So."));
    expect(drawn.map((block) => block.kind)).toEqual(["tool-calls", "text"]);
    const [calls] = drawn;
    expect(calls?.kind === "tool-calls" && calls.calls.map(({ title }) => title)).toEqual([
      "Read a",
      "Read b",
    ]);
  });

  it("separate calls that have text between them", () => {
    const drawn = blocks(call("a"), text("And then"), call("b"));
    expect(drawn.map((block) => block.kind)).toEqual(["tool-calls", "text", "tool-calls"]);
  });

  it("keep their keys while the message grows", () => {
    const keys = (parts: Part[]) => blocks(...parts).map((block) => block.key);
    const begun = [step, text("I read"), call("a"), account("a")];
    expect(keys([...begun, call("b"), step, text("Done.")]).slice(0, 2)).toEqual(keys(begun));
  });

  it("omit blank text", () => {
    expect(blocks(step, text("  \n"), text("Hello."))).toHaveLength(1);
  });

  it("combine all consents of a message in one card, where the last one was requested", () => {
    const drawn = blocks(
      step,
      call("a"),
      prompt("files", "Files", "a"),
      prompt("wiki", "Wiki", "gone"),
      step,
      text("And then"),
      call("b"),
      call("c"),
      prompt("files", "Files", "c"),
    );
    expect(drawn.map((block) => block.kind)).toEqual([
      "tool-calls",
      "text",
      "tool-calls",
      "prompts",
    ]);
    const card = drawn.at(-1);
    expect(
      card?.kind === "prompts" &&
        card.entries.map(({ prompt, calls }) => [prompt.serverName, calls.map(({ id }) => id)]),
    ).toEqual([
      ["Files", ["a", "c"]],
      ["Wiki", []],
    ]);
  });

  it("give a prompt the calls that it names, wherever they are", () => {
    const drawn = blocks(call("a"), call("b"), prompt("files", "Files", "b", "gone"));
    const card = drawn.find((block) => block.kind === "prompts");
    expect(card?.kind === "prompts" && card.entries).toMatchObject([{ calls: [{ id: "b" }] }]);
  });
});

it("copies only the words of a message", () => {
  const parts = [text("One. "), call("a"), text(" "), text("Two.")];
  expect(messageText({ id: "message", role: "assistant", parts })).toBe("One.\n\nTwo.");
});
