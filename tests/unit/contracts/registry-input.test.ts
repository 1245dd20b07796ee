import { describe, expect, it } from "vitest";
import type { RegistryRemote, RegistryServer } from "@/lib/contracts/catalogue/registry";
import { registryInput } from "@/lib/contracts/catalogue/registry-input";

const server: RegistryServer = {
  ...{ name: "com.example/wiki", title: "Example Wiki", description: "Search it.", version: "1" },
  ...{ status: "active", isLatest: true, updatedAt: null, website: null, remotes: [], leftOut: [] },
};
const remote: RegistryRemote = {
  ...{ transport: "SSE", url: "https://{tenant}.example.com/{space}/sse", headers: [] },
  urlParts: ["tenant", "space"].map((name) => ({
    ...{ name, description: "", default: "", choices: [] },
  })),
};

describe("a registry's server as the form of a new server", () => {
  it("has its name, description, transport, and its URL with the parts filled in", () => {
    const made = registryInput(server, remote, { tenant: "Acme", space: "a b/c" });
    expect(made).toMatchObject({
      ok: true,
      input: {
        ...{ name: "Example Wiki", description: "Search it.", transport: "SSE" },
        ...{ authentication: "NONE", url: "https://acme.example.com/a%20b%2Fc/sse" },
      },
    });
  });

  it.each(["evil.com/", "evil.com#", "a@evil.com", "evil.com?", ""])(
    "cannot lead to another host with the value “%s”",
    (tenant) => {
      const made = registryInput(server, remote, { tenant, space: "docs" });
      expect(made).toMatchObject({ ok: false, problems: [{ name: "tenant" }] });
    },
  );

  it("names the required headers, without a value", () => {
    const header = { description: "", secret: true };
    const headers = [
      { ...header, name: "X-Api-Key", required: true },
      { ...header, name: "X-Optional", required: false },
    ];
    const plain = { ...remote, url: "https://example.com/mcp", urlParts: [], headers };
    expect(registryInput(server, plain, {})).toMatchObject({
      ok: true,
      input: { authentication: "HEADERS", headers: "X-Api-Key: " },
    });
  });
});
