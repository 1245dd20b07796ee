import { describe, expect, test } from "vitest";
import { modelFamily } from "@/lib/chat/model/model";
import { offerTools } from "@/lib/chat/model/tools/offered-tools";
import { createToolbox } from "@/lib/chat/tool-calls/toolbox";
import { undecided } from "@/tests/unit/chat/catalogues";

const string = { type: "string" };
const item = { type: "object", properties: { a: { type: "integer" } } };
const inputSchema = {
  type: "object",
  properties: {
    list: { type: "array", items: string },
    items: { type: ["array", "null"], items: item },
    any: { type: "array" },
    count: { type: "integer" },
    name: string,
    filter: { type: "object" },
  },
};

function received(written: object, family: "openai" | "gemini" = "openai"): unknown {
  const annotations = { readOnlyHint: true };
  const catalogue = [{ name: "go", title: null, description: "", inputSchema, annotations }];
  const server = { serverId: "s", serverName: "Notes", allTools: true, toolNames: [] };
  const toolbox = createToolbox([{ ...server, decisions: undecided, catalogue }]);
  const offered = offerTools(toolbox, { family, builtIn: false }, { tools: new Set() });
  return offered.restore("notes__go", written);
}

describe("arguments as the server receives them", () => {
  // HunorLaczko/ha-groq-cloud-api#20
  test.each<[object, object]>([
    [{ list: "light" }, { list: ["light"] }],
    [{ items: { a: "1" } }, { items: [{ a: 1 }] }],
    [{ items: ['{"a":"1"}'] }, { items: [{ a: 1 }] }],
    [{ list: "a, b" }, { list: "a, b" }],
    [
      { list: 5, items: "x", any: "x" },
      { list: 5, items: "x", any: "x" },
    ],
  ])("are a list of one value where only a list of such is taken: %j", (written, meant) => {
    expect(received(written)).toEqual(meant);
  });

  test.each<[object, object]>([
    [{ count: "null", list: "None", items: "" }, { items: "" }],
    // anomalyco/opencode#32812
    [{ filter: "", any: "" }, {}],
    [
      { name: "null", items: "null" },
      { name: "null", items: null },
    ],
  ])("lack what a model left out in words, where it is no text: %j", (written, meant) => {
    expect(received(written)).toEqual(meant);
  });

  // Nano-Collective/nanocoder#1147
  test.each<[object, object]>([
    [{ name: { a: [1] } }, { name: '{"a":[1]}' }],
    [{ name: true }, { name: "true" }],
  ])("are text where only text is taken: %j", (written, meant) => {
    expect(received(written)).toEqual(meant);
  });

  test.each(['{"a":{"b":[1]}}', "{'a': {'b': [1]}}"])(
    "have an object that was sent as text: %s",
    (filter) => {
      expect(received({ filter }, "gemini")).toEqual({ filter: { a: { b: [1] } } });
    },
  );
});

test("a Grok model has its own rules, whoever offers it", () => {
  const keys = { anthropicApiKey: null, openaiApiKey: "k", gatewayApiKey: "k", vercel: false };
  const compatible = { openaiCompatibleBaseUrl: "https://x/v1", openaiCompatibleApiKey: "k" };
  const setup = { aiModel: null, ...keys, ...compatible };
  for (const name of ["openai/grok-4", "openai-compatible/x-ai/grok-4", "gateway/xai/grok-4"]) {
    expect(modelFamily(name, setup)).toBe("grok");
  }
});
