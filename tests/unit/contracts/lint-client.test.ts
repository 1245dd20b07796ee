import { describe, expect, test } from "vitest";
import { parseExtraParameters } from "@/lib/contracts/servers/extra-parameters";
import { type ClientSettings, lintClient } from "@/lib/contracts/servers/lint-client";
import {
  type ProviderPreset,
  presetFor,
  providerPresets,
} from "@/lib/contracts/servers/provider-presets";
import { checkUrl } from "@/lib/net/policy";

function settingsOf(preset: ProviderPreset): ClientSettings {
  const { extraAuthorizationParameters: extra, scopeExample, ...rest } = preset;
  return {
    ...rest,
    hasClientSecret: true,
    scope: scopeExample,
    extraAuthorizationParameters: Object.fromEntries(extra.map(({ name, value }) => [name, value])),
  };
}

function named(id: string): ProviderPreset {
  const preset = providerPresets.find((one) => one.id === id);
  if (!preset) throw new Error(`no preset ${id}`);
  return preset;
}

const warningsFor = (id: string, change: Partial<ClientSettings>) =>
  lintClient({ ...settingsOf(named(id)), ...change });

describe("a provider's preset", () => {
  test.each(providerPresets.map((preset) => [preset.name, preset] as const))(
    "for %s has addresses that the guard and the form accept, and no warning",
    (_, preset) => {
      const policy = { allowHttpLoopback: false, allowedPrivateHosts: [] };
      const { authorizationEndpoint, tokenEndpoint, revocationEndpoint, documentation } = preset;
      for (const url of [authorizationEndpoint, tokenEndpoint, revocationEndpoint, documentation]) {
        if (url !== null) expect(checkUrl(url, policy).allowed).toBe(true);
      }
      const lines = preset.extraAuthorizationParameters.map(
        ({ name, value }) => `${name}=${value}`,
      );
      expect(parseExtraParameters(lines.join("\n")).ok).toBe(true);
      expect(presetFor(authorizationEndpoint)).toBe(preset);
      expect(lintClient(settingsOf(preset))).toEqual([]);
    },
  );

  test("is found by host alone", () => {
    expect(presetFor("https://acme.my.salesforce.com/services/oauth2/authorize")?.id).toBe(
      "salesforce",
    );
    expect(presetFor("https://login.microsoftonline.com/contoso/oauth2/v2.0/authorize")?.id).toBe(
      "entra",
    );
    expect(presetFor("https://accounts.google.com.evil.example/o/oauth2/v2/auth")).toBeNull();
    expect(presetFor("https://as.example/authorize")).toBeNull();
    expect(presetFor("accounts.google.com")).toBeNull();
  });
});

describe("the linter", () => {
  test("says what Google requires for a refresh token", () => {
    const warnings = warningsFor("google", { extraAuthorizationParameters: {} });
    expect(warnings.map(({ field }) => field)).toEqual([
      "extraAuthorizationParameters",
      "extraAuthorizationParameters",
    ]);
    expect(warnings[0]?.message).toContain("access_type=offline");
    expect(warnings[1]?.message).toContain("prompt=consent");
  });

  test("finds a parameter in the Authorization URL, and among several values", () => {
    const authorizationEndpoint =
      "https://accounts.google.com/o/oauth2/v2/auth?access_type=offline";
    const extraAuthorizationParameters = { prompt: "select_account consent" };
    expect(warningsFor("google", { authorizationEndpoint, extraAuthorizationParameters })).toEqual(
      [],
    );
  });

  test.each(["atlassian", "entra", "salesforce"])("reports %s without its refresh scope", (id) => {
    const [warning] = warningsFor(id, { scope: "something:else" });
    expect(warning).toMatchObject({ field: "scope" });
    expect(warning?.message).toContain(named(id).refreshScopes[0]);
  });

  test("accepts either name of Salesforce's refresh scope", () => {
    expect(warningsFor("salesforce", { scope: "api offline_access" })).toEqual([]);
  });

  test("knows that Entra rejects a resource, and that others accept it", () => {
    const [warning] = warningsFor("entra", { resourceIndicator: true });
    expect(warning).toMatchObject({ field: "resourceIndicator" });
    expect(warningsFor("github", { resourceIndicator: true })).toEqual([]);
  });

  test("knows that Notion requires Basic", () => {
    const [warning] = warningsFor("notion", { tokenEndpointAuthMethod: "CLIENT_SECRET_POST" });
    expect(warning).toMatchObject({ field: "tokenEndpointAuthMethod" });
  });

  test("finds contradictory settings for any provider", () => {
    const unknown: ClientSettings = {
      authorizationEndpoint: "https://as.example/authorize",
      tokenEndpoint: "https://as.example/token",
      revocationEndpoint: null,
      tokenEndpointAuthMethod: "CLIENT_SECRET_BASIC",
      hasClientSecret: true,
      scope: null,
      extraAuthorizationParameters: {},
      resourceIndicator: true,
    };
    const fields = (change: Partial<ClientSettings>) =>
      lintClient({ ...unknown, ...change }).map(({ field }) => field);
    expect(fields({})).toEqual([]);
    expect(fields({ tokenEndpoint: "https://as.example/authorize" })).toEqual(["tokenEndpoint"]);
    expect(fields({ revocationEndpoint: "https://as.example/token" })).toEqual([
      "revocationEndpoint",
    ]);
    expect(fields({ hasClientSecret: false })).toEqual(["clientSecret"]);
    expect(fields({ tokenEndpointAuthMethod: "NONE" })).toEqual(["tokenEndpointAuthMethod"]);
    expect(fields({ tokenEndpointAuthMethod: "NONE", hasClientSecret: false })).toEqual([]);
    expect(fields({ authorizationEndpoint: "", tokenEndpoint: "" })).toEqual([]);
  });
});
