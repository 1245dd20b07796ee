import { describe, expect, it } from "vitest";
import { parametersOf } from "@/components/mcp-servers/form/server-form-values";
import { vendorServerById, vendorServers } from "@/lib/catalogue/catalogue";
import {
  lintByVendorServer,
  type VendorClientSettings,
  type VendorServerSettings,
} from "@/lib/contracts/catalogue/lint-by-vendor-server";
import type { VendorServer } from "@/lib/contracts/catalogue/vendor-server";
import { vendorServerInput } from "@/lib/contracts/catalogue/vendor-server-input";
import { lintClient } from "@/lib/contracts/servers/lint-client";
import { providerPresets } from "@/lib/contracts/servers/provider-presets";

function named(id: string): VendorServer {
  const server = vendorServerById(id);
  if (!server) throw new Error(`no entry ${id}`);
  return server;
}

/** What the form sends for an entry if every answer matches its examples. */
function filledIn(server: VendorServer): VendorServerSettings {
  const host = server.authorizationHosts[0] ?? "auth.example.com";
  const discovered = {
    ...{ issuer: `https://${host}`, revocationEndpoint: null, scope: null, resource: null },
    ...{
      authorizationEndpoint: `https://${host}/authorize`,
      tokenEndpoint: `https://${host}/token`,
    },
    registration:
      server.registration === "METADATA_DOCUMENT"
        ? ("METADATA_DOCUMENT" as const)
        : ("DYNAMIC" as const),
    ...{ tokenEndpointAuthMethod: "NONE" as const, extraAuthorizationParameters: "" },
    issParameterRequired: false,
  };
  const urlParts = Object.fromEntries(server.urlParts.map(({ name, example }) => [name, example]));
  const made = vendorServerInput(
    server,
    {
      name: "A",
      urlParts,
      clientId: "",
      clientSecret: "s",
      key: "k",
      tokenSharing: "SHARED",
      ...(server.registration === "PRE_REGISTERED" ? { clientId: "c" } : {}),
    },
    discovered,
  );
  if (!made.ok) throw new Error(JSON.stringify(made.missing));
  const { url, transport, authentication, oauth } = made.input;
  return {
    ...{ url, transport, authentication },
    headerNames: server.header ? [server.header.name] : [],
    oauth:
      authentication === "OAUTH"
        ? {
            ...oauth,
            registration: oauth.registration ?? "PRE_REGISTERED",
            resource: oauth.resource ?? "",
            extraAuthorizationParameters: parametersOf(oauth.extraAuthorizationParameters),
          }
        : null,
  };
}

function fieldsFor(
  id: string,
  change: Partial<VendorServerSettings>,
  oauth: Partial<VendorClientSettings> = {},
): string[] {
  const settings = filledIn(named(id));
  const changed = {
    ...settings,
    oauth: settings.oauth && { ...settings.oauth, ...oauth },
    ...change,
  };
  return lintByVendorServer(named(id), changed).map(({ field }) => field);
}

describe("settings compared with the catalogue's facts", () => {
  it.each(vendorServers().map((server) => [server.id, server] as const))(
    "of %s do not differ if they were made from the entry",
    (_, server) => {
      const fields = lintByVendorServer(server, filledIn(server)).map(({ field }) => field);
      expect(fields).toEqual(server.approvedClientsOnly ? ["registration"] : []);
    },
  );

  it("differ if the URL or the transport has changed", () => {
    expect(fieldsFor("asana", { url: "https://mcp.asana.com/sse" })).toEqual(["url"]);
    expect(fieldsFor("webflow", { transport: "STREAMABLE_HTTP" })).toEqual(["transport"]);
  });

  it("differ if another authentication is chosen", () => {
    expect(fieldsFor("render", { authentication: "NONE" })).toEqual(["authentication"]);
    expect(fieldsFor("render", { authentication: "OAUTH" })).toEqual(["authentication"]);
    expect(fieldsFor("microsoft-learn", { authentication: "OAUTH" })).toEqual(["authentication"]);
    expect(fieldsFor("linear", { authentication: "NONE", oauth: null })).toEqual([
      "authentication",
    ]);
    expect(fieldsFor("google-maps", { headerNames: ["Authorization"] })).toEqual(["headerNames"]);
    expect(fieldsFor("google-maps", { headerNames: ["x-goog-api-key"] })).toEqual([]);
    // A key in a header is an alternative at many servers with OAuth.
    expect(fieldsFor("stripe", { authentication: "HEADERS", oauth: null })).toEqual([]);
  });

  it("differ if Usher cannot register by itself", () => {
    expect(fieldsFor("asana", {}, { registration: "DYNAMIC" })).toContain("registration");
  });

  it("differ if another provider's endpoints are entered", () => {
    const notion = { authorizationEndpoint: "https://api.notion.com/v1/oauth/authorize" };
    expect(fieldsFor("notion", {}, notion)).toEqual(["authorizationEndpoint"]);
    const hubspot = { authorizationEndpoint: "https://app.hubspot.com/oauth/authorize" };
    expect(fieldsFor("hubspot", {}, hubspot)).toEqual(["authorizationEndpoint"]);
    const token = { tokenEndpoint: "https://slack.com/api/oauth.v2.access" };
    expect(fieldsFor("slack", {}, token)).toEqual(["tokenEndpoint"]);
  });

  it("differ if a request would not carry what the provider needs", () => {
    expect(fieldsFor("asana", {}, { resourceIndicator: false })).toEqual(["resourceIndicator"]);
    expect(fieldsFor("asana", {}, { resource: "" })).toEqual(["resource"]);
    expect(fieldsFor("microsoft-365", {}, { resourceIndicator: true })).toEqual([
      "resourceIndicator",
    ]);
    expect(fieldsFor("gmail", {}, { extraAuthorizationParameters: { prompt: "consent" } })).toEqual(
      ["extraAuthorizationParameters"],
    );
    expect(fieldsFor("gmail", {}, { tokenEndpointAuthMethod: "NONE" })).toEqual([
      "tokenEndpointAuthMethod",
    ]);
    expect(fieldsFor("slack", {}, { scopesByComma: false })).toEqual(["scopesByComma"]);
  });

  it("differ if scopes are missing, unless those that suffice for reading are present", () => {
    expect(fieldsFor("salesforce", {}, { scope: "api refresh_token" })).toEqual(["scope"]);
    expect(fieldsFor("salesforce", {}, { scope: "mcp_api refresh_token api" })).toEqual([]);
    expect(fieldsFor("slack", {}, { scope: named("slack").scopes.readOnly })).toEqual([]);
  });

  it("are described in complete sentences", () => {
    const settings = { ...filledIn(named("linear")), authentication: "NONE", oauth: null } as const;
    expect(lintByVendorServer(named("linear"), settings)).toEqual([
      {
        field: "authentication",
        message: "Linear refuses calls without a token. Choose OAuth 2.0, or run Discover.",
      },
    ]);
  });

  it("never contradict the preset of a provider's REST API", () => {
    for (const preset of providerPresets) {
      const settings = {
        ...preset,
        ...{ hasClientSecret: true, scope: "", extraAuthorizationParameters: {} },
        resourceIndicator: true,
      };
      expect(lintClient(settings, true)).toEqual([]);
    }
  });
});
