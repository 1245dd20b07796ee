import { describe, expect, it } from "vitest";
import { parseEnvironment, parseHeaders } from "@/lib/contracts/servers/secret-lines";

describe("parseEnvironment", () => {
  it("reads KEY=value lines, keeps everything after the first =, and skips empty lines", () => {
    expect(parseEnvironment("A=1\n\n  B_2 = two=2 \r\nC=\n")).toEqual({
      ok: true,
      values: { A: "1", B_2: " two=2 ", C: "" },
    });
  });

  it.each([
    ["no equals sign", "A=1\nSECRETVALUE", "Line 2"],
    ["a bad name", "1A=x", "Line 1"],
    ["a name twice", "A=1\nA=2", "Line 2"],
    ["quotes that never end", 'A=1\nB="SECRETVALUE\nC=3', "Line 2"],
    ["the rest of a value", "A=-----BEGIN KEY-----\nSECRETVALUE", "Line 2"],
    ["no name", "=secret-value", "Line 1"],
  ])("names the line with %s and never its value", (_, text, line) => {
    const parsed = parseEnvironment(text);
    expect(parsed).toMatchObject({ ok: false });
    if (!parsed.ok) {
      expect(parsed.problem).toContain(line);
      expect(parsed.problem).not.toMatch(/SECRETVALUE|secret-value/);
    }
  });
});

describe("a variable with several lines", () => {
  const pem = "-----BEGIN PRIVATE KEY-----\nMIIB+a==\nabcd==\n-----END PRIVATE KEY-----";

  it.each([
    ["in double quotes", `KEY="${pem}"\nNEXT=1`, pem],
    ["in single quotes", `KEY='${pem}'\nNEXT=1`, pem],
    ["from Windows", `KEY="${pem.replaceAll("\n", "\r\n")}"\r\nNEXT=1`, pem],
    ["a PEM block without quotes", `KEY=${pem}\nNEXT=1`, `${pem}\n`],
    ["written with \\n in double quotes", `KEY="a\\nb"\nNEXT=1`, "a\nb"],
    ["with \\n in single quotes, as it is", `KEY='a\\nb'\nNEXT=1`, "a\\nb"],
    ["with quotes within quotes", `KEY="a \\"b\\" \\\\"\nNEXT=1`, 'a "b" \\'],
    ["that is JSON over lines", `KEY='{\n  "a": "b=c"\n}'\nNEXT=1`, '{\n  "a": "b=c"\n}'],
    ["that is JSON in one line", `KEY={"a":"b"}\nNEXT=1`, '{"a":"b"}'],
    ["that only begins with quotes", `KEY="a" and "b"\nNEXT=1`, '"a" and "b"'],
  ])("is read %s", (_, text, value) => {
    expect(parseEnvironment(text)).toEqual({ ok: true, values: { KEY: value, NEXT: "1" } });
  });

  it("distinguishes variables that differ only in case, as Linux does", () => {
    expect(parseEnvironment("Path=1\nPATH=2")).toEqual({
      ok: true,
      values: { Path: "1", PATH: "2" },
    });
  });
});

it("keeps names that every object has, as variables and as headers", () => {
  const names = ["__proto__", "constructor", "toString", "hasOwnProperty", "prototype", "valueOf"];
  for (const [parse, separator] of [
    [parseEnvironment, "="],
    [parseHeaders, ": "],
  ] as const) {
    const parsed = parse(names.map((name) => `${name}${separator}of-${name}`).join("\n"));
    if (!parsed.ok) throw new Error(parsed.problem);
    expect(Object.entries(parsed.values)).toEqual(names.map((name) => [name, `of-${name}`]));
    expect(JSON.parse(JSON.stringify(parsed.values))).toEqual(parsed.values);
  }
});

describe("parseHeaders", () => {
  it("rejects a header whose name differs from another one only in case, and says which", () => {
    expect(parseHeaders("X-Api-Key: one\nOther: 1\nx-api-key: two")).toEqual({
      ok: false,
      problem:
        "Line 3: x-api-key is the same header as X-Api-Key in line 1, as case does not count. Keep one.",
    });
  });

  it("reads Name: value lines", () => {
    expect(parseHeaders("X-Api-Key: abc:def\nAccept-Language: en")).toEqual({
      ok: true,
      values: { "X-Api-Key": "abc:def", "Accept-Language": "en" },
    });
  });

  it.each([
    "Host: evil.example",
    "Content-Length: 1",
    "Mcp-Session-Id: stolen",
    "X Y: 1",
    "X: a\u0000b",
    "X: ü",
    "no colon",
  ])("refuses %j", (line) => {
    expect(parseHeaders(line)).toMatchObject({ ok: false });
  });
});
