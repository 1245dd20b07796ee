import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toolParameters } from "@/components/mcp-servers/detail/tool-parameters";

function typeOf(schema: unknown, root: Record<string, unknown> = {}): string | undefined {
  return toolParameters({ ...root, properties: { given: schema } })[0]?.type;
}

describe("the arguments of a tool", () => {
  it("are listed with type, description, values and whether they are required", () => {
    const schema = {
      type: "object",
      required: ["query"],
      properties: {
        query: { type: "string", description: "What to look for" },
        state: { enum: ["open", "closed"] },
      },
    };
    expect(toolParameters(schema)).toEqual([
      { name: "query", type: "text", required: true, description: "What to look for", values: [] },
      {
        name: "state",
        type: "one of",
        required: false,
        description: null,
        values: ['"open"', '"closed"'],
      },
    ]);
  });

  it.each([
    [{ type: "integer" }, "whole number"],
    [{ type: "boolean" }, "true or false"],
    [{ type: ["string", "null"] }, "text or null"],
    [{ anyOf: [{ type: "string" }, { type: "null" }] }, "text or null"],
    [{ oneOf: [{ type: "string" }, { type: "string" }] }, "text"],
    [{ type: "array", items: { type: "number" } }, "list of number"],
    [{ type: "array" }, "list"],
    [{ const: 3 }, "one of"],
    [{ properties: {} }, "object"],
    [{}, "any"],
    [true, "any"],
  ])("%j reads “%s”", (schema, words) => {
    expect(typeOf(schema)).toBe(words);
  });

  it("follow a reference within their schema", () => {
    const definitions = { $defs: { id: { type: "integer" } } };
    expect(typeOf({ $ref: "#/$defs/id" }, definitions)).toBe("whole number");
  });

  it("end where a reference is circular", () => {
    const circle = { $defs: { a: { anyOf: [{ $ref: "#/$defs/a" }] } } };
    expect(typeOf({ $ref: "#/$defs/a" }, circle)).toBe("any");
  });

  it("are empty if the schema has none", () => {
    expect(toolParameters({ type: "object" })).toEqual([]);
    expect(toolParameters({ properties: "x" })).toEqual([]);
  });

  it("stay short and few, however large the schema", () => {
    const properties = Object.fromEntries(
      Array.from({ length: 5000 }, (_, index) => [
        `p${index}`,
        { enum: Array(500).fill("x".repeat(5000)) },
      ]),
    );
    const parameters = toolParameters({ properties });
    expect(parameters).toHaveLength(200);
    expect(JSON.stringify(parameters).length).toBeLessThan(3_000_000);
  });

  it("are read from any JSON without an exception", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.jsonValue(),
        (schema, properties) => {
          for (const { type, values } of toolParameters({ ...schema, properties })) {
            expect(typeof type).toBe("string");
            expect(values.every((value) => typeof value === "string")).toBe(true);
          }
        },
      ),
    );
  });
});
