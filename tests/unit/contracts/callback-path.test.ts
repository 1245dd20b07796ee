import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { callbackPath } from "@/lib/contracts/people/sign-in";

const origin = "https://usher.example.com";

describe("the path to open after signing in", () => {
  it.each([
    ["/mcp-servers", "/mcp-servers"],
    ["/mcp-servers/1?tab=tools#last", "/mcp-servers/1?tab=tools#last"],
    ["https://usher.example.com/chat", "/chat"],
  ])("keeps %s", (value, path) => {
    expect(callbackPath(value, origin)).toBe(path);
  });

  it.each([
    "https://evil.example/chat",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/.//evil.example",
    "https:evil.example",
    "https://usher.example.com@evil.example/",
    "http://usher.example.com/chat",
    "javascript:alert(1)",
    "data:text/html,x",
    "/sign-in?callbackUrl=/sign-in",
    "",
    `/${"a".repeat(3000)}`,
  ])("replaces %j", (value) => {
    const path = callbackPath(value, origin, "/start");
    expect(new URL(path, origin).origin).toBe(origin);
    if (!value.startsWith("https:evil")) expect(path).toBe("/start");
  });

  it("replaces anything but a single string", () => {
    expect(callbackPath(undefined, origin)).toBe("/");
    expect(callbackPath(["/a", "/b"], origin)).toBe("/");
  });

  it("never leaves the origin, whatever was requested", () => {
    const piece = fc.constantFrom(
      "/",
      "\\",
      ".",
      "..",
      ":",
      "@",
      "evil.example",
      "https",
      "\t",
      "?",
      "#",
      "%2f",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const path = callbackPath(pieces.join(""), origin);
        expect(path.startsWith("/")).toBe(true);
        expect(new URL(path, origin).origin).toBe(origin);
      }),
      { numRuns: 2000 },
    );
  });
});
