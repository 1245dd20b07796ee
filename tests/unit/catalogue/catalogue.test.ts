import { describe, expect, it } from "vitest";
import {
  findVendorServer,
  vendorServerById,
  vendorServerFor,
  vendorServers,
  vendorServerTiles,
} from "@/lib/catalogue/catalogue";
import { vendorServerWith } from "./vendor-server-fixture";

describe("the catalogue of vendors' MCP servers", () => {
  it("is valid, and each server has a unique ID and name", () => {
    const servers = vendorServers();
    for (const field of ["id", "name"] as const) {
      expect(new Set(servers.map((server) => server[field])).size).toBe(servers.length);
    }
    expect(vendorServerTiles().map(({ id }) => id)).toEqual(servers.map(({ id }) => id));
  });

  it("finds a server by its ID, and nothing by an unknown one", () => {
    expect(vendorServerById("linear")?.url).toBe("https://mcp.linear.app/mcp");
    expect(vendorServerById("nobody")).toBeNull();
  });
});

describe("the entry of a URL", () => {
  it("is found by the URL, and by the host if the path has changed", () => {
    expect(vendorServerFor("https://mcp.linear.app/mcp/")?.id).toBe("linear");
    expect(vendorServerFor("https://mcp.linear.app/sse")?.id).toBe("linear");
    expect(vendorServerFor("https://mcp.linear.app.example.com/mcp")).toBeNull();
  });

  it("is the most specific one of several at one host", () => {
    const servers = ["/mcp", "/mcp/billing", "/reports"].map((path) =>
      vendorServerWith({ id: path, url: `https://mcp.example.com${path}` }),
    );
    const idOf = (path: string) => findVendorServer(servers, `https://mcp.example.com${path}`)?.id;
    expect(idOf("/mcp/billing/v2")).toBe("/mcp/billing");
    expect(idOf("/mcp/other")).toBe("/mcp");
    expect(idOf("/reports-old")).toBe("/reports");
  });
});
