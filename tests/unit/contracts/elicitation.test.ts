import { describe, expect, it } from "vitest";
import { checkElicitationUrl } from "@/lib/contracts/elicitation/elicitation";
import type { ElicitationField } from "@/lib/contracts/elicitation/elicitation-answer";
import { checkElicitationAnswer } from "@/lib/contracts/elicitation/elicitation-answer";
import { readElicitationForm } from "@/lib/contracts/elicitation/elicitation-form";

const form = (properties: unknown, required: string[] = []) =>
  readElicitationForm({ type: "object", properties, required });

function fieldsOf(properties: unknown, required: string[] = []): ElicitationField[] {
  const read = form(properties, required);
  if (!read.ok) throw new Error(read.reason);
  return read.fields;
}

function problemsOf(properties: unknown, entered: Record<string, unknown>, required?: string[]) {
  const answer = checkElicitationAnswer(fieldsOf(properties, required), entered);
  return answer.ok ? [] : [...answer.problems.keys()];
}

describe("a form that a server asks for", () => {
  it("has every kind of field in the specification, with titles, limits and defaults", () => {
    const titled = [{ const: "r", title: "Red" }];
    const fields = fieldsOf(
      {
        mail: { type: "string", format: "email", title: "Mail", default: "ann@example.com" },
        age: { type: "integer", minimum: 0, maximum: 150, default: 30 },
        ratio: { type: "number" },
        sure: { type: "boolean", default: false },
        old: { type: "string", enum: ["a", "b"], enumNames: ["First", "Second"], default: "b" },
        color: { type: "string", oneOf: titled },
        many: { type: "array", items: { enum: ["x", "y"] }, minItems: 1, default: ["y"] },
        titledMany: { type: "array", items: { anyOf: titled } },
      },
      ["mail"],
    );

    expect(fields).toMatchObject([
      { kind: "text", format: "email", title: "Mail", required: true, default: "ann@example.com" },
      { kind: "number", integer: true, minimum: 0, maximum: 150, default: 30 },
      { kind: "number", integer: false, required: false },
      { kind: "boolean", default: false },
      { kind: "choice", options: [{ title: "First" }, { title: "Second" }], default: "b" },
      { kind: "choice", options: [{ value: "r", title: "Red" }] },
      { kind: "choices", minItems: 1, maxItems: 2, default: ["y"] },
      { kind: "choices", options: [{ value: "r", title: "Red" }] },
    ]);
  });

  it.each([
    ["in capitals", "OBJECT"],
    ["in a list", ["object", "null"]],
    ["left out", null],
  ])("has its type %s", (_, type) => {
    const properties = { a: { type: "STRING" } };
    expect(readElicitationForm({ type, properties })).toMatchObject({
      fields: [{ name: "a", kind: "text" }],
    });
  });

  it("asks only for a yes if its properties are null", () => {
    const asked = { type: "object", properties: null, required: null };
    expect(readElicitationForm(asked)).toEqual({ ok: true, fields: [] });
  });

  // ArcadeAI/arcade-mcp#828, modelcontextprotocol/csharp-sdk#715
  it.each([
    ["a type that may be null", { type: ["string", "null"] }, { kind: "text" }],
    [
      "a text or null",
      { anyOf: [{ type: "string", maxLength: 5 }, { type: "null" }], default: null, title: "A" },
      { kind: "text", maxLength: 5, title: "A" },
    ],
    [
      "a choice or null",
      { anyOf: [{ enum: ["x", "y"], type: "string" }, { type: "null" }] },
      { kind: "choice", options: [{ value: "x" }, { value: "y" }] },
    ],
    ["choices without a type", { enum: ["x"] }, { kind: "choice", options: [{ value: "x" }] }],
    ["choices or null", { enum: ["x", null] }, { kind: "choice", options: [{ value: "x" }] }],
    ["one choice", { const: "x" }, { kind: "choice", options: [{ value: "x" }] }],
    [
      "titled choices in anyOf",
      { type: "string", anyOf: [{ const: "x", title: "X" }, { const: "y" }] },
      { kind: "choice", options: [{ title: "X" }, { title: "y" }] },
    ],
    [
      "several choices in oneOf",
      { type: "array", items: { oneOf: [{ const: "x" }] } },
      { kind: "choices", options: [{ value: "x" }] },
    ],
    ["a text or a number", { type: ["string", "number"] }, { kind: "text" }],
    [
      "a text or a number in anyOf",
      { anyOf: [{ type: "string", maxLength: 9 }, { type: "integer" }] },
      { kind: "text", maxLength: 9 },
    ],
    ["a type in capitals", { type: "STRING" }, { kind: "text" }],
    ["a type by another name", { type: "bool" }, { kind: "boolean" }],
    ["no type at all", { description: "Your name" }, { kind: "text" }],
    ["yes and no as choices", { enum: [true, false] }, { kind: "boolean" }],
    [
      "the same choice twice",
      { type: "string", enum: ["x", "x", "y"] },
      { kind: "choice", options: [{ value: "x" }, { value: "y" }] },
    ],
    [
      "one choice in each branch",
      {
        anyOf: [
          { type: "string", enum: ["x"], title: "X" },
          { type: "string", enum: ["y"] },
        ],
      },
      { kind: "choice", options: [{ value: "x", title: "X" }, { value: "y" }] },
    ],
    [
      "its choices in a list of one",
      { type: "array", items: [{ enum: ["x"] }], minItems: 3 },
      { kind: "choices", options: [{ value: "x" }], minItems: 1 },
    ],
    [
      "titles beside its choices",
      { type: "array", items: { type: "string", enum: ["x"] }, enumNames: ["The X"] },
      { options: [{ title: "The X" }] },
    ],
    [
      "one text as the default of several",
      { type: "array", items: { enum: ["x"] }, default: "x" },
      { default: ["x"] },
    ],
    [
      "numbers as texts",
      { type: "integer", minimum: "1", maximum: "5", default: "3" },
      { minimum: 1, maximum: 5, default: 3 },
    ],
    [
      "limits that it excludes",
      { type: "integer", exclusiveMinimum: 0, exclusiveMaximum: 10 },
      { minimum: 1, maximum: 9 },
    ],
    [
      "a format by another name",
      { type: "string", format: "url" },
      { kind: "text", format: "uri" },
    ],
    ["a further format", { type: "string", format: "uuid" }, { kind: "text", format: null }],
  ])("has a field with %s, as generators write it", (_name, property, field) => {
    expect(fieldsOf({ a: property })).toMatchObject([{ ...field, required: false }]);
  });

  // PrefectHQ/fastmcp#1565
  it.each([
    ["directly", { $ref: "#/$defs/Status" }, "choice"],
    ["in a list of one", { allOf: [{ $ref: "#/$defs/Status" }], title: "A" }, "choice"],
    ["as a text or null", { anyOf: [{ $ref: "#/$defs/Status" }, { type: "null" }] }, "choice"],
    ["in a list", { type: "array", items: { $ref: "#/$defs/Status" } }, "choices"],
  ])("may refer to its choices %s", (_name, property, kind) => {
    const $defs = { Status: { type: "string", enum: ["open", "done"] } };
    const read = readElicitationForm({ type: "object", properties: { a: property }, $defs });
    const options = [{ value: "open" }, { value: "done" }];
    expect(read).toMatchObject({ ok: true, fields: [{ kind, options }] });
  });

  it("does not follow a reference in a circle, or to what is not there", () => {
    const $defs = { A: { $ref: "#/$defs/A" } };
    for (const $ref of ["#/$defs/A", "#/$defs/B", "https://a.example/b", "#/$defs/__proto__"]) {
      expect(readElicitationForm({ properties: { a: { $ref } }, $defs }).ok).toBe(false);
    }
  });

  it("returns a choice among numbers as a number", () => {
    const fields = fieldsOf({ a: { type: "integer", enum: [1, 2], default: 2 } });
    expect(fields).toMatchObject([{ kind: "choice", options: [{ value: "1" }, {}], default: "2" }]);
    expect(checkElicitationAnswer(fields, { a: "1" })).toEqual({ ok: true, content: { a: 1 } });
    expect(checkElicitationAnswer(fields, { a: "3" }).ok).toBe(false);
  });

  it.each<[string, object, string[], number[]]>([
    ["without a type", { type: "array", items: { enum: [1, 2, 3] } }, ["2", "3"], [2, 3]],
    ["of a type", { type: "array", items: { type: "integer", enum: [1, 2] } }, ["2"], [2]],
    ["with titles", { type: "array", items: { anyOf: [{ const: 1, title: "One" }] } }, ["1"], [1]],
  ])("returns several choices among numbers %s as numbers", (_name, property, entered, sent) => {
    expect(checkElicitationAnswer(fieldsOf({ a: property }), { a: entered })).toEqual({
      ok: true,
      content: { a: sent },
    });
  });

  it.each([{ properties: {} }, { type: "object" }, { type: "object", properties: [] }])(
    "may have no field, as %j has: it asks only to confirm",
    (schema) => {
      // PrefectHQ/fastmcp#3910
      expect(readElicitationForm(schema)).toEqual({ ok: true, fields: [] });
    },
  );

  it("may be its fields alone, and require one by its name", () => {
    const fields = { a: { type: "string" }, b: { type: "boolean" } };
    expect(readElicitationForm(fields)).toMatchObject({ fields: [{ name: "a" }, { name: "b" }] });
    const byName = { type: "object", properties: fields, required: "a" };
    expect(readElicitationForm(byName)).toMatchObject({ fields: [{ required: true }, {}] });
    const inField = { a: { type: "string", required: true }, b: { type: "string" } };
    expect(fieldsOf(inField)).toMatchObject([{ required: true }, { required: false }]);
  });

  it.each([
    ["two types of which none is a text", { type: ["number", "boolean"] }],
    ["two forms of which none is a text", { anyOf: [{ type: "number" }, { type: "boolean" }] }],
    ["null alone", { anyOf: [{ type: "null" }] }],
  ])("is rejected for a field with %s", (_name, property) => {
    expect(form({ a: property }).ok).toBe(false);
  });

  it("omits a default that its own field rejects", () => {
    expect(fieldsOf({ age: { type: "integer", default: "old" } })[0]).not.toHaveProperty("default");
  });

  it("shows the server's text on one line, without characters that turn or hide text", () => {
    const [field] = fieldsOf({ a: { type: "string", title: "Pay\u202e\n\u200b now\u0000" } });
    expect(field?.title).toBe("Pay now");
  });

  it.each([
    ["no schema", null],
    ["nested objects", { type: "object", properties: { a: { type: "object", properties: {} } } }],
    ["lists of objects", { type: "object", properties: { a: { type: "array", items: {} } } }],
    [
      "an inherited name",
      JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string"}}}'),
    ],
    ["a constructor", { type: "object", properties: { constructor: { type: "string" } } }],
    [
      "a format for secrets",
      { type: "object", properties: { a: { type: "string", format: "password" } } },
    ],
    ["a required field it lacks", { type: "object", properties: {}, required: ["toString"] }],
    ["a thousand fields", { type: "object", properties: manyFields(1_000) }],
    [
      "too many choices",
      { type: "object", properties: { a: { type: "string", enum: numbers(201) } } },
    ],
  ])("is rejected with a reason: %s", (_name, schema) => {
    expect(readElicitationForm(schema)).toEqual({
      ok: false,
      reason: expect.stringMatching(/\.$/),
    });
  });

  it("leaves out an optional field that it cannot show, and says why", () => {
    const name = { type: "string" };
    const address = { type: "object", properties: { street: { type: "string" } } };
    const colour = { type: "string", enum: numbers(201) };
    expect(form({ name, address, colour }, ["name"])).toMatchObject({
      ok: true,
      fields: [{ name: "name" }],
      leftOut: [
        "The field “address” is not text, a number, yes or no, or a choice.",
        "The field “colour” has no choices, or more than 200.",
      ],
    });
    expect(form({ name, address }, ["address"]).ok).toBe(false);
    expect(form({ name, address: { ...address, required: true } }).ok).toBe(false);
  });

  it("is rejected as a whole for an optional field that is meant for a secret", () => {
    const secret = { type: "string", format: "password" };
    expect(form({ name: { type: "string" }, secret }).ok).toBe(false);
  });

  it("never runs a pattern from the server", () => {
    const properties = { a: { type: "string", pattern: "^(a+)+$" } };
    expect(problemsOf(properties, { a: `${"a".repeat(5_000)}!` })).toEqual([]);
  });
});

describe("the answer to a form", () => {
  it("contains what was entered, and omits what was left empty", () => {
    const fields = fieldsOf({
      a: { type: "string" },
      b: { type: "string" },
      c: { type: "boolean" },
    });
    expect(checkElicitationAnswer(fields, { a: "x", b: "", c: false })).toEqual({
      ok: true,
      content: { a: "x", c: false },
    });
  });

  it.each([
    [{ type: "string", format: "email" }, "ann", "ann@example.com"],
    [{ type: "string", format: "uri" }, "example", "https://example.com/"],
    [{ type: "string", format: "date" }, "2026-02-30", "2026-02-28"],
    [{ type: "string", format: "date-time" }, "2026-02-28", "2026-02-28T10:00:00+01:00"],
    [{ type: "string", maxLength: 2 }, "abc", "😀😀"],
    [{ type: "string", minLength: 2 }, "😀", "ab"],
    [{ type: "string" }, "x".repeat(10_001), "x".repeat(10_000)],
    [{ type: "integer" }, 1.5, 1],
    [{ type: "number", minimum: 1, maximum: 2 }, 2.1, 1.5],
    [{ type: "number" }, Number.NaN, 0],
    [{ type: "boolean" }, "true", true],
    [{ type: "string", enum: ["a"] }, "toString", "a"],
    [{ type: "array", items: { enum: ["a", "b"] }, maxItems: 1 }, ["a", "b"], ["a"]],
    [{ type: "array", items: { enum: ["a", "b"] } }, ["a", "a"], ["a", "b"]],
  ])("is checked against %j", (property, wrong, right) => {
    expect(problemsOf({ a: property }, { a: wrong })).toEqual(["a"]);
    expect(problemsOf({ a: property }, { a: right })).toEqual([]);
  });

  it("requires the required fields, and accepts nothing that was not asked for", () => {
    expect(problemsOf({ a: { type: "string" } }, {}, ["a"])).toEqual(["a"]);
    const extra = JSON.parse('{"a":"x","__proto__":{"admin":true}}');
    expect(problemsOf({ a: { type: "string" } }, extra)).toEqual([""]);
    expect(problemsOf({ toString: { type: "string" } }, {}, ["toString"])).toEqual(["toString"]);
  });

  it("repeats no entered value in an error", () => {
    const fields = fieldsOf({ a: { type: "string", format: "email" } });
    const answer = checkElicitationAnswer(fields, { a: "hunter2" });
    expect(answer.ok ? "" : [...answer.problems.values()].join()).not.toContain("hunter2");
  });
});

describe("a URL that a server asks to open", () => {
  it("is shown by its host, with lookalike letters as code points", () => {
    expect(checkElicitationUrl("https://Bank.example:8443/a?b")).toMatchObject({
      host: "bank.example:8443",
      international: false,
    });
    expect(checkElicitationUrl("https://b\u0430nk.example/")).toMatchObject({
      host: expect.stringMatching(/^xn--/),
      international: true,
    });
  });

  it.each([
    "javascript:alert(1)",
    "http://example.com/",
    "data:text/html,x",
    "https://bank.example@evil.example/",
    "https://:secret@evil.example/",
    "/connections",
    `https://example.com/${"a".repeat(8_000)}`,
    null,
  ])("is rejected: %s", (address) => {
    expect(checkElicitationUrl(address)).toEqual({ ok: false, reason: expect.any(String) });
  });
});

function manyFields(count: number): Record<string, unknown> {
  return Object.fromEntries(numbers(count).map((name) => [`f${name}`, { type: "string" }]));
}

function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index));
}
