import { describe, expect, it } from "vitest";
import { fillExamples, tidyExamples, writtenExamples } from "@/lib/contracts/assistant-examples";

describe("example sentences written by an admin", () => {
  it("are trimmed and put on one line; blank ones and duplicates are dropped", () => {
    const given = ["  Read\tthe\n handbook ", " ", "read the HANDBOOK", "Où est-il ?", ""];
    expect(tidyExamples(given)).toEqual(["Read the handbook", "Où est-il ?"]);
    // Typed as one character, and as two.
    expect(tidyExamples(["Caf\u00e9", "Cafe\u0301"])).toHaveLength(1);
  });

  it("are counted afterwards, four at most", () => {
    const four = ["one", "two", "three", "four"];
    expect(writtenExamples.parse([...four, "", " ONE "])).toEqual(four);
    expect(writtenExamples.safeParse([...four, "five"]).error?.issues[0]?.message).toBe(
      "An assistant may have 4 examples at most.",
    );
  });

  it("may be empty, and have at most 200 characters", () => {
    expect(writtenExamples.parse([])).toEqual([]);
    expect(writtenExamples.parse([`${"a".repeat(200)}  `])[0]).toHaveLength(200);
    expect(writtenExamples.safeParse(["a".repeat(201)]).success).toBe(false);
  });
});

it("proposals fill empty fields in order, and repeat nothing that exists", () => {
  const proposed = ["Mine", "first", "Second", "Third", "Fourth"];
  expect(fillExamples(["", "mine", "  ", ""], proposed)).toEqual([
    ...["first", "mine", "Second", "Third"],
  ]);
  expect(fillExamples(["", "", "", "kept"], ["only"])).toEqual(["only", "", "", "kept"]);
  expect(fillExamples(["a", "b"], proposed)).toEqual(["a", "b"]);
});
