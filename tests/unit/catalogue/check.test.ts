import { describe, expect, it } from "vitest";
import { vendorServers } from "@/lib/catalogue/catalogue";
import { entryProblems, oldEntries } from "@/lib/catalogue/check";
import { driftOf, type FoundToday } from "@/lib/catalogue/drift";
import type { VendorServer } from "@/lib/contracts/catalogue/vendor-server";
import { vendorServerWith } from "./vendor-server-fixture";

const part = { name: "account", label: "account", hint: "", example: "acme" };
const header = { name: "Authorization", prefix: "Bearer ", label: "API key", hint: "" };

describe("the facts of an entry", () => {
  it("are consistent in every entry of the catalogue", () => {
    expect(entryProblems(vendorServers())).toEqual([]);
    expect(vendorServers().length).toBeGreaterThanOrEqual(45);
  });

  it.each<[string, Partial<VendorServer>]>([
    ["a part that is requested but not used", { urlParts: [part] }],
    ["a part that is used but not requested", { url: "https://{account}.example.com/mcp" }],
    ["a host that anyone could choose", { url: "https://{account}/mcp", urlParts: [part] }],
    ["a key without its header", { registration: "KEY", steps: ["Make a key."] }],
    ["a header without a key", { header }],
    ["a key without steps", { registration: "KEY", header }],
    ["an app without the place for the callback", { registration: "PRE_REGISTERED" }],
    [
      "scopes without OAuth",
      { registration: "NONE", scopes: { recommended: "a", readOnly: null } },
    ],
    ["settings without OAuth", { registration: "NONE", quirks: { scopesByComma: true } }],
    [
      "a resource that is not sent",
      { quirks: { resource: "https://mcp.example.com", resourceIndicator: false } },
    ],
    ["documentation that is not a source", { documentation: "https://example.com/other" }],
  ])("are inconsistent with %s", (_, changes) => {
    expect(entryProblems([vendorServerWith(changes)])).toHaveLength(1);
  });

  it("belong to one entry each", () => {
    const twin = vendorServerWith({ url: "https://MCP.example.com/mcp/" });
    expect(entryProblems([vendorServerWith(), twin]).map(({ message }) => message)).toEqual([
      "another entry has its id.",
      "another entry has its name.",
      "another entry has its url.",
    ]);
  });

  it("are outdated after half a year", () => {
    const server = vendorServerWith({ checkedOn: "2026-01-01" });
    expect(oldEntries([server], new Date("2026-06-30T00:00:00Z"))).toEqual([]);
    expect(oldEntries([server], new Date("2026-07-01T00:00:00Z"))).toEqual([
      { id: "example", message: "was checked 181 days ago. Read its sources again." },
    ]);
  });
});

describe("what a server publishes today", () => {
  const settings = {
    ...{ issuer: "https://auth.example.com", revocationEndpoint: null, scope: null },
    authorizationEndpoint: "https://auth.example.com/authorize",
    ...{ tokenEndpoint: "https://auth.example.com/token", resource: null },
    ...({ registration: "DYNAMIC", tokenEndpointAuthMethod: "NONE" } as const),
    ...{ extraAuthorizationParameters: "", issParameterRequired: false },
  };
  const oauth = { outcome: "oauth", settings } as const;
  const credential = { outcome: "credential" } as const;
  const app = {
    registration: "PRE_REGISTERED",
    endpoints: {
      ...{ issuer: null, revocationEndpoint: null },
      authorizationEndpoint: "https://auth.example.com/authorize",
      tokenEndpoint: "https://auth.example.com/old-token",
    },
  } as const;

  it.each<[string, Partial<VendorServer>, FoundToday, string[]]>([
    ["is as the entry says", {}, oauth, []],
    ["is a key, as the entry says", { registration: "KEY", header }, credential, []],
    ["is open, as the entry says", { registration: "NONE" }, { outcome: "open" }, []],
    ["is missing", {}, { outcome: "failed", reason: "No answer." }, ["No answer."]],
    ["is open now", {}, { outcome: "open" }, ["without a sign-in"]],
    ["is closed now", { registration: "NONE" }, credential, ["requires a credential"]],
    ["does not use OAuth now", {}, credential, ["no OAuth metadata"]],
    ["uses OAuth now", { registration: "KEY", header }, oauth, ["the entry says KEY"]],
    [
      "is another host now",
      { authorizationHosts: ["old.example.com"] },
      oauth,
      ["auth.example.com"],
    ],
    [
      "no longer registers clients",
      {},
      { ...oauth, settings: { ...settings, registration: "PRE_REGISTERED" } },
      ["does not register"],
    ],
    ["registers anyone, with another token endpoint", app, oauth, ["automatically", "old-token"]],
  ])("%s", (_, changes, found, drift) => {
    expect(driftOf(vendorServerWith(changes), found)).toEqual(
      drift.map((part) => expect.stringContaining(part)),
    );
  });
});
