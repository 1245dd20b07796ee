import fc from "fast-check";
import { expect, it } from "vitest";
import { drawsAsMarkdown } from "@/components/chat/markdown/markdown-limits";

it.each([
  ["nothing", "", null],
  ["plain words", "Some words.", null],
  ["a list of a few levels", "- a\n  - b\n    - c\n      1. d", null],
  ["deeply indented code", `- a\n\n\`\`\`\n${" ".repeat(90)}^ here\n\`\`\``, null],
  ["code with many brackets", `\`\`\`json\n${"[[]],\n".repeat(400)}\`\`\``, null],
  ["a rule with many signs", `a\n\n${"*".repeat(500)}\n\nb`, null],
  ["a long text in Chinese", "漢字。".repeat(5_000), null],
  ["a long address", `See https://example.com/?${"a=b&".repeat(300)}`, null],
  ["lists in one line", `${"- ".repeat(30)}a`, "depth"],
  ["quotes in one line", `${">".repeat(30)}a`, "depth"],
  [
    "lists in a staircase",
    Array.from({ length: 40 }, (_, at) => `${"  ".repeat(at)}- a`).join("\n"),
    "depth",
  ],
  ["brackets", "[".repeat(5_000), "cost"],
  [
    "brackets after a fence in a comment",
    `<!--\n\`\`\`\n-->\n\`\`\`\n${"[".repeat(5_000)}`,
    "cost",
  ],
  ["brackets after a fence in a list", `- a\n  \`\`\`\n${"[".repeat(5_000)}`, "cost"],
  [
    "a table of short rows",
    `${"|a".repeat(100)}\n${"|-".repeat(100)}\n${"|\n".repeat(100)}`,
    "cost",
  ],
  ["a book", "word ".repeat(10_000), "length"],
])("decides about %s", (_, text, reason) => {
  expect(drawsAsMarkdown(text)).toEqual({ should: reason === null, reason });
});

it("does not switch back to Markdown while a text grows", () => {
  const piece = fc.constantFrom(
    "- ",
    "> ",
    "a",
    "\n",
    "\n\n",
    "```\n",
    "|",
    "|-|-|\n",
    "[",
    "*",
    "  ",
    "~~~\n",
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 60 }),
      fc.integer({ min: 1, max: 80 }),
      (pieces, times) => {
        const text = pieces.join("").repeat(times);
        const decisions = Array.from(
          { length: 20 },
          (_, at) => drawsAsMarkdown(text.slice(0, (text.length * at) / 20)).should,
        );
        expect(decisions).toEqual(decisions.toSorted((one, other) => Number(other) - Number(one)));
      },
    ),
  );
});
