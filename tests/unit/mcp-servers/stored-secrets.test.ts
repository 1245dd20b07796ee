import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { initialValues } from "@/components/mcp-servers/form/server-form-values";
import { endsConnection, secretDemands } from "@/components/mcp-servers/form/stored-secrets";
import { effectsOfEdit, type SecretEffect } from "@/lib/contracts/servers/edit-effects";
import type { McpServerDetail, McpServerInput } from "@/lib/contracts/servers/mcp-server";
import type { RegistrationMode } from "@/lib/contracts/servers/oauth-client";
import type { McpServerRow } from "@/lib/db/mcp-server";
import { storedServerOf } from "@/lib/servers/save";

const client = {
  clientId: "usher",
  authorizationEndpoint: "https://auth.example.com/authorize",
  tokenEndpoint: "https://auth.example.com/token",
  revocationEndpoint: "https://revoke.example.net/revoke",
  issuer: "https://auth.example.com",
  tokenEndpointAuthMethod: "CLIENT_SECRET_BASIC",
  scope: "read",
  tokenSharing: "SHARED",
  grantType: "AUTHORIZATION_CODE",
  extraAuthorizationParameters: {},
  resourceIndicator: true,
  resource: null,
  issParameterRequired: false,
} as const;

/** What the page knows about a server, and what the database contains for it. */
function stored(
  transport: "STREAMABLE_HTTP" | "STDIO",
  registration: RegistrationMode = "PRE_REGISTERED",
): {
  page: McpServerDetail;
  row: McpServerRow;
} {
  const stdio = transport === "STDIO";
  const server = {
    id: "1",
    name: "Wiki",
    description: "",
    transport,
    url: stdio ? null : "https://mcp.example.com/mcp",
    command: stdio ? "node" : null,
    args: stdio ? ["server.js", "--quiet"] : [],
    environmentNames: stdio ? ["KEY"] : [],
    headerNames: stdio ? [] : ["X-Key"],
    authentication: stdio ? "NONE" : "OAUTH",
    version: 1,
  } as const;
  const oauthClient = stdio ? null : { ...client, registration };
  return {
    page: {
      ...server,
      oauthClient: oauthClient && { ...oauthClient, hasClientSecret: true },
      people: { connected: 1, retrying: 0, needAuthorization: 0 },
      connection: null,
      teamConnection: null,
    } as unknown as McpServerDetail,
    row: {
      ...server,
      environmentSealed: stdio ? "sealed" : null,
      headersSealed: stdio ? null : "sealed",
      oauthClient: oauthClient && { ...oauthClient, clientSecretSealed: "sealed" },
    } as unknown as McpServerRow,
  };
}

/** Edits that keep a value, change it, or write it differently. */
function edits(page: McpServerDetail): fc.Arbitrary<McpServerInput> {
  const values = initialValues(page);
  const or = (value: string, ...others: string[]) => fc.constantFrom(value, value, ...others);
  return fc
    .record({
      url: or(values.url, "https://other.example.com/mcp"),
      command: or(values.command, "deno"),
      args: or(values.args, "server.js", "server.js\n\n  --quiet\n", "--quiet\nserver.js"),
      authentication: fc.constantFrom(values.authentication, "NONE" as const),
      registration: fc.constantFrom(
        values.oauth.registration,
        values.oauth.registration,
        "PRE_REGISTERED" as const,
        "DYNAMIC" as const,
        "METADATA_DOCUMENT" as const,
        undefined,
      ),
      clientId: or(values.oauth.clientId, "another", ""),
      issuer: or(values.oauth.issuer, "", "https://elsewhere.example.org"),
      authorizationEndpoint: or(
        values.oauth.authorizationEndpoint,
        "https://elsewhere.example.org/authorize",
      ),
      tokenEndpoint: or(values.oauth.tokenEndpoint, "https://elsewhere.example.org/token"),
      revocationEndpoint: or(
        values.oauth.revocationEndpoint,
        "",
        "https://auth.example.com/revoke",
        "https://third.example.org/revoke",
      ),
      tokenSharing: fc.constantFrom("SHARED" as const, "PER_USER" as const),
    })
    .map(({ url, command, args, authentication, ...oauth }) => ({
      ...values,
      ...{ url, command, args, authentication },
      oauth: { ...values.oauth, ...oauth },
    }));
}

const reasonOf = (effect: SecretEffect) => (effect.keep ? null : effect.reason);

describe("what the form says about stored secrets", () => {
  it.each([
    ["STDIO", "PRE_REGISTERED"],
    ["STREAMABLE_HTTP", "PRE_REGISTERED"],
    ["STREAMABLE_HTTP", "DYNAMIC"],
    ["STREAMABLE_HTTP", "METADATA_DOCUMENT"],
  ] as const)("matches the server's decision (%s, %s)", (transport, registration) => {
    const { page, row } = stored(transport, registration);
    fc.assert(
      fc.property(edits(page), (input) => {
        const saved = effectsOfEdit(storedServerOf(row), input);
        expect(secretDemands(page, input)).toEqual({
          environment: reasonOf(saved.environment),
          headers: reasonOf(saved.headers),
          clientSecret: reasonOf(saved.clientSecret),
        });
        expect(endsConnection(page, input)?.because ?? null).toBe(
          saved.tokens.keep ? null : saved.tokens.reason,
        );
      }),
      { numRuns: 1_000 },
    );
  });

  it("warns about tokens that end with their registration", () => {
    const { page } = stored("STREAMABLE_HTTP", "DYNAMIC");
    const values = initialValues(page);
    const ends = (oauth: Partial<McpServerInput["oauth"]>) =>
      endsConnection(page, { ...values, oauth: { ...values.oauth, ...oauth } })?.because ?? null;
    expect(ends({})).toBeNull();
    expect(ends({ scope: "more" })).toBeNull();
    expect(ends({ issuer: "https://elsewhere.example.org" })).toBe(
      "The issuer changed, so Usher registers with the provider again.",
    );
    expect(ends({ registration: "METADATA_DOCUMENT" })).toContain("The registration changed");
    expect(ends({ registration: "PRE_REGISTERED", clientId: "by-hand" })).toBe(
      "The client ID changed.",
    );
  });

  it("is empty for a new server", () => {
    const values = { ...initialValues(null), url: "https://mcp.example.com/mcp" };
    expect(secretDemands(null, values)).toEqual({
      environment: null,
      headers: null,
      clientSecret: null,
    });
    expect(endsConnection(null, values)).toBeNull();
  });

  it("mentions no end of a connection if nothing is connected", () => {
    const { page } = stored("STREAMABLE_HTTP");
    const values = { ...initialValues(page), url: "https://other.example.com/mcp" };
    expect(
      endsConnection(
        { ...page, people: { connected: 0, retrying: 0, needAuthorization: 0 } },
        values,
      ),
    ).toBeNull();
  });
});
