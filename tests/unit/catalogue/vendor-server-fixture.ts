import type { VendorServer } from "@/lib/contracts/catalogue/vendor-server";

/** An entry with everything that a test does not mention. */
export function vendorServerWith(changes: Partial<VendorServer> = {}): VendorServer {
  return {
    id: "example",
    name: "Example",
    vendor: "Example",
    category: "work",
    description: "Find and change examples.",
    color: "#336699",
    url: "https://mcp.example.com/mcp",
    urlParts: [],
    transport: "STREAMABLE_HTTP",
    registration: "DYNAMIC",
    approvedClientsOnly: false,
    authorizationHosts: [],
    endpoints: null,
    scopes: { recommended: null, readOnly: null },
    header: null,
    quirks: {},
    steps: [],
    setupUrl: null,
    note: null,
    enterpriseManaged: false,
    documentation: "https://example.com/docs",
    sources: ["https://example.com/docs"],
    checkedOn: "2026-11-27",
    ...changes,
  };
}
