import type { CallToolResult } from "@modelcontextprotocol/client";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ResultLimits } from "@/lib/mcp/reading/room";
import { toolResult } from "@/lib/mcp/tool-result";

const limits: ResultLimits = { textBytes: 20, binaryCharacters: 8, parts: 3 };
const result = (
  content: CallToolResult["content"],
  more: Partial<CallToolResult> = {},
): CallToolResult => ({ content, ...more });
const text = (value: string) => ({ type: "text" as const, text: value });

/** Of one to four bytes in UTF-8. */
const letter = fc.constantFrom("a", "é", "日", "😀");

describe("a tool's answer", () => {
  test("within its limits is kept as it is, without anything that MCP does not define", () => {
    expect(
      toolResult(
        result(
          [
            { ...text("hello"), annotations: { audience: ["user"] } },
            { type: "audio", data: "AAAA", mimeType: "audio/wav" },
          ],
          { structuredContent: [1, 2], isError: true, _meta: { trace: 1 } },
        ),
        limits,
      ),
    ).toEqual({
      content: [text("hello"), { type: "audio", data: "AAAA", mimeType: "audio/wav" }],
      structuredContent: [1, 2],
      isError: true,
      truncated: false,
    });
  });

  test("shares one limit among all its texts, and is truncated where the limit is reached", () => {
    const cut = toolResult(
      result([text("0123456789"), text("abcdefghijklmnop"), text("later")]),
      limits,
    );

    expect(cut.truncated).toBe(true);
    expect(cut.content[0]).toEqual(text("0123456789"));
    expect(cut.content[1]).toMatchObject({
      text: expect.stringMatching(
        /^abcdefghij\n\n\[Cut here by Usher: 16 bytes of text, of which 10/,
      ),
    });
    expect(cut.content[2]).toMatchObject({
      text: expect.stringMatching(/^\n\n\[Cut here by Usher/),
    });
  });

  test("counts the text of an embedded resource", () => {
    const { content, truncated } = toolResult(
      result([{ type: "resource", resource: { uri: "a:b", text: "x".repeat(100) } }]),
      limits,
    );

    expect(truncated).toBe(true);
    expect(content[0]).toMatchObject({
      type: "resource",
      resource: { uri: "a:b", text: expect.stringMatching(/^x{17}\n\n\[Cut here/) },
    });
  });

  test("loses an image that is too large, and says so in its place", () => {
    const { content, truncated } = toolResult(
      result([
        { type: "image", data: "A".repeat(8), mimeType: "image/png" },
        { type: "image", data: "AAAA", mimeType: "image/png" },
        { type: "resource", resource: { uri: "a:b", blob: "A".repeat(9) } },
      ]),
      limits,
    );

    expect(truncated).toBe(true);
    expect(content[0]).toMatchObject({ type: "image" });
    expect(content[1]).toEqual(
      text("[Usher: an image of 3 bytes was left out; it is more than Usher keeps of one answer.]"),
    );
    expect(content[2]).toMatchObject({ text: expect.stringContaining("a file of 7 bytes") });
  });

  test("keeps the beginning of structured content that does not fit alongside the text", () => {
    const cut = toolResult(
      result([text("0123456789")], { structuredContent: { a: "0123456789" } }),
      limits,
    );

    expect(cut).toEqual({
      content: [text("0123456789")],
      structuredContent: expect.stringMatching(/^\{"a":"0123\n\n\[Cut here by Usher/),
      isError: false,
      truncated: true,
    });
  });

  test("loses the parts beyond the maximum number, and says how many", () => {
    const { content, truncated } = toolResult(result(Array(5).fill(text("x"))), limits);

    expect(truncated).toBe(true);
    expect(content).toHaveLength(4);
    expect(content[3]).toMatchObject({ text: expect.stringContaining("2 more parts") });
  });

  test("is never cut within a character", () => {
    fc.assert(
      fc.property(fc.string({ unit: letter, minLength: 21, maxLength: 60 }), (long) => {
        const [part] = toolResult(result([text(long)]), limits).content;
        const kept = part?.type === "text" ? (part.text.split("\n\n[Cut here")[0] ?? "") : "";
        expect(long.startsWith(kept)).toBe(true);
        expect(Buffer.byteLength(kept)).toBeGreaterThan(16);
        expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(20);
      }),
    );
  });
});
