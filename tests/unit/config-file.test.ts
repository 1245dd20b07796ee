import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { oauthEntry, serverEntry } from "@/lib/config-file/document";
import { problemsText } from "@/lib/config-file/plan-text";
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

/** The problems of a file, each as "line, path: message". */
function problemsOf(...lines: string[]): string[] {
  const read = readConfigFile(lines.join("\n"), { SET: "value" });
  return "problems" in read ? problemsText(read.problems).split("\n") : [];
}

const server = ["version: 1", "servers:", "  - name: Tickets"];
const url = "    url: https://tickets.example.com/mcp";
const braces = (text: string) => `${"$"}{${text}}`;

// danny-avila/LibreChat#4939, rasshofer/yaml-lint#37, continuedev/continue#9547
describe("a mistake in a file is a sentence with its line", () => {
  it.each<[string, string[], string]>([
    ["two documents", ["version: 1", "---", "version: 1"], "line 2: Keep one document in the file"],
    [
      "a tab",
      ["version: 1", "servers:", "\t- name: A"],
      "line 3: Indent with spaces, not with tabs",
    ],
    ["a field twice", [...server, url, url], "line 5: This field is written twice"],
    ["an unknown alias", ["version: 1", "servers: *other"], "line 2: There is no anchor &other"],
    [
      "a misspelt field",
      [...server, "    ulr: x"],
      "line 4, servers[0].ulr: There is no field ulr here. Did you mean url?",
    ],
    [
      "an unknown field",
      [...server, url, "    colour: red"],
      "line 5, servers[0].colour: There is no field colour here.",
    ],
    [
      "a misspelt list",
      ["version: 1", "server: []"],
      "line 2, server: There is no field server here. Did you mean servers?",
    ],
    ["no list", ["version: 1", "servers:", "  name: A"], "line 3, servers: Write a list."],
    [
      "no entry",
      ["version: 1", "servers:", "  - A"],
      "line 3, servers[0]: Write fields with values, not one value.",
    ],
    [
      "a program's arguments as text",
      [...server, "    args: -y x"],
      "line 4, servers[0].args: Write a list.",
    ],
    [
      "a word for a switch",
      [...server, url, "    switchedOff: yes"],
      "line 5, servers[0].switchedOff: Write true or false.",
    ],
    [
      "a value that is not allowed",
      [...server, url, "    transport: http"],
      "line 5, servers[0].transport: Write one of STREAMABLE_HTTP, SSE, STDIO.",
    ],
    [
      "no name",
      ["version: 1", "servers:", url.replace("    ", "  - ")],
      "line 3, servers[0].name: Give it a name.",
    ],
    [
      "tools as a word",
      [
        "version: 1",
        "assistants:",
        "  - name: A",
        "    servers:",
        "      - server: T",
        "        tools: search",
      ],
      "line 6, assistants[0].servers[0].tools: Write all, or a list of names.",
    ],
    [
      "a default in a variable",
      [...server, `    url: ${braces("HOST:-a.example.com")}`],
      "line 4, servers[0].url: Write a variable as",
    ],
    [
      "a default in a secret",
      [...server, url, "    headers:", `      X-Key: ${braces("KEY-none")}`],
      "line 6, servers[0].headers.X-Key: Write a variable as",
    ],
  ])("%s", (_, lines, problem) => {
    const problems = problemsOf(...lines);
    expect(problems).toEqual([expect.stringContaining(problem)]);
    expect(problems.join()).not.toMatch(/invalid|expected|received|parse/i);
  });

  it("reads a name of digits, and what an anchor brings in", () => {
    const entries = ["  - &base", "    name: 42", url, "  - <<: *base", "    name: Copy"];
    expect(problemsOf("version: 1", "servers:", ...entries)).toEqual([]);
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
