import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ProviderFamily } from "@/lib/chat/model/tools/families";
import { sendableSchema } from "@/lib/chat/model/tools/offered-tools";
import { type ArgumentNames, restoreArguments } from "@/lib/chat/model/tools/tool-arguments";
import { refusedBy } from "@/tests/support/provider-schema-rules";

const families: ProviderFamily[] = [
  ...(["openai", "anthropic", "gemini", "kimi", "grok", "openai-compatible"] as const),
];

function sent(schema: unknown, family: ProviderFamily = "openai") {
  const made = sendableSchema(schema, family);
  if (!made.ok) throw new Error(made.reason);
  return made;
}

const keys = fc.oneof(
  fc.constantFrom("a", "$filter", "user id", "@type", "名前", "1st", "a.b", "__proto__", "", "x y"),
  fc.string({ maxLength: 80 }),
);
const typeWords = fc.oneof(
  fc.constantFrom("object", "array", "string", "number", "integer", "boolean", "null"),
  fc.constantFrom("int", "str", "dict", "list", "any", "STRING", "date", ""),
);
/** JSON Schemas of depth 6 at most, many of them not valid under any specification. */
const { schema: anySchema } = fc.letrec((tie) => ({
  schema: fc.oneof(
    { maxDepth: 6, depthSize: "xsmall" },
    fc.constantFrom<unknown>({}, true, false, null, 5, [], "x"),
    fc.record(
      {
        type: fc.oneof(typeWords, fc.array(typeWords, { maxLength: 4 }), fc.constant(null)),
        description: fc.oneof(fc.string(), fc.constant(null)),
        properties: fc.oneof(
          { weight: 4, arbitrary: fc.dictionary(keys, tie("schema"), { maxKeys: 4 }) },
          { weight: 1, arbitrary: fc.constant([]) },
        ),
        required: fc.oneof(fc.array(keys, { maxLength: 3 }), fc.boolean()),
        items: fc.oneof(tie("schema"), fc.array(tie("schema"), { maxLength: 3 })),
        prefixItems: fc.array(tie("schema"), { maxLength: 2 }),
        additionalProperties: tie("schema"),
        anyOf: fc.array(tie("schema"), { maxLength: 3 }),
        oneOf: fc.array(tie("schema"), { maxLength: 3 }),
        allOf: fc.array(tie("schema"), { maxLength: 3 }),
        not: tie("schema"),
        if: tie("schema"),
        else: tie("schema"),
        $ref: fc.constantFrom("#", "#/$defs/a", "#/definitions/b", "#/nowhere", "https://x/y", "%"),
        $defs: fc.dictionary(fc.constantFrom("a", "b"), tie("schema"), { maxKeys: 2 }),
        enum: fc.array(fc.jsonValue({ maxDepth: 1 }), { maxLength: 5 }),
        const: fc.jsonValue({ maxDepth: 1 }),
        minimum: fc.oneof(fc.integer(), fc.string()),
        exclusiveMinimum: fc.oneof(fc.integer(), fc.boolean()),
        format: fc.constantFrom("date-time", "uuid", "uri", "int64", "nonsense"),
        pattern: fc.oneof(
          fc.constantFrom("^a$", "(?<=x)y", "(", "\\p{L}", "[a-z", "^[\\w.-]+\\/\\d$", "^a|^b$"),
          fc.string({ unit: fc.constantFrom(..."^$[]\\-dw/.a+") }),
        ),
        nullable: fc.boolean(),
        default: fc.jsonValue({ maxDepth: 1 }),
      },
      { requiredKeys: [] },
    ),
  ),
}));

describe("any JSON Schema as sent to a model's API", () => {
  test.each(families)(
    "is accepted by %s",
    (family) => {
      fc.assert(
        fc.property(anySchema, (schema) => {
          const made = sendableSchema(schema, family);
          if (made.ok) expect(refusedBy(family, made.schema)).toEqual([]);
          else expect(made.reason).toMatch(/too large/);
        }),
        { numRuns: 2_000, endOnFailure: true },
      );
    },
    180_000,
  );

  test.each(families)(
    "leads back to the server's own names, for %s",
    (family) => {
      fc.assert(
        fc.property(anySchema, (schema) => {
          const made = sendableSchema(schema, family);
          if (!made.ok) return;
          const [written, meant] = argumentsOf(made.names, 0);
          expect(restoreArguments(written, made.names)).toEqual(meant);
        }),
        { numRuns: 1_000, endOnFailure: true },
      );
    },
    180_000,
  );

  test("has a unique name for each key of an object", () => {
    fc.assert(
      fc.property(fc.uniqueArray(keys, { minLength: 1, maxLength: 12 }), (given) => {
        const properties = Object.fromEntries(given.map((key) => [key, { type: "string" }]));
        const { schema, names } = sent({ type: "object", properties });
        expect(Object.keys(schema.properties as object)).toHaveLength(given.length);
        expect([...names.properties.values()].map(({ key }) => key).sort()).toEqual(
          [...given].sort(),
        );
      }),
    );
  });
});

/** Arguments with a value for each name, as a model would write them, and as the server must receive them. */
function argumentsOf(names: ArgumentNames, depth: number): [unknown, unknown] {
  if (names.asJson) return ['{"any":1}', { any: 1 }];
  if (depth > 8) return ["deep", "deep"];
  if (names.properties.size === 0) {
    if (!names.items) return ["leaf", "leaf"];
    const [written, meant] = argumentsOf(names.items, depth + 1);
    return [[written], [meant]];
  }
  const entries = [...names.properties].map(([name, { key, names: inner }]) => {
    const [written, meant] = argumentsOf(inner, depth + 1);
    return { written: [name, written] as const, meant: [key, meant] as const };
  });
  return [
    Object.fromEntries(entries.map((each) => each.written)),
    Object.fromEntries(entries.map((each) => each.meant)),
  ];
}

describe("a schema that a model's API rejects", () => {
  // makenotion/notion-mcp-server#340, anthropics/claude-code#56174
  test("for alternatives at the top becomes one object that says what to choose", () => {
    const string = { type: "string" };
    const { schema } = sent({
      type: "object",
      properties: { shared: string },
      required: ["shared"],
      oneOf: [
        { properties: { content: string }, required: ["content"] },
        { properties: { url: string }, required: ["url"] },
      ],
    });
    expect(schema).toEqual({
      type: "object",
      description: "Give one of: content; url.",
      properties: { shared: string, content: string, url: string },
      required: ["shared"],
    });
  });

  test("for a reference is inlined, as deep as a recursive one is sent", () => {
    const { schema } = sent({
      type: "object",
      properties: { node: { $ref: "#/$defs/node", description: "The first" } },
      $defs: {
        node: {
          type: "object",
          properties: { next: { $ref: "#/$defs/node" }, n: { type: "int" } },
        },
      },
    });
    expect(schema).toMatchObject({
      properties: {
        node: {
          type: "object",
          properties: { n: { type: "integer" }, next: { properties: { n: { type: "integer" } } } },
        },
      },
    });
    expect(JSON.stringify(schema)).not.toContain("$ref");
  });

  // decocms/studio#6874, twilio-labs/mcp#49
  test.each([
    ["$filter", "filter"],
    ["user id", "user_id"],
    ["@type", "type"],
    ["2fa", "p_2fa"],
    ["名前", expect.stringMatching(/^key_[0-9a-f]{8}$/)],
  ])("for the key %s gets another key, and names the server's", (key, name) => {
    const { schema, names } = sent({ type: "object", properties: { [key]: { type: "string" } } });
    const [sentName = ""] = Object.keys(schema.properties as object);
    expect(sentName).toEqual(name);
    expect(JSON.stringify(schema)).toContain(JSON.stringify(JSON.stringify(key)).slice(1, -1));
    expect(restoreArguments({ [sentName]: "x", other: 1 }, names)).toEqual({
      [key]: "x",
      other: 1,
    });
  });

  test("keeps a name where the server accepts any names", () => {
    const { names } = sent({
      type: "object",
      properties: { $filter: { type: "string" }, data: { type: "object" } },
    });
    const written = { filter: "a", data: { filter: "b" } };
    expect(restoreArguments(written, names)).toEqual({ $filter: "a", data: { filter: "b" } });
  });

  test("for a draft 4 bound, an array without items, a type list or numbers in an enum is repaired", () => {
    const schema = {
      type: "object",
      properties: {
        age: { type: "integer", minimum: 0, exclusiveMinimum: true },
        tags: { type: "array" },
        id: { type: ["string", "null"] },
        level: { type: "integer", enum: [1, 2] },
        free: { type: "object" },
      },
    };
    expect(sent(schema).schema.properties).toEqual({
      age: { type: "integer", exclusiveMinimum: 0 },
      tags: { type: "array", items: {} },
      id: { type: ["string", "null"] },
      level: { type: "integer", enum: [1, 2] },
      free: { type: "object", properties: {} },
    });
    const gemini = sent(schema, "gemini");
    expect(gemini.schema.properties).toMatchObject({
      age: { type: "integer" },
      id: { type: "string", nullable: true },
      level: { type: "integer", description: "One of: 1, 2." },
      free: { type: "string", description: "A JSON object, written as text." },
    });
    expect(restoreArguments({ free: '{"a":1}', id: '{"a":1}' }, gemini.names)).toEqual({
      free: { a: 1 },
      id: '{"a":1}',
    });
  });

  // ggml-org/llama.cpp#25746, ggml-org/llama.cpp#27859, firecrawl/firecrawl#4512, PrismML-Eng/llama.cpp#87
  test("for many repetitions has them in words where a grammar is built from them", () => {
    const schema = {
      type: "object",
      properties: {
        text: { type: "string", description: "A note.", minLength: 1, maxLength: 65_536 },
        code: { type: "string", pattern: "^[a-z]{1,5000}$" },
        list: { type: "array", items: { type: "string", maxLength: 64 }, maxItems: 1_000 },
      },
    };
    expect(sent(schema, "openai-compatible").schema.properties).toEqual({
      text: { type: "string", description: "A note. At most 65536 characters.", minLength: 1 },
      code: { type: "string", description: "It matches ^[a-z]{1,5000}$" },
      list: {
        type: "array",
        description: "At most 1000 items.",
        items: { type: "string", maxLength: 64 },
      },
    });
    expect(sent(schema).schema.properties).toMatchObject({ text: { maxLength: 65_536 } });
  });

  // lidge-jun/opencodex#2135, and the Kubernetes server's own
  test.each([
    ["^[a-z0-9]+(-[a-z0-9]+)*$", true],
    ["^v[0-9]+\\.[0-9]+$", true],
    ["^a\\\\[\\\\]$", true],
    ["^\\d{4}-\\d{2}$", false],
    ["^[\\w.-]+$", false],
    ["^https?:\\/\\/.+$", false],
    ["^([/_.\\-A-Za-z0-9=, ()!])+$", false],
    ["^a$|^b$", false],
  ])("for the pattern %s keeps it where a grammar is made of it: %s", (pattern, isKept) => {
    const schema = { type: "object", properties: { a: { type: "string", pattern } } };
    expect(sent(schema, "openai-compatible").schema.properties).toEqual({
      a: { type: "string", ...(isKept ? { pattern } : { description: `It matches ${pattern}` }) },
    });
    expect(sent(schema).schema.properties).toMatchObject({ a: { pattern } });
  });

  // NousResearch/hermes-agent#27907, NousResearch/hermes-agent#28122, tailcallhq/forgecode#2809
  test("for what Grok's grammar cannot say has it in words", () => {
    const properties = {
      accept: { type: "string", enum: ["application/json", "*/*"] },
      mode: { type: ["string", "null"], enum: ["a", null] },
      at: { type: "string", format: "date-time", pattern: "^2" },
    };
    expect(sent({ type: "object", properties }, "grok").schema.properties).toEqual({
      accept: { type: "string", description: 'One of: "application/json", "*/*".' },
      mode: { type: ["string", "null"], enum: ["a"] },
      at: { type: "string", description: "It matches ^2" },
    });
  });

  // MoonshotAI/kimi-cli#1595, earendil-works/pi#4138, MoonshotAI/kimi-code#2661
  test("for a part without a type has one for each kind of value", () => {
    const properties = { source: { description: "From" }, list: { type: "array" } };
    const any = [
      ...["string", "number", "boolean"].map((type) => ({ type })),
      { type: "object", properties: {} },
      { type: "array", items: { type: "string" } },
    ];
    expect(sent({ type: "object", properties }, "kimi").schema.properties).toEqual({
      source: { description: "From", anyOf: any },
      list: { type: "array", items: { anyOf: any } },
    });
  });

  // chattermate/chattermate.chat#303, can1357/oh-my-pi#211
  test("for values of other keys without a type says that they may be any", () => {
    const map = (additionalProperties: unknown) => ({ type: "object", additionalProperties });
    const any = [
      {},
      { description: "Anything" },
      { title: "Any" },
      { default: 1 },
      { $ref: "#/$defs/any" },
    ];
    for (const rest of [...any, true, { enum: [{ a: 1 }] }]) {
      expect(sent(map(rest)).schema).toMatchObject({ additionalProperties: true });
      const properties = { query: map(rest) };
      const within = sent({ type: "object", properties, $defs: { any: {} } }).schema;
      expect(within.properties).toMatchObject({ query: { additionalProperties: true } });
    }
    for (const rest of [false, { not: {} }]) {
      expect(sent(map(rest)).schema).toMatchObject({ additionalProperties: false });
    }
    const list = { type: "array", items: {} };
    const values = ["string", "number", "boolean", "object", "array"];
    expect(sent(map(list)).schema.additionalProperties).toMatchObject({
      type: "array",
      items: { anyOf: values.map((type) => ({ type })) },
    });
    expect(sent(map({ type: "object", properties: { a: {} } })).schema).toMatchObject({
      additionalProperties: { properties: { a: { anyOf: values.map((type) => ({ type })) } } },
    });
    expect(sent(map(map({}))).schema.additionalProperties).toMatchObject({
      additionalProperties: true,
    });
    expect(sent({ type: "object", properties: { list } }).schema.properties).toEqual({ list });
  });

  // lbjlaq/Antigravity-Manager#952, microsoft/autogen#7456, langchain4j/langchain4j#5790
  test.each([
    ["an anchor", "#address", { a: { $anchor: "address", enum: ["x"] } }],
    ["an id", "address.json", { a: { $id: "address.json", enum: ["x"] } }],
    [
      "a place in another document of its id",
      "https://x.example/s#/$defs/a",
      { a: { enum: ["x"] } },
    ],
    ["a name alone", "a", { a: { enum: ["x"] } }],
    ["a place that it was moved from", "#/components/schemas/a", { a: { enum: ["x"] } }],
    ["a place within a part", "#/$defs/a", { b: { $defs: { a: { enum: ["x"] } } } }],
  ])("for a reference to %s has what it points to", (_, $ref, $defs) => {
    const root = {
      $id: "https://x.example/s",
      type: "object",
      properties: { to: { $ref } },
      $defs,
    };
    expect(sent(root).schema.properties).toEqual({ to: { type: "string", enum: ["x"] } });
  });

  // anomalyco/opencode#15795, lambda-alpha-labs/Graphenium#37
  test("for anything beside anyOf has it within", () => {
    const anyOf = [{ type: "string" }, { type: "integer", description: "Its number." }];
    const properties = {
      who: { description: "A person.", anyOf: [...anyOf, { type: "null" }] },
      what: { description: "Anything." },
    };
    expect(sent({ type: "object", properties }, "gemini").schema.properties).toEqual({
      who: {
        anyOf: [
          { type: "string", description: "A person.", nullable: true },
          { type: "integer", description: "Its number.", nullable: true },
        ],
      },
      what: {
        anyOf: [
          { type: "string", description: "Anything." },
          { type: "number" },
          { type: "boolean" },
        ],
      },
    });
  });

  // TencentCloudBase/CloudBase-AI-Toolkit#626, openclaw/openclaw#29416, lidge-jun/opencodex#4096
  test("has no alternative that nothing fits, and the rest in other words", () => {
    const properties = {
      may: { anyOf: [{ not: {} }, { type: "string" }] },
      fields: { type: "object", patternProperties: { "^(.*)$": { type: "string" } } },
      flags: { type: "string", pattern: "(?i)^a" },
      any: { type: "string", pattern: "^[^]+$" },
      exact: { enum: [{ a: 1 }, { a: 2 }] },
    };
    expect(sent({ type: "object", properties }).schema.properties).toEqual({
      may: { type: "string" },
      fields: { type: "object", properties: {}, additionalProperties: { type: "string" } },
      flags: { type: "string", description: "It matches (?i)^a" },
      any: { type: "string", description: "It matches ^[^]+$" },
      exact: { description: 'One of: {"a":1}, {"a":2}.' },
    });
  });

  test("keeps each value that is listed, whatever its type", () => {
    const properties = {
      level: { type: ["string", "integer"], enum: ["auto", 1, 2] },
      untyped: { enum: ["a", "b"] },
      mixed: { enum: ["a", 1, null] },
      // modelcontextprotocol/php-sdk#298
      nullable: { type: ["null", "string"], enum: ["a", null] },
      never: { type: ["null", "string"], enum: ["a"] },
    };
    expect(sent({ type: "object", properties }).schema.properties).toEqual({
      level: { type: ["string", "integer"], enum: ["auto", 1, 2] },
      untyped: { type: "string", enum: ["a", "b"] },
      mixed: { type: ["string", "integer", "null"], enum: ["a", 1, null] },
      nullable: { type: ["string", "null"], enum: ["a", null] },
      never: { type: ["string", "null"], enum: ["a"] },
    });
  });

  test("for its size is sent less deep, and otherwise omitted with a reason", () => {
    const wide = (depth: number): object => ({
      type: "object",
      properties: Object.fromEntries(
        Array.from({ length: 12 }, (_, n) => [
          `p${n}`,
          depth === 0 ? { type: "string", description: "d".repeat(50) } : wide(depth - 1),
        ]),
      ),
    });
    const made = sent(wide(4));
    expect(JSON.stringify(made.schema).length).toBeLessThan(100_000);
    expect(Object.keys(made.schema.properties as object)).toHaveLength(12);
    const vast = Object.fromEntries(
      Array.from({ length: 5_000 }, (_, n) => [`property-${n}`, { type: "string" }]),
    );
    expect(sendableSchema({ type: "object", properties: vast }, "openai")).toEqual({
      ok: false,
      reason: "The schema of its arguments is too large for a model.",
    });
  });
});
