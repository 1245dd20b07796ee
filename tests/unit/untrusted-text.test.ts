import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { oneLine, severalLines, visible } from "@/lib/untrusted-text";

const deceptive =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u115f\u200b-\u200c\u200e-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\ufff9-\ufffb\u{e0000}-\u{e0fff}]/u;

/** Any UTF-16 code unit, including lone surrogates; control characters more often than by chance. */
const codeUnit = fc
  .oneof(
    fc.integer({ min: 0, max: 0xffff }),
    fc.integer({ min: 0, max: 0xff }),
    fc.integer({ min: 0x2000, max: 0x206f }),
  )
  .map((code) => String.fromCharCode(code));
const hostileText = fc.string({ unit: codeUnit, maxLength: 200 });

describe("a single-line text", () => {
  it.each([
    ["an ordinary sentence", "an ordinary sentence", "an ordinary sentence"],
    ["line ends", "Read\r\na\u2028file", "Read a file"],
    ["lines, tabs and spaces at its ends", "  two\n\nlines\tand a tab ", "two lines and a tab"],
    ["controls and terminal sequences", "a\u0000b\u001b[31mc\u009fd", "a b [31mc d"],
    ["characters that reverse text", "\u202eelif\u202c \u2067a\u2069\u061c", "elif a"],
    ["zero-width characters", "abc\u202edef\u2066ghi\u200bjkl\ufeff", "abc def ghi jkl"],
    ["hidden tags and selectors that carry data", "Go\u{e0067}\u{e0121} on", "Go on"],
    ["a lone surrogate", "a\ud800b", "a b"],
    ["more marks than a letter has", `e${"\u0301".repeat(500)}!`, `e${"\u0301".repeat(8)}!`],
    ["right-to-left words", "שלום", "שלום"],
    ["emoji of several parts", "日本語 😀 👩‍👩‍👧‍👦 ❤️ 👍🏽", "日本語 😀 👩‍👩‍👧‍👦 ❤️ 👍🏽"],
    ["nothing", "", ""],
  ])("is built from %s", (_, text, shown) => {
    expect(oneLine(text)).toBe(shown);
  });

  it("is truncated with a mark, and not within a character", () => {
    expect(oneLine("abcdefgh", 5)).toBe("abcd…");
    expect(oneLine("abc😀def", 5)).toBe("abc…");
    expect(oneLine("x".repeat(10_000_000), 300)).toHaveLength(300);
  });

  it("never exceeds its length, contains nothing deceptive, and does not change when cleaned again", () => {
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 2, max: 50 }), (text, length) => {
        const line = oneLine(text, length);
        expect(line.length).toBeLessThanOrEqual(length);
        expect(line).not.toMatch(deceptive);
        expect(oneLine(line, length)).toBe(line);
      }),
    );
  });
});

describe("a multi-line text", () => {
  it.each([
    ["keeps its lines, whatever ends them", "One\r\nTwo\rThree\n\nFour", "One\nTwo\nThree\n\nFour"],
    ["collapses many empty lines", "One\n\n\n\n\nTwo", "One\n\nTwo"],
    ["contains nothing that reverses or hides it", "a\u202eb\n\u200bc\td", "a b\n c d"],
  ])("%s", (_, text, shown) => {
    expect(severalLines(text, 100)).toBe(shown);
  });

  it("never exceeds its length, and contains nothing deceptive except line ends", () => {
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 2, max: 50 }), (text, length) => {
        const lines = severalLines(text, length);
        expect(lines.length).toBeLessThanOrEqual(length);
        expect(lines.replaceAll("\n", "")).not.toMatch(deceptive);
      }),
    );
  });
});

describe("a text that a person bases a decision on", () => {
  it.each([
    ["an override", "a\u202eb", "a\\u{202e}b"],
    ["a character without width", "pass\u200bword", "pass\\u{200b}word"],
    ["hidden tags", "Go\u{e0067}", "Go\\u{e0067}"],
    ["selectors that carry data", "Go\u{e0121}", "Go\\u{e0121}"],
    ["a blank letter", "a\u3164b", "a\\u{3164}b"],
    ["a terminal sequence", "\u001b[31m", "\\u{1b}[31m"],
    ["a line end that overwrites the line", "safe\rrm", "safe\\u{d}rm"],
    ["a lone surrogate", "a\udc00b", "a\\u{dc00}b"],
    ["a flood of marks", `e${"\u0301".repeat(10)}`, `e${"\u0301".repeat(8)}\\u{301}\\u{301}`],
  ])("shows %s as its code point", (_, text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  it.each([
    ["lines and tabs", "One\n\tTwo\nThree", "One\n\tTwo\nThree"],
    ["the line ends of Windows", "One\r\nTwo", "One\nTwo"],
    ["emoji of several parts", "👩‍👩‍👧‍👦 ❤️ 👍🏽", "👩‍👩‍👧‍👦 ❤️ 👍🏽"],
    ["every language", "été שלום नमस्ते 日本語", "été שלום नमस्ते 日本語"],
  ])("keeps %s", (_, text, shown) => {
    expect(visible(text)).toBe(shown);
  });
});
