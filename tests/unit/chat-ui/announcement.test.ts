import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { announcement, spokenText, waitingWords } from "@/components/chat/turn/announcement";
import type { ChatMessage } from "@/lib/contracts/chat/chat";
import { plainTextMetadata } from "@/lib/contracts/chat/conversation";
import { processorMs } from "@/tests/support/processor-time";

describe("an answer that is read aloud", () => {
  it.each([
    ["## A **bold** _start_", "A bold start"],
    ["- one\n- `two`\n  1. three", "one\ntwo\nthree"],
    ["See [the handbook](https://example.com/a_b) now", "See the handbook now"],
    ["![A chart](https://example.com/p.png)", "Image: A chart"],
    ["| Name | Size |\n|:-----|-----:|\n| a.md | 12 |", "Name, Size\na.md, 12"],
    ["> quoted\n\n***\n\n~~gone~~", "quoted\ngone"],
    ["```ts\nconst a = `b`;\n```", "const a = `b`;"],
    ["call list_files and 2 * 3", "call list_files and 2 * 3"],
    ["\\*\\*a\\*\\* \\[b\\]", "**a** [b]"],
    ["Done[^1]\n\n[^1]: https://example.com", "Done"],
    ["- [ ] write\n- [x] read", "To do: write\nDone: read"],
  ])("contains only the words of %j", (markdown, spoken) => {
    expect(spokenText(markdown)).toBe(spoken);
  });

  it("is quick to compute for any text", () => {
    const piece = fc.constantFrom(
      "[",
      "](",
      "*",
      "_",
      "`",
      "|",
      "\\",
      "<http://",
      "a",
      " ",
      "\n",
      "> ",
    );
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 5 }), (pieces) => {
        const text = pieces.join("").repeat(20_000);
        expect(processorMs(() => spokenText(text))).toBeLessThan(1_000);
      }),
    );
  });
});

const open = (id: string) => ({
  ...{ type: "dynamic-tool", toolCallId: id, toolName: "t", state: "input-available", input: {} },
});
const names = { serverId: "1", serverName: "Files", toolName: "t", toolTitle: "Delete file" };
const message = (...parts: unknown[]) =>
  ({ id: "1", role: "assistant", parts }) as unknown as ChatMessage;
const asks = (data: object) => ({
  type: "data-confirmation-required",
  data: { ...names, ...data },
});

describe("a pending request", () => {
  it("is announced after the answer", () => {
    const words = announcement(
      message({ type: "text", text: "I **look**." }, open("a"), asks({ toolCallId: "a" })),
    );
    expect(words).toBe("I look.\nWaiting for your confirmation: Delete file, Files.");
  });

  it("is an authorization, a confirmation or a question, each while its call is open", () => {
    const consent = { type: "data-authorization-required", data: { ...names, toolCallIds: ["a"] } };
    const question = {
      type: "data-input-required",
      data: { ...names, toolCallId: "c", round: 1, requests: { q: {} }, outcomes: {} },
    };
    expect(waitingWords(message(open("a"), open("c"), consent, question))).toBe(
      "Files needs authorization.\nFiles asks a question.",
    );
    const done = { ...open("a"), state: "output-available", output: "" };
    expect(waitingWords(message(done, consent))).toBe("");
    const answered = { ...question, data: { ...question.data, outcomes: { q: "accept" } } };
    expect(waitingWords(message(open("c"), answered))).toBe("");
    expect(waitingWords(message(open("a"), consent, { type: "step-start" }))).toBe("");
  });

  it("reads a server's text as it came", () => {
    const providerMetadata = plainTextMetadata({ serverName: "Files", toolName: "t" });
    expect(announcement(message({ type: "text", text: "**a**", providerMetadata }))).toBe("**a**");
  });
});
