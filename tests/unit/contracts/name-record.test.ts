import { describe, expect, it } from "vitest";
import { z } from "zod";
import { assistantInput } from "@/lib/contracts/assistant";
import { nameRecord } from "@/lib/contracts/name-record";
import { ownValue } from "@/lib/contracts/own-value";

const hostile = ["__proto__", "constructor", "toString", "hasOwnProperty", "prototype"];
const given = JSON.parse(`{${hostile.map((name) => `"${name}":"NEVER"`).join(",")}}`);

describe("an object whose names come from outside", () => {
  it("keeps every name through validation, including `__proto__`", () => {
    const parsed = nameRecord(z.string(), z.string()).parse(given);
    expect(Object.keys(parsed)).toEqual(hostile);
    for (const name of hostile) expect(ownValue(parsed, name)).toBe("NEVER");
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
  });

  it("has nothing under a name that is merely inherited", () => {
    for (const name of hostile) expect(ownValue({}, name)).toBeUndefined();
  });

  it("names the invalid entry, and rejects anything that is not an object", () => {
    const record = nameRecord(z.string().max(12), z.enum(["ASK"]));
    expect(record.safeParse(given).error?.issues[0]?.path).toEqual(["__proto__"]);
    for (const wrong of [null, [], "text", 1, undefined]) {
      expect(record.safeParse(wrong).success).toBe(false);
    }
  });

  it("keeps the policies of an assistant's tools", () => {
    const input = {
      ...{ name: "A", description: "", instructions: "", model: "" },
      servers: [{ serverId: "s", allTools: true, toolNames: [], toolPolicies: given }],
    };
    const parsed = assistantInput.parse(input);
    expect(Object.entries(parsed.servers[0]?.toolPolicies ?? {})).toEqual(
      hostile.map((name) => [name, "NEVER"]),
    );
  });
});
