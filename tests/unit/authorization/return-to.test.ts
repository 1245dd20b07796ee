import { describe, expect, it } from "vitest";
import { safeReturnTo } from "@/lib/authorization/flow-start";

const origin = "https://usher.example.com";
const safe = (asked: string | null) => safeReturnTo(asked, origin, "/fallback");

const attacks = [
  "https://evil.example",
  "//evil.example",
  "///evil.example",
  "////evil.example/x",
  "/\\evil.example",
  "\\/evil.example",
  "\\\\evil.example",
  "/\\/evil.example",
  "/\t/evil.example",
  "/\n/evil.example",
  "/\r\n/evil.example",
  "\t//evil.example",
  " //evil.example",
  "http:evil.example",
  "https:/evil.example",
  "https:evil.example",
  "javascript:alert(1)",
  "java\nscript:alert(1)",
  "data:text/html,x",
  "vbscript:x",
  "blob:https://usher.example.com/1",
  "file:///etc/passwd",
  "//usher.example.com@evil.example",
  "https://usher.example.com@evil.example",
  "https://usher.example.com.evil.example",
  "//evil.example\\@usher.example.com",
  "/..//evil.example",
  "/.//evil.example",
  "/a/..//evil.example",
  "/%2e%2e//evil.example",
  "/x/../\\evil.example",
  "//[::1]",
  "//127.0.0.1",
  "//0x7f000001",
  "?next=x",
  "#x",
  "",
  "evil.example",
  "/api/auth/signout",
  "/oauth/authorize/1",
  `/${"a".repeat(600)}`,
];

describe("safeReturnTo", () => {
  it.each(attacks)("stays on the origin for %j", (asked) => {
    const result = safe(asked);
    expect(new URL(result, origin).origin).toBe(origin);
    expect(result).toMatch(/^\/(?![/\\])/);
  });

  it.each(attacks.filter((asked) => !asked.includes("..")))("falls back for %j", (asked) => {
    expect(safe(asked)).toBe("/fallback");
  });

  it.each(["/", "/mcp-servers/1?tab=tools#x", "/chat/1", "/connections"])("keeps %s", (asked) => {
    expect(safe(asked)).toBe(asked);
  });

  it("falls back if nothing was requested", () => {
    expect(safe(null)).toBe("/fallback");
  });
});
