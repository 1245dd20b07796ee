import type { AuthorizationServer } from "@/demo/authorization-server";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import type { OAuthClientInput } from "@/lib/contracts/servers/oauth-client";

/** An address at which nothing listens, for tests that call no tool. */
export const nowhere = "http://127.0.0.1:9/mcp";

const blank: McpServerInput = {
  version: null,
  name: "A server",
  description: "",
  transport: "STREAMABLE_HTTP",
  url: "",
  command: "",
  args: "",
  environment: "",
  clearEnvironment: false,
  headers: "",
  clearHeaders: false,
  authentication: "NONE",
  oauth: {
    clientId: "",
    clientSecret: "",
    authorizationEndpoint: "",
    tokenEndpoint: "",
    revocationEndpoint: "",
    issuer: "",
    tokenEndpointAuthMethod: "CLIENT_SECRET_BASIC",
    scope: "",
    tokenSharing: "SHARED",
    grantType: "AUTHORIZATION_CODE",
    extraAuthorizationParameters: "",
    resourceIndicator: true,
  },
};

/** What the form sends, without anything that a test does not mention. */
export function serverInput(
  input: Partial<Omit<McpServerInput, "oauth">> & { oauth?: Partial<OAuthClientInput> },
): McpServerInput {
  return { ...blank, ...input, oauth: { ...blank.oauth, ...input.oauth } };
}

/** A server behind the practice provider. */
export function oauthServerInput(
  provider: AuthorizationServer,
  input: Partial<Omit<McpServerInput, "oauth">> & { oauth?: Partial<OAuthClientInput> } = {},
): McpServerInput {
  return serverInput({
    url: nowhere,
    authentication: "OAUTH",
    ...input,
    oauth: {
      clientId: provider.clientId,
      clientSecret: provider.clientSecret,
      authorizationEndpoint: provider.authorizationEndpoint,
      tokenEndpoint: provider.tokenEndpoint,
      revocationEndpoint: provider.revocationEndpoint,
      issuer: provider.issuer,
      scope: "files:read files:write",
      ...input.oauth,
    },
  });
}
