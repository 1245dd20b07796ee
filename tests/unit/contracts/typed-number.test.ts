import fc from "fast-check";
import { expect, it } from "vitest";
import { readTypedNumber } from "@/lib/contracts/typed-number";

it.each([
  ["3", 3],
  [" 3.5 ", 3.5],
  ["3,5", 3.5],
  ["-0,25", -0.25],
  ["\u22125", -5],
  ["0,234", 0.234],
  ["12,3456", 12.3456],
  ["1.234", 1.234],
  ["1,234.5", 1234.5],
  ["1.234,5", 1234.5],
  ["1,234,567", 1234567],
  ["1.234.567", 1234567],
  ["1.234.567,89", 1234567.89],
  ["1 234,5", 1234.5],
  ["1\u202f234", 1234],
  ["1'234'567.5", 1234567.5],
  [".5", 0.5],
  ["1e3", 1000],
])("reads %j as %d", (typed, value) => {
  expect(readTypedNumber(typed)).toEqual({ ok: true, value });
});

it.each(["1,234", "-12,345", "999,000"])("asks which number %j means", (typed) => {
  const [whole, decimal] = [typed.replace(",", ""), typed.replace(",", ".")];
  expect(readTypedNumber(typed)).toEqual({
    ok: false,
    problem: `This can mean ${whole} or ${decimal}. Enter it that way.`,
  });
});

it.each([
  "",
  "a",
  "1,2,3",
  "1.2.3",
  "1,23.4",
  "1.23,4,5",
  "0x10",
  "Infinity",
  "1e999",
  "3,5 €",
  "1 23",
  "--1",
])("does not guess at %j", (typed) => {
  expect(readTypedNumber(typed)).toEqual({ ok: false, problem: "Enter a number, such as 1234.5." });
});

it("reads each number as it is written in JSON", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(readTypedNumber(JSON.stringify(value))).toEqual({ ok: true, value: value + 0 });
    }),
  );
});
