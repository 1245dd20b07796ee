import { describe, expect, it } from "vitest";
import { vendorServerById, vendorServers, vendorServerTiles } from "@/lib/catalogue/catalogue";

describe("the catalogue of vendors' MCP servers", () => {
  it("is valid, and each server has an ID and a name of its own", () => {
    const servers = vendorServers();
    for (const field of ["id", "name"] as const) {
      expect(new Set(servers.map((server) => server[field])).size).toBe(servers.length);
    }
    expect(vendorServerTiles().map(({ id }) => id)).toEqual(servers.map(({ id }) => id));
  });

  it("finds a server by its ID, and nothing by another", () => {
    expect(vendorServerById("linear")?.url).toBe("https://mcp.linear.app/mcp");
    expect(vendorServerById("nobody")).toBeNull();
  });
});
