import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  fillIn,
  fillInOpen,
  foundInstead,
  takenBack,
} from "@/components/mcp-servers/discovery/discovered-values";
import { initialValues } from "@/components/mcp-servers/form/server-form-values";
import type { DiscoveredSettings } from "@/lib/contracts/servers/discovery";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import type { OAuthClientInput } from "@/lib/contracts/servers/oauth-client";

const settings: DiscoveredSettings = {
  issuer: "https://auth.example",
  authorizationEndpoint: "https://auth.example/authorize",
  tokenEndpoint: "https://auth.example/token",
  revocationEndpoint: "https://auth.example/revoke",
  registration: "DYNAMIC",
  tokenEndpointAuthMethod: "CLIENT_SECRET_POST",
  scope: "read write",
  extraAuthorizationParameters: "prompt=consent",
  resource: "https://mcp.example/mcp",
  issParameterRequired: true,
};
const blank = { ...initialValues(null), url: "https://mcp.example/mcp" };

function typed(oauth: Partial<OAuthClientInput>, rest: Partial<McpServerInput> = {}) {
  return { ...blank, ...rest, oauth: { ...blank.oauth, ...oauth } };
}

const fill = (form: McpServerInput, found = settings) => fillIn(form, found, null, false);

describe("a discovery's result", () => {
  it("fills in everything in a new form, and chooses OAuth 2.0", () => {
    expect(fill(blank)).toEqual({
      after: { authentication: "OAUTH", oauth: { ...blank.oauth, ...settings } },
      kept: [],
    });
  });

  it("keeps typed text, and reports what it found instead", () => {
    const { after, kept } = fill(typed({ scope: "read", tokenSharing: "PER_USER" }));
    expect(after.oauth).toMatchObject({
      scope: "read",
      tokenSharing: "PER_USER",
      tokenEndpoint: settings.tokenEndpoint,
    });
    expect(kept).toEqual([{ label: "Scopes", own: "read", found: "read write" }]);
  });

  it("does not change the section if the URLs are another provider's", () => {
    const form = typed({ tokenEndpoint: "https://other.example/token", scope: "read" });
    const { after, kept } = fill(form);
    expect(after).toEqual({ authentication: "OAUTH", oauth: form.oauth });
    expect(kept.map(({ label }) => label)).toEqual(["Token URL", "Scopes"]);
  });

  const service: DiscoveredSettings = {
    ...{ ...settings, authorizationEndpoint: "", registration: "PRE_REGISTERED" },
    ...{ grantType: "ID_JAG", tokenSharing: "ORGANIZATION" },
  };

  it("chooses the working grant type if no one can consent, and reverts it", () => {
    const { after, kept } = fill(blank, service);
    expect(after.oauth).toMatchObject({ grantType: "ID_JAG", tokenSharing: "ORGANIZATION" });
    expect(kept).toEqual([]);
    const before = { authentication: blank.authentication, oauth: blank.oauth };
    const form = { ...blank, ...after };
    expect(takenBack(form, { before, after }).oauth).toMatchObject({
      ...{ grantType: "AUTHORIZATION_CODE", tokenSharing: "SHARED" },
    });
    // Another URL, where people can consent.
    expect(fillIn(form, settings, { before, after }, false).after.oauth).toMatchObject({
      ...{ grantType: "AUTHORIZATION_CODE", tokenSharing: "SHARED" },
    });
  });

  it("keeps a chosen grant type, and the chosen sharing", () => {
    const { after, kept } = fill(typed({ grantType: "CLIENT_CREDENTIALS" }), service);
    expect(after.oauth).toMatchObject({ grantType: "CLIENT_CREDENTIALS", tokenSharing: "SHARED" });
    expect(kept).toEqual([
      { label: "Grant type", own: "Client credentials", found: "Identity assertion (ID-JAG)" },
      { label: "Token Sharing", own: "Shared", found: "Organization" },
    ]);
    const chosen = typed({ grantType: "TOKEN_EXCHANGE", tokenSharing: "ORGANIZATION" });
    expect(fill(chosen)).toMatchObject({
      after: { oauth: { grantType: "TOKEN_EXCHANGE", tokenSharing: "ORGANIZATION" } },
      kept: [],
    });
    expect(foundInstead(chosen, settings).oauth).toMatchObject({ grantType: "TOKEN_EXCHANGE" });
    expect(foundInstead(chosen, service).oauth).toMatchObject({ grantType: "ID_JAG" });
  });

  it("keeps a typed URL if it found none", () => {
    const form = typed({ revocationEndpoint: "https://auth.example/revoke-it" });
    const { after, kept } = fill(form, { ...settings, revocationEndpoint: null });
    expect(kept).toEqual([]);
    expect(after.oauth.revocationEndpoint).toBe("https://auth.example/revoke-it");
    expect(after.oauth.tokenEndpoint).toBe(settings.tokenEndpoint);
  });

  it("treats a client ID as a registration of the admin's own", () => {
    const { after, kept } = fill(typed({ clientId: "usher", clientSecret: "secret" }));
    expect(after.oauth).toMatchObject({
      registration: "PRE_REGISTERED",
      tokenEndpointAuthMethod: "CLIENT_SECRET_BASIC",
      clientId: "usher",
      clientSecret: "secret",
    });
    expect(kept).toEqual([
      { label: "Registration", own: "Pre-registered", found: "Dynamic registration" },
    ]);
  });

  it("keeps headers that are typed or stored, with the rest ready beside them", () => {
    const headers = { authentication: "HEADERS", headers: "X-Key: 1" } as const;
    const { after, kept } = fill(typed({}, headers));
    expect(after.authentication).toBe("HEADERS");
    expect(after.oauth.tokenEndpoint).toBe(settings.tokenEndpoint);
    expect(kept).toEqual([{ label: "Authentication", own: "Headers", found: "OAuth 2.0" }]);
    const stored = fillIn(typed({}, { ...headers, headers: "" }), settings, null, true);
    expect(stored.after.authentication).toBe("HEADERS");
    const empty = fillIn(typed({}, { ...headers, headers: "" }), settings, null, false);
    expect(empty.after.authentication).toBe("OAUTH");
  });

  it("replaces what an earlier discovery filled in, except what was typed over it", () => {
    const earlier = { before: blank, after: fill(blank).after };
    const form = { ...blank, ...earlier.after, oauth: { ...earlier.after.oauth, scope: "mine" } };
    const other = {
      ...settings,
      issuer: "https://other.example",
      authorizationEndpoint: "https://other.example/authorize",
      tokenEndpoint: "https://other.example/token",
      revocationEndpoint: null,
      registration: "PRE_REGISTERED",
    } as const;
    const { after, kept } = fillIn(form, other, earlier, false);
    expect(after.oauth).toMatchObject({
      issuer: "https://other.example",
      tokenEndpoint: "https://other.example/token",
      revocationEndpoint: "",
      registration: "PRE_REGISTERED",
      scope: "mine",
    });
    expect(kept.map(({ label }) => label)).toEqual(["Scopes"]);
  });

  it("replaces typed values on request", () => {
    const { oauth } = foundInstead(
      typed({ tokenEndpoint: "https://other.example/token" }),
      settings,
    );
    expect(oauth).toMatchObject(settings);
  });

  it("is reverted completely, except for what was typed since", () => {
    const { after } = fill(blank);
    const filled = { before: blank, after };
    expect(takenBack({ ...blank, ...after }, filled)).toEqual({
      authentication: "NONE",
      oauth: blank.oauth,
    });
    const since = { ...blank, ...after, oauth: { ...after.oauth, clientId: "x", scope: "mine" } };
    expect(takenBack(since, filled).oauth).toEqual({
      ...blank.oauth,
      clientId: "x",
      scope: "mine",
    });
  });

  it("never changes a typed text without being asked, whatever was typed", () => {
    const text = fc.constantFrom("", "https://a.example", "https://auth.example", "read");
    const own = fc.record({
      clientId: text,
      issuer: text,
      authorizationEndpoint: text,
      tokenEndpoint: text,
      revocationEndpoint: text,
      scope: text,
      extraAuthorizationParameters: text,
      resource: text,
    });
    fc.assert(
      fc.property(own, (oauth) => {
        const { after } = fill(typed(oauth));
        for (const [name, value] of Object.entries(oauth)) {
          if (value !== "") expect(after.oauth).toHaveProperty(name, value);
        }
      }),
    );
  });
});

describe("an open server", () => {
  it("selects no authentication if nothing was entered for another one", () => {
    const open = (form: McpServerInput) => fillInOpen(form, null, false).after.authentication;
    expect(open(blank)).toBe("NONE");
    expect(open(typed({}, { authentication: "OAUTH" }))).toBe("NONE");
    expect(open(typed({ clientId: "usher" }, { authentication: "OAUTH" }))).toBe("OAUTH");
    expect(open(typed({}, { authentication: "HEADERS", headers: "X-Key: 1" }))).toBe("HEADERS");
  });

  it("reverts what was found for another URL before", () => {
    const earlier = { before: blank, after: fill(blank).after };
    const { after } = fillInOpen({ ...blank, ...earlier.after }, earlier, false);
    expect(after.authentication).toBe("NONE");
  });
});
