import { parameterLines } from "@/lib/contracts/servers/extra-parameters";
import { asksForKeys, startsProgram } from "@/lib/contracts/servers/kinds";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { oauthSettings } from "@/lib/contracts/servers/oauth-settings";
import { changedSettings, readSettings, serverSettings } from "@/lib/contracts/servers/settings";
import type { McpServerRow, OAuthClientRow } from "@/lib/db/mcp-server";
import type { StoredAccess } from "./access-entry";
import { type OAuthEntry, oauthEntry, type ServerEntry, serverEntry } from "./document";
import type { VariableNames } from "./variables";

export function authenticationOf(entry: ServerEntry): McpServerInput["authentication"] {
  const { authentication, oauth, headers, headerSharing } = entry;
  if (authentication) return authentication;
  if (oauth) return "OAUTH";
  return Object.keys(headers).length > 0 || headerSharing === "PER_USER" ? "HEADERS" : "NONE";
}

/** What the form would send, without its secrets. */
export function inputOf(entry: ServerEntry, version: number | null): McpServerInput {
  return {
    ...{ version, name: entry.name, description: entry.description, transport: entry.transport },
    ...{ url: entry.url, command: entry.command, args: entry.args.join("\n") },
    ...{ environment: "", clearEnvironment: Object.keys(entry.environment).length === 0 },
    ...{ headers: "", clearHeaders: Object.keys(entry.headers).length === 0 },
    authentication: authenticationOf(entry),
    headerSharing: entry.headerSharing,
    settings: readSettings(serverSettings, entry.settings),
    oauth: oauthInput(entry.oauth ?? oauthEntry.parse({})),
  };
}

function oauthInput(entry: OAuthEntry): McpServerInput["oauth"] {
  const { s256Confirmed, issuerAlias, extraAuthorizationParameters, ...rest } = entry;
  return {
    ...rest,
    clientSecret: "",
    extraAuthorizationParameters: parameterLines(Object.entries(extraAuthorizationParameters)),
    ...(s256Confirmed ? { s256Confirmed } : {}),
    ...(issuerAlias === undefined ? {} : { issuerAlias, issuerAccepted: issuerAlias !== "" }),
    ...readSettings(oauthSettings, entry),
  };
}

/** A stored server in the file's form; its secrets are names of variables. */
export function entryOf(
  row: McpServerRow,
  names: VariableNames,
  access: StoredAccess,
): ServerEntry {
  const program = startsProgram(row.transport);
  const variable = (name: string) => `\${${names.next(row.name, name)}}`;
  const secrets = (all: readonly string[]) =>
    Object.fromEntries(all.map((name) => [name, variable(name)]));
  const hasHeaders = row.authentication === "HEADERS" && !program;
  return serverEntry.parse({
    ...{ name: row.name, description: row.description, transport: row.transport },
    ...(program ? { command: row.command ?? "", args: row.args } : { url: row.url ?? "" }),
    authentication: program ? "NONE" : row.authentication,
    ...(hasHeaders ? { headerSharing: row.headerSharing } : {}),
    headers: hasHeaders && !asksForKeys(row) ? secrets(row.headerNames) : {},
    environment: program ? secrets(row.environmentNames) : {},
    settings: changedSettings(serverSettings, readSettings(serverSettings, row.settings)),
    switchedOff: row.switchedOffAt !== null,
    access: access.get(row.id),
    ...(row.oauthClient ? { oauth: oauthEntryOf(row.oauthClient, variable) } : {}),
  });
}

function oauthEntryOf(client: OAuthClientRow, variable: (name: string) => string) {
  const byHand = client.registration === "PRE_REGISTERED";
  const extra = client.extraAuthorizationParameters as Record<string, string>;
  const hasSecret = byHand && client.clientSecretSealed !== null;
  return {
    registration: client.registration,
    // A client that Usher registered belongs to this installation.
    ...(byHand
      ? { clientId: client.clientId, tokenEndpointAuthMethod: client.tokenEndpointAuthMethod }
      : {}),
    ...(hasSecret ? { clientSecret: variable("client_secret") } : {}),
    authorizationEndpoint: client.authorizationEndpoint,
    tokenEndpoint: client.tokenEndpoint,
    revocationEndpoint: client.revocationEndpoint ?? "",
    registrationEndpoint: client.registrationEndpoint ?? "",
    issuer: client.issuer ?? "",
    scope: client.scope ?? "",
    tokenSharing: client.tokenSharing,
    grantType: client.grantType,
    resourceIndicator: client.resourceIndicator,
    resource: client.resource ?? "",
    issParameterRequired: client.issParameterRequired,
    extraAuthorizationParameters: extra,
    ...(client.s256Confirmed ? { s256Confirmed: true as const } : {}),
    ...(client.issuerAlias ? { issuerAlias: client.issuerAlias } : {}),
    ...changedSettings(oauthSettings, readSettings(oauthSettings, client.settings)),
  };
}
