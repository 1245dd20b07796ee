import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson, fingerprint, standingOf } from "@/lib/assistants/accepted-tools";
import type { CatalogueTool } from "@/lib/contracts/servers/catalogue";

const tool: CatalogueTool = {
  name: "send",
  title: "Send",
  description: "Sends a message.",
  inputSchema: { type: "object", properties: { to: { type: "string" }, text: {} } },
  annotations: { readOnlyHint: false, idempotentHint: true },
};

describe("the fingerprint of a tool", () => {
  it("is the same whatever the order of members", () => {
    const other = {
      annotations: { idempotentHint: true, readOnlyHint: false },
      inputSchema: { properties: { text: {}, to: { type: "string" } }, type: "object" },
      description: "Sends a message.",
      title: "Send",
      name: "send",
    };
    expect(fingerprint(other)).toBe(fingerprint(tool));
    expect(fingerprint(tool)).toMatch(/^[0-9a-f]{64}$/);
  });

  it("changes with any change of title, description, schema or hint", () => {
    const changed: CatalogueTool[] = [
      { ...tool, title: "Send " },
      { ...tool, title: null },
      { ...tool, description: "Sends a message.\u200b" },
      { ...tool, inputSchema: { ...tool.inputSchema, required: ["to"] } },
      { ...tool, inputSchema: { type: "object", properties: { to: { type: "string" } } } },
      { ...tool, annotations: { ...tool.annotations, readOnlyHint: true } },
      { ...tool, annotations: { idempotentHint: true } },
    ];
    const prints = new Set([tool, ...changed].map(fingerprint));
    expect(prints.size).toBe(changed.length + 1);
  });

  it("is computed from a text that contains the whole value and nothing else", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe("a tool's review state", () => {
  const at = new Date();
  const decided = (acceptedFingerprint: string | null) => ({
    toolsAcceptedAt: at,
    tools: [{ toolName: "send", policy: null, acceptedFingerprint }],
  });

  it("depends on the accepted fingerprint", () => {
    expect(standingOf(tool, decided(fingerprint(tool)))).toBe("accepted");
    expect(standingOf({ ...tool, title: null }, decided(fingerprint(tool)))).toBe("changed");
    expect(standingOf(tool, decided(null))).toBe("new");
    expect(standingOf(tool, { toolsAcceptedAt: at, tools: [] })).toBe("new");
  });

  it("is accepted as long as the choice has not been compared with a list", () => {
    expect(standingOf(tool, { toolsAcceptedAt: null, tools: [] })).toBe("accepted");
  });
});
