import { describe, expect, it } from "vitest";
import { longestAnswer, readProposals } from "@/lib/chat/examples/read-proposals";
import { processorMs } from "@/tests/support/processor-time";

const two = ["Where is the travel policy?", "Who is on call?"];

describe("a model's example sentences", () => {
  it.each([
    ["a JSON list", JSON.stringify(two)],
    [
      "a list in a fence, after some words",
      `Sure:\n\`\`\`json\n${JSON.stringify(two, null, 2)}\n\`\`\``,
    ],
    ["a list in an object", JSON.stringify({ examples: two })],
    ["a list of objects", JSON.stringify(two.map((text, id) => ({ id, text })))],
    ["a list with a comma too many", `[${two.map((each) => JSON.stringify(each)).join(", ")},]`],
    ["a truncated list", `["${two[0]}", "${two[1]}", "And then`],
    ["a numbered list", `Here are some:\n\n1. ${two[0]}\n2) "${two[1]}"`],
    ["a list with bullets", `- **${two[0]}**\n* ${two[1]}\n\nHope this helps!`],
    ["lines", `Here are some:\n${two.join("\n\n")}`],
    ["an answer after thoughts", `<think>["no", "nor this"]</think>\n${JSON.stringify(two)}`],
  ])("are read from %s", (_, answer) => {
    expect(readProposals(answer, [])).toEqual(two);
  });

  it.each(["", "[]", "I cannot help with that.", "[[[[", "null", '{"a": 1}', "```\n```", "[1, 2]"])(
    "are empty for %j",
    (answer) => {
      expect(readProposals(answer, [])).toEqual([]);
    },
  );

  it("are dropped if they name a tool, and kept if its name is a common word", () => {
    const answer = JSON.stringify([
      ...["Call List_Pages for me", "Use wiki__search now", "Run getPage", "Search the wiki"],
    ]);
    const names = ["list_pages", "wiki__search", "getPage", "search"];
    expect(readProposals(answer, names)).toEqual(["Search the wiki"]);
  });

  it("are at most four, each once, on one line and within 200 characters", () => {
    const long = `Tell me ${"😀".repeat(200)}`;
    const answer = JSON.stringify(["One\r\nline", "one line", long, "c", "d", "e"]);
    const read = readProposals(answer, []);
    expect(read).toHaveLength(4);
    expect(read[0]).toBe("One line");
    expect(read[1]?.length).toBeLessThanOrEqual(200);
    expect(read[1]).toMatch(/^Tell me 😀+…$/u);
  });

  it("contain no character that hides or turns text", () => {
    const answer = JSON.stringify(["Read\u202e the\u0000 hand\u200bbook\ud800"]);
    expect(readProposals(answer, [])).toEqual(["Read the hand book"]);
  });

  it("are read quickly from the beginning of an endless answer", () => {
    const took = processorMs(() => {
      for (const piece of ["*", '"', "<think>", "[", "1. ", "\\", "_a", " ,"]) {
        expect(readProposals(piece.repeat(1_000_000), ["a_b"]).length).toBeLessThanOrEqual(4);
      }
    });
    expect(took).toBeLessThan(2_000);
    const late = `${" ".repeat(longestAnswer)}${JSON.stringify(two)}`;
    expect(readProposals(late, [])).toEqual([]);
  });
});
