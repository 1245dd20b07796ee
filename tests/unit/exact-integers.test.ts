import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { withExactIntegers } from "@/lib/bounded-json";

// anthropics/claude-code#78762, oceanbase/powercontext#1098
describe("a tool's answer in JSON", () => {
  test.each([
    ['{"id":1915883588174806058}', '{"id":"1915883588174806058"}'],
    ["[-725653563933458432, 1]", '["-725653563933458432", 1]'],
    ["9007199254740993", '"9007199254740993"'],
    ["9007199254740991", "9007199254740991"],
    ["[0.1234567890123456789, 1e400, 1234567890123456789e2]", null],
    ['{"a\\\\\\"1234567890123456789":"1234567890123456789 \\" 1234567890123456789"}', null],
    ['{"broken: 1234567890123456789', null],
  ])("keeps each integer exact: %s", (json, exact) => {
    expect(withExactIntegers(json)).toBe(exact ?? json);
  });

  test("is otherwise unchanged", () => {
    fc.assert(
      fc.property(fc.json(), fc.bigInt({ min: 2n ** 53n, max: 2n ** 70n }), (json, long) => {
        const both = withExactIntegers(`[${json},${long}]`);
        const [value, exact] = JSON.parse(both);
        expect(exact).toBe(String(long));
        expect(JSON.parse(withExactIntegers(JSON.stringify(value)))).toEqual(value);
      }),
    );
  });
});
