import { describe, expect, it } from "vitest";
import {
  matchVendorServer,
  type UrlTemplate,
  vendorServerUrl,
} from "@/lib/contracts/catalogue/vendor-server-url";

const part = (name: string) => ({ name, label: `${name} name`, hint: "", example: "acme" });
const account: UrlTemplate = {
  url: "https://{account}.example.com/api/{database}/mcp?project={project}",
  urlParts: [part("account"), part("database"), part("project")],
};
const workspace: UrlTemplate = {
  url: "https://{workspace}/api/mcp",
  urlParts: [{ ...part("workspace"), within: ["cloud.example.com", "example.net"] }],
};
const values = { account: "acme-1.eu", database: "SALES", project: "p1" };

describe("the URL of a vendor's server", () => {
  it("is built from the values of its parts", () => {
    expect(vendorServerUrl(account, values)).toEqual({
      ok: true,
      url: "https://acme-1.eu.example.com/api/SALES/mcp?project=p1",
    });
    expect(vendorServerUrl(workspace, { workspace: "Acme.cloud.example.com" })).toEqual({
      ok: true,
      url: "https://acme.cloud.example.com/api/mcp",
    });
  });

  it("names each missing part", () => {
    const made = vendorServerUrl(account, { database: " " });
    expect(made).toMatchObject({ ok: false });
    expect(made.ok ? [] : made.problems.map(({ name }) => name)).toEqual([
      "account",
      "database",
      "project",
    ]);
  });

  it.each([
    "evil.com/",
    "evil.com/?",
    "evil.com#",
    "user@evil.com",
    "user:secret",
    "acme:8443",
    "evil.com\\",
    "acme .evil",
    "acme\tevil",
    "acme\n",
    "%2f",
    "https://evil.com",
    "a..b",
    ".acme",
    "acme.",
    "-acme",
    "аcme",
    "evil。com",
    "[::1]",
    "x".repeat(64),
    "__proto__/..",
  ])("prevents a part of the host from naming another one: %j", (attack) => {
    const made = vendorServerUrl(account, { ...values, account: attack });
    // Spaces around a value are not an attack.
    if (made.ok) expect(new URL(made.url).host).toBe("acme.example.com");
    else expect(made.problems).toEqual([{ name: "account", message: expect.any(String) }]);
  });

  it.each([
    ["evil.com", "it is below none of the vendor's domains"],
    ["evilexample.net", "a domain that ends alike is another one"],
    ["example.net", "the domain alone is nobody's host"],
    ["example.net.evil.com", "a domain in the middle says nothing"],
    ["127.0.0.1", "an address is no name"],
  ])("refuses the host %s: %s", (host) => {
    expect(vendorServerUrl(workspace, { workspace: host })).toMatchObject({ ok: false });
  });

  it.each(["../admin", "a/b", "a?b=c", "a#b", "a b", "a&project=other", "%2e%2e%2f", "ü", "{x}"])(
    "encodes a part of the path or query, so that it stays one part: %j",
    (value) => {
      for (const name of ["database", "project"]) {
        const made = vendorServerUrl(account, { ...values, [name]: value });
        if (!made.ok) throw new Error("It was refused.");
        const url = new URL(made.url);
        expect(url.host).toBe("acme-1.eu.example.com");
        expect(url.pathname).toMatch(/^\/api\/[^/]+\/mcp$/);
        expect([...url.searchParams.keys()]).toEqual(["project"]);
        expect(url.hash).toBe("");
        expect(decodeURIComponent(made.url)).toContain(value);
      }
    },
  );

  it.each([".", "..", "%2E%2e", "a\u0000b", "a\nb", "\ud800"])(
    "rejects a part that would be another path or cannot be encoded: %j",
    (value) => {
      expect(vendorServerUrl(account, { ...values, database: value })).toMatchObject({
        ok: false,
        problems: [{ name: "database" }],
      });
    },
  );
});

describe("a URL and an entry", () => {
  it.each([
    ["https://acme.example.com/api/SALES/mcp?project=p1", "exact"],
    ["https://ACME.example.com:443/api/SALES/mcp/?project=p1", "exact"],
    ["https://acme.example.com/api/SALES/mcp/readonly?project=p1", "exact"],
    ["https://acme.example.com/api/SALES/sse?project=p1", "host"],
    ["https://acme.example.com:8443/api/SALES/mcp?project=p1", null],
    ["http://acme.example.com/api/SALES/mcp?project=p1", null],
    ["https://acme.example.com.evil.com/api/SALES/mcp?project=p1", null],
    ["https://acmeXexample.com/api/SALES/mcp?project=p1", null],
    ["https://example.com/", null],
    ["no URL", null],
  ])("%s: %s", (url, match) => {
    expect(matchVendorServer(account, url)).toBe(match);
  });

  it("match by a whole host only below the vendor's domains", () => {
    expect(matchVendorServer(workspace, "https://acme.example.net/api/mcp")).toBe("exact");
    expect(matchVendorServer(workspace, "https://acme.example.org/api/mcp")).toBeNull();
  });
});
