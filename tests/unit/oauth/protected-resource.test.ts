import { describe, expect, test } from "vitest";
import {
  isResourceOf,
  protectedResourceUrls,
  readProtectedResource,
} from "@/lib/oauth/protected-resource";

const server = "https://mcp.example/tenant/mcp";
const metadata = {
  resource: server,
  authorization_servers: ["https://as.example"],
  scopes_supported: ["files:read", "files:write"],
};

describe("the metadata of a protected resource", () => {
  test.each([
    [
      "https://mcp.example/tenant/mcp",
      [
        "https://mcp.example/.well-known/oauth-protected-resource/tenant/mcp",
        "https://mcp.example/tenant/mcp/.well-known/oauth-protected-resource",
        "https://mcp.example/.well-known/oauth-protected-resource",
      ],
    ],
    ["https://mcp.example", ["https://mcp.example/.well-known/oauth-protected-resource"]],
    ["https://mcp.example/", ["https://mcp.example/.well-known/oauth-protected-resource"]],
    [
      "https://mcp.example:8443/mcp/?tenant=a#x",
      [
        "https://mcp.example:8443/.well-known/oauth-protected-resource/mcp?tenant=a",
        "https://mcp.example:8443/.well-known/oauth-protected-resource/mcp/?tenant=a",
        "https://mcp.example:8443/mcp/.well-known/oauth-protected-resource",
        "https://mcp.example:8443/.well-known/oauth-protected-resource",
      ],
    ],
  ])("of %s are before or after its path, then at the root", (url, places) => {
    expect(protectedResourceUrls(url)).toEqual(places);
  });

  test("return the resource exactly as published", () => {
    const published = "HTTPS://MCP.example/";
    const read = readProtectedResource({ ...metadata, resource: published }, server);
    expect(read).toEqual({
      ok: true,
      resource: {
        resource: published,
        authorizationServers: ["https://as.example"],
        scopesSupported: ["files:read", "files:write"],
        resourceName: null,
      },
    });
  });

  test("of another resource are rejected, with a one-line reason that says whose they are", () => {
    const read = readProtectedResource(
      { ...metadata, resource: "https://evil.example/mcp\n‮" },
      server,
    );
    expect(read).toMatchObject({
      ok: false,
      reason: "other_resource",
      problem: "is about another resource, “https://evil.example/mcp…”, and not about this server",
    });
  });

  test.each([
    [{ ...metadata, resource: undefined }, "no_resource"],
    [{ ...metadata, resource: ["https://mcp.example"] }, "no_resource"],
  ])("are unusable if they are %o", (parameters, reason) => {
    expect(readProtectedResource(parameters, server)).toMatchObject({ ok: false, reason });
  });

  test.each([
    [undefined, []],
    [[], []],
    [[7, "as.example", "javascript:alert(1)"], []],
    ["https://as.example", ["https://as.example"]],
  ])("may list their authorization servers as %j", (authorization_servers, servers) => {
    const read = readProtectedResource({ ...metadata, authorization_servers }, server);
    expect(read.ok && read.resource.authorizationServers).toEqual(servers);
  });

  test("distinguish missing scopes from an empty list, and omit anything that is not a scope", () => {
    const scopesOf = (scopes_supported: unknown) => {
      const read = readProtectedResource({ ...metadata, scopes_supported }, server);
      return read.ok ? read.resource.scopesSupported : read;
    };
    expect(scopesOf(undefined)).toBeNull();
    expect(scopesOf(null)).toBeNull();
    expect(scopesOf("files:read files:write")).toEqual(["files:read", "files:write"]);
    expect(scopesOf([])).toEqual([]);
    expect(scopesOf(["a", "a", 'b"', "c d", 1, "é"])).toEqual(["a", "c", "d"]);
    expect(scopesOf(["a,", "b,c", ", d"])).toEqual(["a", "b,c", "d"]);
    expect(scopesOf("a, b")).toEqual(["a", "b"]);
  });
});

describe("an identifier", () => {
  test.each([
    "https://mcp.example/tenant/mcp",
    "https://mcp.example/tenant/mcp/",
    "https://mcp.example/tenant",
    "https://mcp.example/tenant/",
    "https://mcp.example",
    "https://mcp.example:443/",
  ])("%s names the server, or a part of its path from the root", (resource) => {
    expect(isResourceOf(resource, server)).toBe(true);
  });

  test.each([
    "https://mcp.example/tenant/mcp/deeper",
    "https://mcp.example/ten",
    "https://mcp.example/Tenant/mcp",
    "https://mcp.example/tenant/../other",
    "https://mcp.example.evil.example/tenant/mcp",
    "https://mcp.example@evil.example/tenant/mcp",
    "https://user@mcp.example/tenant/mcp",
    "https://mcp.example:8443/tenant/mcp",
    "http://mcp.example/tenant/mcp",
    "https://mcp.example/tenant/mcp#",
    "https://mcp.example/tenant/mcp?tenant=b",
    "mcp.example",
    "",
    "urn:mcp",
  ])("%s names something else", (resource) => {
    expect(isResourceOf(resource, server)).toBe(false);
  });

  test("with a query names the server with that very query", () => {
    const tenant = `${server}?tenant=a`;
    expect(isResourceOf(`${server}?tenant=a`, tenant)).toBe(true);
    expect(isResourceOf(`${server}?tenant=b`, tenant)).toBe(false);
    expect(isResourceOf("https://mcp.example/tenant?tenant=a", tenant)).toBe(false);
    expect(isResourceOf(server, tenant)).toBe(true);
  });
});
