import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { oauthEntry, serverEntry } from "@/lib/config-file/document";
import { readConfigFile } from "@/lib/config-file/read";
import { literal, resolve, VariableNames } from "@/lib/config-file/variables";
import { mcpServerInput } from "@/lib/contracts/servers/mcp-server";
import { oauthClientInput } from "@/lib/contracts/servers/oauth-client";

describe("a configuration file", () => {
  it("has every field of a server", () => {
    const input = new Set(Object.keys(mcpServerInput.shape));
    // Needed by a form and expressed differently in a file.
    for (const name of ["version", "clearEnvironment", "clearHeaders"]) input.delete(name);
    const entry = new Set(Object.keys(serverEntry.shape));
    entry.delete("renamedFrom");
    // These have their own routes.
    entry.delete("switchedOff");
    entry.delete("access");
    expect(entry).toEqual(input);
    const client = new Set(Object.keys(oauthClientInput.shape));
    client.delete("issuerAccepted");
    expect(new Set(Object.keys(oauthEntry.shape))).toEqual(client);
  });

  it("is read or rejected, whatever its text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.string({ unit: "grapheme" })), (text) => {
        const read = readConfigFile(text, {});
        expect("problems" in read ? read.problems.length : 1).toBeGreaterThan(0);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("a variable", () => {
  it("is distinguished from similar text, whatever the text is", () => {
    const texts = fc
      .array(fc.constantFrom("$", "{", "}", "A", "$" + "{A}", " "))
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(texts, (text) => {
        expect(resolve(literal(text), { A: "other" })).toEqual({ text, missing: [] });
      }),
    );
  });

  it("is filled in verbatim, and required if it is empty or not set", () => {
    const text = "a $" + "{A} $" + "{B} $" + "{toString}";
    expect(
      resolve(text, { A: "$" + "{B}", B: "$&", toString: "c" } as Record<string, string>),
    ).toEqual({
      text: "a $" + "{B} $& c",
      missing: [],
    });
    expect(resolve(text, { A: "" }).missing).toEqual(["A", "B", "toString"]);
  });

  it("has a name that a shell accepts and no other secret has", () => {
    const names = new VariableNames();
    const given = ["A b", "A-b", "a_b", "日本", "9 lives", ""].map((name) =>
      names.next(name, "key"),
    );
    for (const name of given) expect(name).toMatch(/^[A-Z][A-Z0-9_]*$/);
    expect(new Set(given).size).toBe(given.length);
  });
});
