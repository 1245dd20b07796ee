import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { plainText } from "@/lib/mcp/plain-text";

/** Any UTF-16 code unit, halves of pairs too; controls more often than they would come by chance. */
const codeUnit = fc
  .oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0, max: 0xff }))
  .map((code) => String.fromCharCode(code));

describe("a server's own words", () => {
  test.each([
    ["an ordinary sentence", "an ordinary sentence"],
    ["  two\n\nlines\tand a tab ", "two lines and a tab"],
    ["a\u0000b\u001b[31mc\u009fd", "a b [31mc d"],
    ["abc\u202edef\u2066ghi\u200bjkl\ufeff", "abc def ghi jkl"],
    ["", ""],
    ["日本語 😀", "日本語 😀"],
  ])("%j become %j", (text, plain) => {
    expect(plainText(text)).toBe(plain);
  });

  test("are cut with a mark, and not through a character", () => {
    expect(plainText("abcdefgh", 5)).toBe("abcd…");
    expect(plainText("abc😀def", 5)).toBe("abc…");
    expect(plainText("x".repeat(10_000_000), 300)).toHaveLength(300);
  });

  test("never exceed the length, and never hold a control character", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: codeUnit, maxLength: 200 }),
        fc.integer({ min: 2, max: 50 }),
        (text, length) => {
          const plain = plainText(text, length);
          expect(plain.length).toBeLessThanOrEqual(length);
          expect(plain).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
        },
      ),
    );
  });
});
