import { describe, expect, it } from "vitest";
import {
  type VendorServerAnswers,
  type VendorServerInput,
  vendorServerInput,
} from "@/lib/contracts/catalogue/vendor-server-input";
import type { DiscoveredSettings } from "@/lib/contracts/servers/discovery";
import { mcpServerInput } from "@/lib/contracts/servers/mcp-server";
import { vendorServerWith } from "./vendor-server-fixture";

const nothing: VendorServerAnswers = {
  name: "Example",
  urlParts: {},
  clientId: "",
  clientSecret: "",
  key: "",
  tokenSharing: "PER_USER",
};
const app = { ...nothing, clientId: "client-1", clientSecret: "secret-1" };

const found: DiscoveredSettings = {
  issuer: "https://auth.example.com",
  authorizationEndpoint: "https://auth.example.com/authorize",
  tokenEndpoint: "https://auth.example.com/token",
  revocationEndpoint: "https://auth.example.com/revoke",
  registration: "DYNAMIC",
  tokenEndpointAuthMethod: "CLIENT_SECRET_POST",
  scope: "read write",
  extraAuthorizationParameters: "prompt=consent",
  resource: "https://mcp.example.com",
  issParameterRequired: true,
};

const header = {
  name: "Authorization",
  prefix: "Bearer ",
  label: "API key",
  hint: "Create a key under Settings, API keys.",
};
const endpoints = {
  issuer: null,
  authorizationEndpoint: "https://auth.example.com/authorize",
  tokenEndpoint: "https://auth.example.com/token",
  revocationEndpoint: null,
};

/** What the server would accept of it. */
function sent(made: VendorServerInput) {
  if (!made.ok) throw new Error(JSON.stringify(made.missing));
  return mcpServerInput.parse(made.input);
}
function missing(made: VendorServerInput): string[] {
  return made.ok ? [] : made.missing.map(({ field }) => field);
}

describe("what the form sends for a vendor's server", () => {
  it("is what Discover found, if Usher registers by itself", () => {
    const input = sent(vendorServerInput(vendorServerWith(), nothing, found));
    expect(input).toMatchObject({
      name: "Example",
      url: "https://mcp.example.com/mcp",
      authentication: "OAUTH",
      oauth: {
        ...found,
        registration: "DYNAMIC",
        clientId: "",
        clientSecret: "",
        tokenSharing: "PER_USER",
        resourceIndicator: true,
      },
    });
  });

  it("waits for Discover if the vendor publishes its endpoints", () => {
    expect(missing(vendorServerInput(vendorServerWith(), nothing, null))).toEqual(["discovery"]);
    const server = vendorServerWith({ registration: "PRE_REGISTERED" });
    expect(missing(vendorServerInput(server, nothing, null))).toEqual([
      "clientId",
      "clientSecret",
      "discovery",
    ]);
  });

  it("asks for an OAuth app if the entry or what Discover found requires one", () => {
    const preRegistered = vendorServerWith({ registration: "PRE_REGISTERED" });
    expect(missing(vendorServerInput(preRegistered, nothing, found))).toEqual([
      "clientId",
      "clientSecret",
    ]);
    const closed = { ...found, registration: "PRE_REGISTERED" as const };
    expect(missing(vendorServerInput(vendorServerWith(), nothing, closed))).toEqual([
      "clientId",
      "clientSecret",
    ]);
    expect(sent(vendorServerInput(preRegistered, app, found)).oauth).toMatchObject({
      registration: "PRE_REGISTERED",
      clientId: "client-1",
      clientSecret: "secret-1",
    });
  });

  it("asks for no secret for a public client", () => {
    const server = vendorServerWith({
      registration: "PRE_REGISTERED",
      endpoints,
      quirks: { tokenEndpointAuthMethod: "NONE" },
    });
    const input = sent(vendorServerInput(server, app, null));
    expect(input.oauth).toMatchObject({ clientId: "client-1", clientSecret: "" });
  });

  it("gives a manually registered client a method with a secret if Discover's was for a document", () => {
    const byDocument = {
      ...found,
      registration: "METADATA_DOCUMENT",
      tokenEndpointAuthMethod: "NONE",
    } as const;
    const server = vendorServerWith({ registration: "PRE_REGISTERED" });
    expect(sent(vendorServerInput(server, app, byDocument)).oauth).toMatchObject({
      tokenEndpointAuthMethod: "CLIENT_SECRET_BASIC",
      clientSecret: "secret-1",
    });
    expect(sent(vendorServerInput(vendorServerWith(), nothing, byDocument)).oauth).toMatchObject({
      registration: "METADATA_DOCUMENT",
      tokenEndpointAuthMethod: "NONE",
    });
  });

  it("prefers the entry's facts over what Discover found", () => {
    const server = vendorServerWith({
      registration: "PRE_REGISTERED",
      scopes: { recommended: "all", readOnly: "some" },
      quirks: {
        resource: "https://mcp.example.com/v2",
        extraAuthorizationParameters: { access_type: "offline" },
        scopesByComma: true,
        audience: "api",
      },
    });
    expect(sent(vendorServerInput(server, app, found)).oauth).toMatchObject({
      scope: "all",
      resource: "https://mcp.example.com/v2",
      extraAuthorizationParameters: "prompt=consent\naccess_type=offline",
      scopesByComma: true,
      audience: "api",
    });
    const readOnly = vendorServerInput(server, { ...app, readOnly: true }, found);
    expect(sent(readOnly).oauth.scope).toBe("some");
  });

  it("takes nothing from Discover if the entry has the endpoints", () => {
    const server = vendorServerWith({
      registration: "PRE_REGISTERED",
      endpoints,
      quirks: { resourceIndicator: false },
    });
    expect(sent(vendorServerInput(server, app, found)).oauth).toMatchObject({
      authorizationEndpoint: endpoints.authorizationEndpoint,
      revocationEndpoint: "",
      issuer: "",
      scope: "",
      resource: "",
      resourceIndicator: false,
      issParameterRequired: false,
      extraAuthorizationParameters: "",
    });
  });

  it("waits for the admin's confirmation if Discover could not tell", () => {
    const unsure = {
      ...found,
      s256Confirmed: false,
      issuerAlias: "https://mcp.example.com",
      issuerAccepted: false,
    } as const;
    const server = vendorServerWith();
    expect(missing(vendorServerInput(server, nothing, unsure))).toEqual([
      "s256Confirmed",
      "issuerAccepted",
    ]);
    const confirmed = { ...nothing, s256Confirmed: true, issuerAccepted: true };
    expect(sent(vendorServerInput(server, confirmed, unsure)).oauth).toMatchObject({
      s256Confirmed: true,
      issuerAlias: "https://mcp.example.com",
      issuerAccepted: true,
    });
  });

  it("sends a team's key in the header, and asks each person for their own", () => {
    const server = vendorServerWith({
      registration: "KEY",
      header,
      setupUrl: "https://example.com/keys",
    });
    const shared = { ...nothing, tokenSharing: "SHARED" as const };
    expect(missing(vendorServerInput(server, shared, null))).toEqual(["key"]);
    expect(sent(vendorServerInput(server, { ...shared, key: " k-1 " }, null))).toMatchObject({
      authentication: "HEADERS",
      headerSharing: "SHARED",
      headers: "Authorization: Bearer k-1",
    });
    expect(sent(vendorServerInput(server, nothing, null))).toMatchObject({
      authentication: "HEADERS",
      headerSharing: "PER_USER",
      headers: "",
      settings: {
        personalHeaders: "Authorization: Bearer",
        keyInstructions: header.hint,
        keyUrl: "https://example.com/keys",
      },
    });
  });

  it("prevents a key from adding a header", () => {
    const server = vendorServerWith({ registration: "KEY", header });
    const attack = { ...nothing, tokenSharing: "SHARED" as const, key: "k\nX-Admin: yes" };
    expect(missing(vendorServerInput(server, attack, null))).toEqual(["key"]);
  });

  it("needs only a name if the server is open", () => {
    const server = vendorServerWith({ registration: "NONE" });
    expect(sent(vendorServerInput(server, nothing, null)).authentication).toBe("NONE");
    expect(missing(vendorServerInput(server, { ...nothing, name: " " }, null))).toEqual(["name"]);
  });

  it("names the missing parts of the URL", () => {
    const server = vendorServerWith({
      registration: "NONE",
      url: "https://{account}.example.com/mcp",
      urlParts: [{ name: "account", label: "account", hint: "", example: "acme" }],
    });
    expect(missing(vendorServerInput(server, nothing, null))).toEqual(["urlParts.account"]);
    const attack = { ...nothing, urlParts: { account: "evil.com/" } };
    expect(missing(vendorServerInput(server, attack, null))).toEqual(["urlParts.account"]);
    const made = vendorServerInput(server, { ...nothing, urlParts: { account: "acme" } }, null);
    expect(sent(made).url).toBe("https://acme.example.com/mcp");
  });

  it("fills in the parts of the endpoints, and names a missing one once", () => {
    const server = vendorServerWith({
      registration: "PRE_REGISTERED",
      urlParts: [{ name: "tenant", label: "tenant", hint: "", example: "acme" }],
      endpoints: {
        ...endpoints,
        authorizationEndpoint: "https://login.example.com/{tenant}/authorize",
        tokenEndpoint: "https://login.example.com/{tenant}/token",
      },
    });
    expect(missing(vendorServerInput(server, app, null))).toEqual(["urlParts.tenant"]);
    const answers = { ...app, urlParts: { tenant: "acme/../evil" } };
    expect(sent(vendorServerInput(server, answers, null)).oauth).toMatchObject({
      authorizationEndpoint: "https://login.example.com/acme%2F..%2Fevil/authorize",
      tokenEndpoint: "https://login.example.com/acme%2F..%2Fevil/token",
    });
  });
});
