import { describe, expect, it } from "vitest";
import { pastedUrl } from "@/lib/contracts/servers/pasted-url";
import { uniqueName } from "@/lib/contracts/servers/unique-name";

describe("a pasted text", () => {
  it.each([
    ["https://mcp.linear.app/mcp", "https://mcp.linear.app/mcp"],
    [" http://127.0.0.1:8931/mcp\n", "http://127.0.0.1:8931/mcp"],
    ["mcp.linear.app/mcp", "https://mcp.linear.app/mcp"],
    ["mcp.example.com", "https://mcp.example.com"],
    ["mcp.example.com:8443/sse?team=1", "https://mcp.example.com:8443/sse?team=1"],
  ])("%s yields the URL %s", (text, url) => {
    expect(pastedUrl(text)).toBe(url);
  });

  it.each([
    "linear",
    "Find issues in Linear.",
    "ftp://example.com",
    "javascript:alert(1)",
    "a@b.c",
    "https://",
    "e.g",
  ])("%s is not a server's URL", (text) => {
    expect(pastedUrl(text)).toBeNull();
  });
});

describe("a suggested name", () => {
  it("gets the first free number if it is taken, in any case", () => {
    expect(uniqueName("Linear", [])).toBe("Linear");
    expect(uniqueName("Linear", ["linear "])).toBe("Linear 2");
    expect(uniqueName("Linear", ["Linear", "LINEAR 2", "Linear 4"])).toBe("Linear 3");
  });

  it("stays within the maximum length of a name", () => {
    const long = "n".repeat(80);
    expect(uniqueName(long, [long])).toBe(`${"n".repeat(78)} 2`);
  });
});
