import { describe, expect, it } from "vitest";
import { oneLine, visible } from "@/components/ui/text/untrusted-text";

describe("a name on one line", () => {
  it.each([
    ["a line end", "Read\r\na\u2028file", "Read a file"],
    ["what turns text about", "\u202eelif\u202c \u2067a\u2069\u061c", "elif a"],
    ["more marks than a letter has", `e${"\u0301".repeat(500)}!`, `e${"\u0301".repeat(8)}!`],
    ["words from right to left", "שלום", "שלום"],
  ])("keeps it one line, without %s", (_, text, shown) => {
    expect(oneLine(text)).toBe(shown);
  });
});

describe("a text that somebody decides by", () => {
  it.each([
    ["an override", "a\u202eb", "a\\u{202e}b"],
    ["a character without width", "pass\u200bword", "pass\\u{200b}word"],
    ["hidden tags", "Go\u{e0067}", "Go\\u{e0067}"],
    ["selectors that carry data", "Go\u{e0121}", "Go\\u{e0121}"],
    ["a letter that is blank", "a\u3164b", "a\\u{3164}b"],
    ["a terminal sequence", "\u001b[31m", "\\u{1b}[31m"],
    ["an end of a line that overwrites it", "safe\rrm", "safe\\u{d}rm"],
    ["a flood of marks", `e${"\u0301".repeat(10)}`, `e${"\u0301".repeat(8)}\\u{301}\\u{301}`],
  ])("shows %s as its number", (_, text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  it.each([
    ["lines and tabs", "One\n\tTwo\nThree", "One\n\tTwo\nThree"],
    ["the line ends of Windows", "One\r\nTwo", "One\nTwo"],
    ["emoji of several parts", "👩‍👩‍👧‍👦 ❤️ 👍🏽", "👩‍👩‍👧‍👦 ❤️ 👍🏽"],
    ["every language", "été שלום नमस्ते 日本語", "été שלום नमस्ते 日本語"],
  ])("leaves %s", (_, text, shown) => {
    expect(visible(text)).toBe(shown);
  });
});
