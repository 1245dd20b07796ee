import fc from "fast-check";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { MarkdownBlock } from "@/components/chat/markdown/markdown";
import { markdownBlocks } from "@/components/chat/markdown/markdown-blocks";

/** Without the invisible line breaks between two blocks. */
const html = (...texts: string[]) =>
  texts
    .map((text) => renderToStaticMarkup(<MarkdownBlock text={text} />))
    .join("")
    .replace(/>\n+</g, "><");

const lines = [
  ...[
    "Some words",
    "",
    "",
    "",
    "  ",
    "- item",
    "-",
    "  - inner",
    "   set in",
    "    code",
    "\tcode",
  ],
  ...[
    "```",
    "  ```",
    "   ```",
    "````",
    "```ts",
    "~~~",
    "- ```",
    "> ```",
    "> quote",
    ">",
    "# Title",
    "===",
  ],
  ...[
    "| a | b |",
    "| - | - |",
    "1. one",
    "2) two",
    "---",
    "* * *",
    "**bold",
    "`code",
    "<div>",
    "</div>",
  ],
  ...["[link](https://example.com)", "- [x] task", "\\", "line\\"],
];

describe("an answer", () => {
  it("looks the same in pieces, whatever it contains", () => {
    const document = fc.array(fc.constantFrom(...lines), { maxLength: 14 });
    fc.assert(
      fc.property(document, (all) => {
        const text = all.join("\n");
        expect(html(...markdownBlocks(text))).toBe(html(text));
      }),
      { numRuns: 500 },
    );
  });

  it("keeps its first pieces while it grows", () => {
    const text =
      "# One\n\nTwo\n\n```\na\n\nb\n```\n\n- three\n\n- four\n\nFive\n\n| a |\n| - |\n| b |\n\nSix";
    let before: string[] = [];
    for (let length = 1; length <= text.length; length++) {
      const now = markdownBlocks(text.slice(0, length));
      expect(now.slice(0, Math.max(0, before.length - 1))).toEqual(before.slice(0, -1));
      before = now;
    }
    expect(before).toHaveLength(6);
  });

  it.each([
    ["a link's definition", "See [it].\n\nMore.\n\n[it]: https://example.com"],
    ["a footnote", "See[^1].\n\nMore.\n\n[^1]: There."],
  ])("stays in one piece with %s", (_, text) => {
    expect(markdownBlocks(text)).toEqual([text]);
  });
});
