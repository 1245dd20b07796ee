import { describe, expect, test } from "vitest";
import { resourceIdentifier } from "@/lib/oauth/protected-resource";

describe("the resource identifier of an MCP server", () => {
  test.each([
    ["https://mcp.example.com/mcp", "https://mcp.example.com/mcp"],
    ["https://mcp.example.com", "https://mcp.example.com"],
    ["https://mcp.example.com/", "https://mcp.example.com"],
    ["HTTPS://MCP.Example.COM/Server/MCP", "https://mcp.example.com/Server/MCP"],
    ["https://mcp.example.com:443/mcp", "https://mcp.example.com/mcp"],
    ["https://mcp.example.com:8443", "https://mcp.example.com:8443"],
    ["https://mcp.example.com/mcp/", "https://mcp.example.com/mcp/"],
    ["https://mcp.example.com/mcp#tools", "https://mcp.example.com/mcp"],
    ["https://mcp.example.com/#tools", "https://mcp.example.com"],
    ["https://mcp.example.com/?tenant=a", "https://mcp.example.com/?tenant=a"],
    ["http://localhost:3101/mcp", "http://localhost:3101/mcp"],
  ])("of %s is %s", (url, identifier) => {
    expect(resourceIdentifier(url)).toBe(identifier);
    expect(resourceIdentifier(identifier)).toBe(identifier);
  });
});

describe("a secret in the query of a server's URL", () => {
  test.each([
    ["https://mcp.example.com/mcp?api_key=s3cret", "https://mcp.example.com/mcp"],
    [
      "https://mcp.example.com/mcp?tenant=a&tavilyApiKey=s3cret",
      "https://mcp.example.com/mcp?tenant=a",
    ],
    ["https://mcp.example.com/?token=s3cret", "https://mcp.example.com"],
    ["https://user:s3cret@mcp.example.com/mcp", "https://mcp.example.com/mcp"],
    ["https://mcp.example.com/mcp?x=sk-s3cret0123456789", "https://mcp.example.com/mcp"],
  ])("is not part of its resource: %s", (url, identifier) => {
    expect(resourceIdentifier(url)).toBe(identifier);
  });
});
