import { parameterLines } from "@/lib/contracts/servers/extra-parameters";
import { grantedFor, startsProgram, storedCredential } from "@/lib/contracts/servers/kinds";
import type { McpServerDetail, McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { newOAuthClientInput, newServerInput } from "@/lib/contracts/servers/new-server";
import {
  type OAuthClientInput,
  type OAuthClientView,
  usesClientSecret,
} from "@/lib/contracts/servers/oauth-client";
import { oauthSettings } from "@/lib/contracts/servers/oauth-settings";
import { readSettings } from "@/lib/contracts/servers/settings";

export const newOAuthClient = newOAuthClientInput();

/** The form's initial values. Secrets are empty: they never reach the browser. */
export function initialValues(server: McpServerDetail | null): McpServerInput {
  if (server === null) return newServerInput();
  return {
    ...newServerInput(),
    version: server.version,
    name: server.name,
    description: server.description,
    transport: server.transport,
    url: server.url ?? "",
    command: server.command ?? "",
    args: server.args.join("\n"),
    authentication: server.authentication,
    headerSharing: server.headerSharing,
    settings: server.settings,
    oauth: oauthValues(server.oauthClient),
  };
}

function oauthValues(client: OAuthClientView | null): OAuthClientInput {
  if (!client) return newOAuthClient;
  return {
    clientId: client.clientId,
    clientSecret: "",
    authorizationEndpoint: client.authorizationEndpoint,
    tokenEndpoint: client.tokenEndpoint,
    revocationEndpoint: client.revocationEndpoint ?? "",
    issuer: client.issuer ?? "",
    tokenEndpointAuthMethod: client.tokenEndpointAuthMethod,
    scope: client.scope ?? "",
    tokenSharing: client.tokenSharing,
    grantType: client.grantType,
    extraAuthorizationParameters: parameterLines(
      Object.entries(client.extraAuthorizationParameters),
    ),
    resourceIndicator: client.resourceIndicator,
    registration: client.registration,
    resource: client.resource ?? "",
    issParameterRequired: client.issParameterRequired,
    registrationEndpoint: client.registrationEndpoint ?? "",
    // Only what was requested once is shown.
    ...(client.s256Confirmed ? { s256Confirmed: true } : {}),
    ...(client.issuerAlias === null
      ? {}
      : { issuerAlias: client.issuerAlias, issuerAccepted: true }),
    ...readSettings(oauthSettings, client),
  };
}

/**
 * The values without those of the parts that are not selected: a hidden field's value is
 * neither checked nor sent, and returns when its part is selected again.
 */
export function relevantValues(values: McpServerInput): McpServerInput {
  const stdio = startsProgram(values.transport);
  const credential = storedCredential(values);
  return {
    ...values,
    ...(stdio ? { url: "" } : { command: "", args: "", environment: "", clearEnvironment: false }),
    ...(credential === "headers" && values.headerSharing !== "PER_USER"
      ? {}
      : { headers: "", clearHeaders: false }),
    oauth: credential === "oauth-client" ? relevantOAuth(values.oauth) : newOAuthClient,
  };
}

export function relevantOAuth(typed: OAuthClientInput): OAuthClientInput {
  const oauth = { ...typed, ...unusedBy(typed) };
  return {
    ...oauth,
    ...(!usesClientSecret(oauth.tokenEndpointAuthMethod) ? { clientSecret: "" } : {}),
    ...(registersByItself(oauth) ? { clientId: "", clientSecret: "" } : {}),
    ...(oauth.resourceIndicator ? {} : { resource: "" }),
  };
}

const withoutChoice = { teamAccount: false, askWhichAccount: false } as const;

/** What a grant type omits. */
function unusedBy(oauth: OAuthClientInput): Partial<OAuthClientInput> {
  const { grantType, ownConsent, tokenSharing } = oauth;
  switch (grantedFor(grantType)) {
    case "consent":
      return {
        ...(tokenSharing === "PER_USER" ? {} : withoutChoice),
        ...{ ownConsent: false, exchangeIdToken: false },
      };
    case "client":
      return {
        ...{ ...withoutConsent, ...withoutChoice },
        ...{ tokenSharing: "SHARED", ownConsent: false, exchangeIdToken: false },
      };
    case "sign-in":
      return {
        ...withoutChoice,
        ...(ownConsent ? { registration: "PRE_REGISTERED" } : withoutConsent),
        ...(grantType === "TOKEN_EXCHANGE" ? {} : { exchangeIdToken: false }),
      };
  }
}

/** If no one is sent to the provider. */
const withoutConsent = {
  registration: "PRE_REGISTERED",
  authorizationEndpoint: "",
  extraAuthorizationParameters: "",
  issParameterRequired: false,
  scopeOnRefresh: false,
  refreshEndpoint: "",
} as const satisfies Partial<OAuthClientInput>;

/** Without a manually entered client ID and secret. */
export function registersByItself({ registration }: Pick<OAuthClientInput, "registration">) {
  return registration === "METADATA_DOCUMENT" || registration === "DYNAMIC";
}

/** A tolerant reading, for advice during typing; the server reads strictly. */
export function parametersOf(lines: string): Record<string, string> {
  const entries = lines.split(/\r?\n/).flatMap((line): [string, string][] => {
    const at = line.indexOf("=");
    return at > 0 ? [[line.slice(0, at).trim(), line.slice(at + 1).trim()]] : [];
  });
  return Object.fromEntries(entries);
}
