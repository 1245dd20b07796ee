import type { McpServerInput } from "./mcp-server";
import type { OAuthClientInput } from "./oauth-client";
import { oauthSettings } from "./oauth-settings";
import { readSettings, serverSettings } from "./settings";

/** The OAuth section before anything is entered. */
export function newOAuthClientInput() {
  return {
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
    registration: "PRE_REGISTERED",
    resource: "",
    issParameterRequired: false,
    registrationEndpoint: "",
    ...readSettings(oauthSettings, {}),
  } as const satisfies OAuthClientInput;
}

/** The form of a new server before anything is entered. */
export function newServerInput(): McpServerInput {
  return {
    version: null,
    name: "",
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
    headerSharing: "SHARED",
    settings: readSettings(serverSettings, {}),
    oauth: newOAuthClientInput(),
  };
}
