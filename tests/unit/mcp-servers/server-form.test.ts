import { describe, expect, it } from "vitest";
import { serverFormResolver } from "@/components/mcp-servers/form/server-form-schema";
import { initialValues, relevantValues } from "@/components/mcp-servers/form/server-form-values";
import type { McpServerDetail, McpServerInput } from "@/lib/contracts/servers/mcp-server";

const server = {
  version: 4,
  name: "Wiki",
  description: "",
  transport: "STREAMABLE_HTTP",
  url: "https://mcp.example.com/mcp",
  command: null,
  args: [],
  environmentNames: [],
  headerNames: ["X-Key"],
  authentication: "OAUTH",
  people: { connected: 0, retrying: 0, needAuthorization: 0 },
  connection: null,
  oauthClient: {
    clientId: "usher",
    hasClientSecret: true,
    authorizationEndpoint: "https://auth.example.com/authorize",
    tokenEndpoint: "https://auth.example.com/token",
    revocationEndpoint: null,
    issuer: null,
    tokenEndpointAuthMethod: "CLIENT_SECRET_POST",
    scope: "read write",
    tokenSharing: "PER_USER",
    grantType: "AUTHORIZATION_CODE",
    extraAuthorizationParameters: { prompt: "consent", access_type: "offline" },
    resourceIndicator: false,
    resource: null,
    issParameterRequired: false,
    registration: "PRE_REGISTERED",
  },
} as unknown as McpServerDetail;

async function errorsOf(
  values: McpServerInput,
  stored: McpServerDetail | null = null,
  allowHttpLoopback = false,
): Promise<Record<string, string>> {
  const resolve = serverFormResolver(stored, allowHttpLoopback);
  const result = await resolve(values, undefined, { fields: {}, shouldUseNativeValidation: false });
  return flat(result.errors);
}

function flat(errors: object, path = ""): Record<string, string> {
  return Object.entries(errors).reduce<Record<string, string>>((all, [key, value]) => {
    if (typeof value.message === "string") all[path + key] = value.message;
    else Object.assign(all, flat(value, `${path}${key}.`));
    return all;
  }, {});
}

const named = { ...initialValues(null), name: "Wiki", url: "https://mcp.example.com/mcp" };

describe("the form of an MCP server", () => {
  it("starts an edit with what is stored, except for the secrets", () => {
    const values = initialValues(server);
    expect(values).toMatchObject({ version: 4, name: "Wiki", headers: "", environment: "" });
    expect(values.oauth).toMatchObject({
      clientSecret: "",
      extraAuthorizationParameters: "prompt=consent\naccess_type=offline",
      resourceIndicator: false,
    });
  });

  it("finds nothing wrong with stored values", async () => {
    expect(await errorsOf(initialValues(server), server)).toEqual({});
  });

  it("names every invalid field at once", async () => {
    const values = initialValues(null);
    const settings = { callTimeoutSeconds: "a while" as unknown as number };
    const errors = await errorsOf({ ...values, authentication: "OAUTH", settings });
    expect(Object.keys(errors).sort()).toEqual([
      "name",
      "oauth.authorizationEndpoint",
      "oauth.clientId",
      "oauth.clientSecret",
      "oauth.tokenEndpoint",
      "settings.callTimeoutSeconds",
      "url",
    ]);
  });

  it("checks and sends nothing from a part that is not selected", async () => {
    const values: McpServerInput = {
      ...named,
      authentication: "NONE",
      headers: "no colon",
      oauth: { ...named.oauth, scope: 'a "quote"', clientSecret: "typed", tokenEndpoint: "x" },
    };
    expect(await errorsOf(values)).toEqual({});
    expect(JSON.stringify(relevantValues(values))).not.toMatch(/typed|colon|quote/);
    expect(relevantValues({ ...values, transport: "STDIO" }).url).toBe("");
  });

  it("sends no client secret for a public client", () => {
    const oauth = { ...named.oauth, tokenEndpointAuthMethod: "NONE" as const, clientSecret: "old" };
    expect(relevantValues({ ...named, authentication: "OAUTH", oauth }).oauth.clientSecret).toBe(
      "",
    );
  });

  it.each(["DYNAMIC", "METADATA_DOCUMENT"] as const)(
    "requires an issuer and no client ID or secret if Usher registers automatically (%s)",
    async (registration) => {
      const oauth = {
        ...initialValues(server).oauth,
        registration,
        clientSecret: "typed before",
      };
      const values = { ...named, authentication: "OAUTH" as const, oauth };
      expect(await errorsOf(values)).toEqual({
        "oauth.issuer": expect.stringContaining("Enter the issuer"),
      });
      const found = { ...values, oauth: { ...oauth, issuer: "https://auth.example.com" } };
      expect(await errorsOf(found)).toEqual({});
      expect(relevantValues(found).oauth).toMatchObject({ clientId: "", clientSecret: "" });
    },
  );

  it("sends no resource if the resource indicator is off", () => {
    const oauth = { ...named.oauth, resource: "https://mcp.example.com", resourceIndicator: false };
    expect(relevantValues({ ...named, authentication: "OAUTH", oauth }).oauth.resource).toBe("");
  });

  it.each([
    ["http://mcp.example.com/mcp", false],
    ["http://localhost:3000/mcp", false],
    ["mcp.example.com", false],
    ["ftp://mcp.example.com", true],
  ])("rejects the URL %s", async (url, allowHttpLoopback) => {
    expect(Object.keys(await errorsOf({ ...named, url }, null, allowHttpLoopback))).toEqual([
      "url",
    ]);
  });

  it("accepts a loopback URL over http if the installation allows it", async () => {
    expect(await errorsOf({ ...named, url: "http://localhost:3000/mcp" }, null, true)).toEqual({});
  });

  it("asks for the client secret again if the Token URL changed", async () => {
    const values = initialValues(server);
    const moved = { ...values.oauth, tokenEndpoint: "https://elsewhere.example.com/token" };
    expect(await errorsOf({ ...values, oauth: moved }, server)).toEqual({
      "oauth.clientSecret": expect.stringContaining("Token URL changed"),
    });
    expect(
      await errorsOf({ ...values, oauth: { ...moved, clientSecret: "again" } }, server),
    ).toEqual({});
  });

  it("asks for headers if the stored ones are removed", async () => {
    const values = { ...initialValues(server), authentication: "HEADERS" as const };
    expect(await errorsOf(values, server)).toEqual({});
    expect(await errorsOf({ ...values, clearHeaders: true }, server)).toHaveProperty("headers");
  });

  it("names the line of an invalid extra parameter", async () => {
    const oauth = {
      ...initialValues(server).oauth,
      extraAuthorizationParameters: "a=1\n\nnonsense",
    };
    expect(await errorsOf({ ...initialValues(server), oauth }, server)).toEqual({
      "oauth.extraAuthorizationParameters": expect.stringContaining("Line 3"),
    });
  });
});
