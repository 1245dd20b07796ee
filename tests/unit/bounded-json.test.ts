import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  deepestJson,
  isTooDeep,
  mendedJson,
  objectsIn,
  parseBoundedJson,
  TooDeepJsonError,
} from "@/lib/bounded-json";
import { processorMs } from "@/tests/support/processor-time";

const nested = (depth: number, open: string, inside: string, close: string) =>
  open.repeat(depth) + inside + close.repeat(depth);

describe("JSON from outside", () => {
  it.each([3_000, 100_000, 1_000_000])("is rejected quickly %d levels deep", (depth) => {
    const texts = [
      nested(depth, "[", "", "]"),
      nested(depth, '{"a":', "1", "}"),
      nested(depth, '[{"\\\\":[', "", "]}]"),
      "[".repeat(depth),
    ];
    const ms = processorMs(() => {
      for (const text of texts) expect(() => parseBoundedJson(text)).toThrow(TooDeepJsonError);
    });
    expect(ms).toBeLessThan(2_000);
  });

  it("is read up to the last permitted level, and no further", () => {
    const most = nested(deepestJson, "[", "", "]");
    expect(parseBoundedJson(most)).toEqual(JSON.parse(most));
    expect(isTooDeep(JSON.parse(most))).toBe(false);
    const more = nested(deepestJson + 1, "[", "", "]");
    expect(() => parseBoundedJson(more)).toThrow(TooDeepJsonError);
    expect(isTooDeep(JSON.parse(nested(deepestJson + 2, "[", "", "]")))).toBe(true);
    expect(isTooDeep(JSON.parse(nested(100_000, '{"a":', "1", "}")))).toBe(true);
  });

  it("does not count as deep because of brackets in its strings", () => {
    const text = JSON.stringify({ text: "[{".repeat(5_000), '\\"[': '\\\\"', more: '[\\"[\\\\' });
    expect(parseBoundedJson(text)).toEqual(JSON.parse(text));
  });

  it("parses to what JSON.parse returns", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 20 }), (text) => {
        expect(parseBoundedJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it("that is invalid is rejected like JSON.parse does", () => {
    for (const text of ["", "{", '"', '{"a":"\\', "]".repeat(500)]) {
      expect(() => parseBoundedJson(text)).toThrow(SyntaxError);
    }
  });
});

describe("what is nearly JSON", () => {
  it("stays as it is if it is JSON", () => {
    fc.assert(
      fc.property(fc.json(), fc.integer({ min: 0, max: 4 }), (text, indent) => {
        const json = JSON.stringify(JSON.parse(text), null, indent);
        expect(mendedJson(json)).toBe(json);
      }),
    );
  });

  it("is mended, or is not JSON either", () => {
    const pieces = fc.constantFrom(
      ...'{ } [ ] , : " \\ NaN -Infinity None a \n 1'.split(" "),
      "\t",
    );
    fc.assert(
      fc.property(fc.array(pieces), (parts) => {
        expect(() => mendedJson(parts.join(""))).not.toThrow();
      }),
    );
  });

  it("is found in any text that opens no object", () => {
    const noise = fc.string().map((text) => text.replaceAll("{", ""));
    const object = fc.dictionary(fc.string(), fc.jsonValue()).map((each) => JSON.stringify(each));
    fc.assert(
      fc.property(noise, object, noise, object, (before, one, between, other) => {
        expect(objectsIn(`${before}${one}${between}${other}`)).toEqual([one, other]);
      }),
    );
  });

  it.each(["{", '{"', "{{}", "{x}"])("is given up quickly in a flood of %s", (piece) => {
    const flood = piece.repeat(2_000_000 / piece.length);
    expect(processorMs(() => objectsIn(flood))).toBeLessThan(2_000);
  });
});
