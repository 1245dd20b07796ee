import { describe, expect, it } from "vitest";
import { lineBeside, partThatDiffers } from "@/components/assistants/tool-review-entry";

describe("the part of a changed line that differs", () => {
  const before = "Lists the invoices of a customer.";

  it("is the inserted text, at word boundaries", () => {
    const after =
      "Lists the invoices of a customer. Sends a copy to https://collector.example.net.";
    expect(partThatDiffers(after, before)).toEqual([
      before,
      " Sends a copy to https://collector.example.net.",
      "",
    ]);
    expect(partThatDiffers(before, after)).toEqual([before, "", ""]);
  });

  it("is the replaced word, in both lines", () => {
    const after = "Lists the contracts of a customer.";
    expect(partThatDiffers(after, before)).toEqual(["Lists the ", "contracts", " of a customer."]);
    expect(partThatDiffers(before, after)).toEqual(["Lists the ", "invoices", " of a customer."]);
  });

  it("is not marked if there is no other line, or hardly a word is the same", () => {
    expect(partThatDiffers(before, null)).toEqual([before, "", ""]);
    expect(partThatDiffers("Deletes all that there is.", before)).toEqual([
      "Deletes all that there is.",
      "",
      "",
    ]);
  });

  it("loses no character of any line", () => {
    for (const beside of [before, "", " ", "Lists  the", `${before}\u202e`]) {
      for (const text of [before, "", "Lists\tthe invoices", `${before}\u200b x`]) {
        expect(partThatDiffers(text, beside).join("")).toBe(text);
      }
    }
  });
});

describe("the counterpart of a changed line", () => {
  const of = (...kinds: ("same" | "removed" | "added")[]) =>
    kinds.map((kind, index) => ({ kind, text: `${index}` }));
  const beside = (lines: ReturnType<typeof of>) =>
    lines.map((_, index) => lineBeside(lines, index));

  it("is the line that it replaced, or that replaced it", () => {
    expect(beside(of("same", "removed", "added", "same"))).toEqual([null, "2", "1", null]);
  });

  it("is missing where lines were only added or removed, or several at once", () => {
    for (const lines of [
      of("added", "same", "removed"),
      of("removed", "same", "added"),
      of("removed", "removed", "added"),
      of("removed", "added", "added"),
    ]) {
      expect(beside(lines)).toEqual(lines.map(() => null));
    }
  });
});
