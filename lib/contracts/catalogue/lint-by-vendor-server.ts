import type { AuthenticationType, Transport } from "@/lib/contracts/servers/kinds";
import type { ClientSettings } from "@/lib/contracts/servers/lint-client";
import type { RegistrationMode } from "@/lib/contracts/servers/oauth-client";
import { oauthSettings } from "@/lib/contracts/servers/oauth-settings";
import { parseUrl } from "@/lib/parse-url";
import { usesOAuth, type VendorServer } from "./vendor-server";
import { matchVendorServer } from "./vendor-server-url";

/** The part of the OAuth section about which a catalogue entry has facts. */
export interface VendorClientSettings
  extends Omit<ClientSettings, "hasClientSecret" | "revocationEndpoint"> {
  readonly registration: RegistrationMode;
  /** Empty: the server's URL. */
  readonly resource: string;
  readonly scopesByComma?: boolean | undefined;
  readonly scopeOnRefresh?: boolean | undefined;
}

/** An admin's settings for a vendor's server. */
export interface VendorServerSettings {
  readonly url: string;
  readonly transport: Transport;
  readonly authentication: AuthenticationType;
  /** Null: not known. */
  readonly headerNames: readonly string[] | null;
  /** Null if OAuth is not selected. */
  readonly oauth: VendorClientSettings | null;
}

/** Where an admin's settings differ from the facts; it may still work, and saving is allowed regardless. */
export interface VendorWarning {
  readonly field: keyof VendorServerSettings | keyof VendorClientSettings;
  /** What differs, what follows from it, and what to do. */
  readonly message: string;
}

/** Compares an admin's settings with what the catalogue knows about this server. No request is made. */
export function lintByVendorServer(
  server: VendorServer,
  settings: VendorServerSettings,
): VendorWarning[] {
  const { oauth } = settings;
  return [
    ...lintAddress(server, settings),
    ...lintAuthentication(server, settings),
    ...(oauth && usesOAuth(server)
      ? [
          ...lintRegistration(server, oauth),
          ...lintEndpoints(server, oauth),
          ...lintRequests(server, oauth),
          ...lintScopes(server, oauth),
        ]
      : []),
  ];
}

function lintAddress(server: VendorServer, settings: VendorServerSettings): VendorWarning[] {
  const warnings: VendorWarning[] = [];
  if (matchVendorServer(server, settings.url) === "host") {
    const message = `${server.name} answers at ${server.url}. Other addresses of this host may not work. Use this one.`;
    warnings.push({ field: "url", message });
  }
  if (settings.transport !== server.transport) {
    const name = { STREAMABLE_HTTP: "Streamable HTTP", SSE: "SSE" }[server.transport];
    warnings.push({ field: "transport", message: `${server.name} uses ${name}. Choose it.` });
  }
  return warnings;
}

function lintAuthentication(server: VendorServer, settings: VendorServerSettings): VendorWarning[] {
  const { name, header, registration } = server;
  const { authentication, headerNames } = settings;
  const warning = (message: string): VendorWarning[] => [{ field: "authentication", message }];
  if (authentication === "OAUTH" && registration === "NONE") {
    return warning(`${name} requires no authentication. Choose None.`);
  }
  if (authentication === "OAUTH" && header) {
    return warning(`${name} takes the ${header.label} in a header. Choose Headers.`);
  }
  if (authentication === "NONE" && header) {
    const message = `${name} refuses calls without the ${header.label}. Choose Headers, and send it as ${header.name}.`;
    return warning(message);
  }
  if (authentication === "NONE" && registration !== "NONE") {
    return warning(`${name} refuses calls without a token. Choose OAuth 2.0, or run Discover.`);
  }
  const isSent = headerNames?.some((each) => each.toLowerCase() === header?.name.toLowerCase());
  if (authentication === "HEADERS" && header && headerNames?.length && !isSent) {
    const message = `${name} reads the ${header.label} from the header ${header.name}, which is missing. Add it.`;
    return [{ field: "headerNames", message }];
  }
  return [];
}

function lintRegistration(server: VendorServer, oauth: VendorClientSettings): VendorWarning[] {
  const warnings: VendorWarning[] = [];
  if (server.registration === "PRE_REGISTERED" && oauth.registration !== "PRE_REGISTERED") {
    const where = server.setupUrl === null ? "there" : `at ${server.setupUrl}`;
    const message = `${server.name} needs an OAuth app. Usher cannot register there automatically. Create one ${where}, and choose Pre-registered.`;
    warnings.push({ field: "registration", message });
  }
  if (server.approvedClientsOnly) {
    const message = `${server.vendor} accepts only clients that it has approved, and may refuse this one. Ask ${server.vendor} to approve it.`;
    warnings.push({ field: "registration", message });
  }
  return warnings;
}

function lintEndpoints(server: VendorServer, oauth: VendorClientSettings): VendorWarning[] {
  const { name, endpoints, authorizationHosts } = server;
  const host = parseUrl(oauth.authorizationEndpoint)?.host;
  if (host !== undefined && authorizationHosts.length > 0 && !authorizationHosts.includes(host)) {
    const use = endpoints
      ? `Enter ${endpoints.authorizationEndpoint}.`
      : "Run Discover to fill it in.";
    const message = `${name} accepts tokens from ${authorizationHosts.join(" or ")} only. With tokens from ${host}, it refuses every call. ${use}`;
    return [{ field: "authorizationEndpoint", message }];
  }
  if (endpoints === null) return [];
  return (["authorizationEndpoint", "tokenEndpoint"] as const).flatMap((field) => {
    const matches = matchVendorServer({ ...server, url: endpoints[field] }, oauth[field]);
    if (oauth[field] === "" || matches === "exact") return [];
    const label = field === "tokenEndpoint" ? "Token URL" : "Authorization URL";
    const message = `The ${label} of ${name} is ${endpoints[field]}. Another one gives tokens that it does not accept.`;
    return [{ field, message }];
  });
}

function lintRequests(server: VendorServer, oauth: VendorClientSettings): VendorWarning[] {
  const { name, quirks } = server;
  const warnings: VendorWarning[] = [];
  const warn = (field: VendorWarning["field"], message: string) =>
    warnings.push({ field, message });
  if (quirks.resource !== undefined) {
    if (!oauth.resourceIndicator) {
      const message = `${name} refuses tokens for another resource. Turn the resource indicator on, with ${quirks.resource}.`;
      warn("resourceIndicator", message);
    } else if (oauth.resource !== quirks.resource) {
      warn("resource", `${name} refuses tokens for another resource. Enter ${quirks.resource}.`);
    }
  }
  if (quirks.resourceIndicator === false && oauth.resourceIndicator) {
    warn("resourceIndicator", `${name} does not take it. Turn the resource indicator off.`);
  }
  const given = oauth.extraAuthorizationParameters;
  for (const [key, value] of Object.entries(quirks.extraAuthorizationParameters ?? {})) {
    if (Object.hasOwn(given, key) && given[key]?.split(" ").includes(value)) continue;
    const message = `${name} needs ${key}=${value} as an extra authorization parameter. Without it the access may end within hours.`;
    warn("extraAuthorizationParameters", message);
  }
  const method = quirks.tokenEndpointAuthMethod;
  const byHand = oauth.registration === "PRE_REGISTERED";
  if (byHand && method !== undefined && method !== oauth.tokenEndpointAuthMethod) {
    const label = { CLIENT_SECRET_POST: "POST", NONE: "None" }[method as string] ?? "Basic";
    const message = `${name} expects the client authentication ${label}. It may refuse another one.`;
    warn("tokenEndpointAuthMethod", message);
  }
  for (const setting of ["scopesByComma", "scopeOnRefresh"] as const) {
    if (quirks[setting] !== true || oauth[setting] === true) continue;
    warn(setting, `${name} needs “${oauthSettings[setting].label}”. Turn it on under Advanced.`);
  }
  return warnings;
}

/** The scopes that suffice for reading are enough. */
function lintScopes(server: VendorServer, oauth: VendorClientSettings): VendorWarning[] {
  const { name, scopes } = server;
  const given = (oauth.scope ?? "").split(/[\s,]+/);
  const missingOf = (wanted: string | null) =>
    wanted?.split(" ").filter((scope) => !given.includes(scope)) ?? [];
  const missing = missingOf(scopes.recommended);
  const readsAll = scopes.readOnly !== null && missingOf(scopes.readOnly).length === 0;
  if (missing.length === 0 || readsAll) return [];
  const message = `${name} expects the scopes ${scopes.recommended}. Without ${missing.join(" and ")} some or all of its tools do not work, or access ends early.`;
  return [{ field: "scope", message }];
}
