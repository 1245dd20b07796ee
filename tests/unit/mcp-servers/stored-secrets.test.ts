import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { initialValues } from "@/components/mcp-servers/server-form-values";
import { endsConnection, secretDemands } from "@/components/mcp-servers/stored-secrets";
import type { McpServerDetail, McpServerInput } from "@/lib/contracts/mcp-server";
import type { McpServerRow } from "@/lib/db/mcp-server";
import {
  keepClientSecret,
  keepEnvironment,
  keepHeaders,
  mustDropTokens,
} from "@/lib/servers/keep-secrets";

const client = {
  clientId: "usher",
  authorizationEndpoint: "https://auth.example.com/authorize",
  tokenEndpoint: "https://auth.example.com/token",
  revocationEndpoint: "https://revoke.example.net/revoke",
  issuer: null,
  tokenEndpointAuthMethod: "CLIENT_SECRET_BASIC",
  scope: "read",
  tokenSharing: "SHARED",
  extraAuthorizationParameters: {},
  resourceIndicator: true,
  registration: "PRE_REGISTERED",
} as const;

/** What the page knows of a server, and what the database holds of it. */
function stored(transport: "STREAMABLE_HTTP" | "STDIO"): {
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
  const oauthClient = stdio ? null : client;
  return {
    page: {
      ...server,
      oauthClient: oauthClient && { ...oauthClient, hasClientSecret: true },
      connectedPeople: 1,
      connection: null,
    } as unknown as McpServerDetail,
    row: {
      ...server,
      environmentSealed: stdio ? "sealed" : null,
      headersSealed: stdio ? null : "sealed",
      oauthClient: oauthClient && { ...oauthClient, clientSecretSealed: "sealed" },
    } as unknown as McpServerRow,
  };
}

/** Edits that keep a value, change it, or write it another way. */
function edits(page: McpServerDetail): fc.Arbitrary<McpServerInput> {
  const values = initialValues(page);
  const or = (value: string, ...others: string[]) => fc.constantFrom(value, value, ...others);
  return fc
    .record({
      url: or(values.url, "https://other.example.com/mcp"),
      command: or(values.command, "deno"),
      args: or(values.args, "server.js", "server.js\n\n  --quiet\n", "--quiet\nserver.js"),
      authentication: fc.constantFrom(values.authentication, "NONE" as const),
      clientId: or(values.oauth.clientId, "another"),
      tokenEndpoint: or(values.oauth.tokenEndpoint, "https://elsewhere.example.org/token"),
      revocationEndpoint: or(
        values.oauth.revocationEndpoint,
        "",
        "https://auth.example.com/revoke",
        "https://third.example.org/revoke",
      ),
      tokenSharing: fc.constantFrom("SHARED" as const, "PER_USER" as const),
    })
    .map(({ clientId, tokenEndpoint, revocationEndpoint, tokenSharing, ...edit }) => ({
      ...values,
      ...edit,
      oauth: { ...values.oauth, clientId, tokenEndpoint, revocationEndpoint, tokenSharing },
    }));
}

const reasonOf = (decision: ReturnType<typeof keepHeaders>) =>
  decision.keep ? null : decision.reason;

describe("what the form says of stored secrets", () => {
  it.each(["STREAMABLE_HTTP", "STDIO"] as const)("is what the server decides (%s)", (transport) => {
    const { page, row } = stored(transport);
    fc.assert(
      fc.property(edits(page), (input) => {
        expect(secretDemands(page, input)).toEqual({
          environment: reasonOf(keepEnvironment(input, row)),
          headers: reasonOf(keepHeaders(input, row)),
          clientSecret: reasonOf(keepClientSecret(input, row)),
        });
        expect(endsConnection(page, input) !== null).toBe(mustDropTokens(input, row));
      }),
      { numRuns: 500 },
    );
  });

  it("is nothing for a new server", () => {
    const values = { ...initialValues(null), url: "https://mcp.example.com/mcp" };
    expect(secretDemands(null, values)).toEqual({
      environment: null,
      headers: null,
      clientSecret: null,
    });
    expect(endsConnection(null, values)).toBeNull();
  });

  it("names no end of a connection where nothing is connected", () => {
    const { page } = stored("STREAMABLE_HTTP");
    const values = { ...initialValues(page), url: "https://other.example.com/mcp" };
    expect(endsConnection({ ...page, connectedPeople: 0 }, values)).toBeNull();
  });
});
