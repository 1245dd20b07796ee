import { describe, expect, it } from "vitest";
import { bulkChoices, countWords } from "@/components/assistants/bulk-choice";
import { toolOptions, toolsMatching } from "@/components/assistants/tool-selection";

const tool = (name: string, readOnly: boolean) => ({
  ...{ name, readOnly, title: null, description: null },
});
/** `gone` was chosen, and its server no longer lists it. */
const options = toolOptions(
  [tool("list_issues", true), tool("get_page", true), tool("edit_issue", false)],
  ["gone"],
);
const issues = toolsMatching(options, "issue");

function pressed(action: string, chosenNames: readonly string[], shown = options) {
  const narrowed = shown !== options;
  const choice = bulkChoices(options, shown, { narrowed, chosenNames }).find(
    (each) => each.action === action,
  );
  return [choice?.label, choice?.toolNames];
}

describe("choosing many tools at once", () => {
  it("chooses every tool that the server lists", () => {
    expect(pressed("select", [])).toEqual([
      "Select all",
      ["edit_issue", "get_page", "list_issues"],
    ]);
  });

  it("chooses only the read-only tools", () => {
    const only = ["Only read-only (2)", ["get_page", "list_issues"]];
    expect(pressed("read-only", [])).toEqual(only);
    expect(pressed("read-only", ["edit_issue", "gone"])).toEqual(only);
  });

  it("clears all, including missing tools", () => {
    expect(pressed("clear", ["gone", "get_page"])).toEqual(["Clear", []]);
  });

  it("adds the search results, or the read-only ones among them, to the chosen tools", () => {
    expect(pressed("select", ["get_page"], issues)).toEqual([
      "Select shown (2)",
      ["edit_issue", "get_page", "list_issues"],
    ]);
    expect(pressed("read-only", ["get_page", "gone"], issues)).toEqual([
      "Select read-only (1)",
      ["get_page", "gone", "list_issues"],
    ]);
  });

  it("clears the search results, and leaves the rest chosen", () => {
    const chosen = ["edit_issue", "get_page", "gone"];
    expect(pressed("clear", chosen, issues)).toEqual(["Clear shown (1)", ["get_page", "gone"]]);
  });
});

describe("the number of chosen tools", () => {
  const words = (chosenNames: readonly string[], shown = options) =>
    countWords(options, shown, { narrowed: shown !== options, chosenNames });

  it("is given with the total, without missing tools", () => {
    expect(words([])).toBe("0 of 3 chosen");
    expect(words(["gone", "get_page"])).toBe("1 of 3 chosen");
  });

  it("includes, during a search, what is chosen outside its results", () => {
    expect(words(["edit_issue"], issues)).toBe("2 shown · 1 of 3 chosen");
    expect(words(["edit_issue", "get_page"], issues)).toBe(
      "2 shown · 2 of 3 chosen, 1 of them not shown",
    );
    expect(words(["get_page"], [])).toBe("0 shown · 1 of 3 chosen, 1 of them not shown");
  });
});
