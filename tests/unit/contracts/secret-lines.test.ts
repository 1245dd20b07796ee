import { describe, expect, it } from "vitest";
import { parseEnvironment, parseHeaders } from "@/lib/contracts/secret-lines";

describe("parseEnvironment", () => {
  it("reads KEY=value lines, keeps what stands behind the first =, and skips empty lines", () => {
    expect(parseEnvironment("A=1\n\n  B_2 = two=2 \r\nC=\n")).toEqual({
      ok: true,
      values: { A: "1", B_2: " two=2 ", C: "" },
    });
  });

  it.each([
    ["no equals sign", "A=1\nSECRETVALUE", "Line 2"],
    ["a bad name", "1A=x", "Line 1"],
    ["a name twice", "A=1\na=2", "Line 2"],
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

describe("parseHeaders", () => {
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
