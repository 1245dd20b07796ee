import type { DiscoveredSettings } from "@/lib/contracts/servers/discovery";
import { extraParametersIn, parameterLines } from "@/lib/contracts/servers/extra-parameters";
import { accountUsed, type TokenSharing } from "@/lib/contracts/servers/kinds";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { newOAuthClientInput, newServerInput } from "@/lib/contracts/servers/new-server";
import {
  type OAuthClientInput,
  type RegistrationMode,
  usesClientSecret,
} from "@/lib/contracts/servers/oauth-client";
import { isHeaderValue } from "@/lib/contracts/servers/secret-lines";
import { usesOAuth, type VendorServer } from "./vendor-server";
import { vendorServerUrl } from "./vendor-server-url";

/** What a tile's short form asks an admin. A field that an entry does not need is empty. */
export interface VendorServerAnswers {
  name: string;
  /** By the name of the part. */
  urlParts: Readonly<Record<string, string>>;
  clientId: string;
  clientSecret: string;
  /** For a shared key: without its prefix. */
  key: string;
  tokenSharing: TokenSharing;
  /** Request the scopes that suffice for reading, if the entry has them. */
  readOnly?: boolean;
  /** The admin's confirmation that the provider supports S256, if Discover could not tell. */
  s256Confirmed?: boolean;
  /** The admin's confirmation that both names are the same issuer, if Discover found two. */
  issuerAccepted?: boolean;
}

export interface MissingAnswer {
  field:
    | Exclude<keyof VendorServerAnswers, "urlParts" | "tokenSharing" | "readOnly">
    | `urlParts.${string}`
    /** Discover has not run, or did not find OAuth. */
    | "discovery";
  /** What to enter or to do. */
  message: string;
}

export type VendorServerInput =
  | { ok: true; input: McpServerInput }
  /** At least one, in the order of the form. */
  | { ok: false; missing: MissingAnswer[] };

/** Whether the endpoints have to come from Discover. */
export function needsDiscovery(server: VendorServer): boolean {
  return usesOAuth(server) && server.endpoints === null;
}

/**
 * What the form would send for an entry: its facts override what Discover found, and the admin's answers override both.
 * What the vendor publishes today decides how Usher becomes a client, unless the entry needs an OAuth app.
 *
 * @param discovered null: Discover was not run, or found no OAuth
 */
export function vendorServerInput(
  server: VendorServer,
  answers: VendorServerAnswers,
  discovered: DiscoveredSettings | null,
): VendorServerInput {
  const input = vendorServerDraft(server, answers, discovered);
  const missing: MissingAnswer[] = [
    ...(input.name === "" ? [{ field: "name" as const, message: "Give the server a name." }] : []),
    ...fillIn(server, answers.urlParts).missing,
    ...missingKey(server, answers),
    ...(usesOAuth(server) ? missingOAuth(server, discovered, input.oauth) : []),
  ];
  return missing.length > 0 ? { ok: false, missing } : { ok: true, input };
}

/** The same as far as it is known, for a person who wants to edit everything. */
export function vendorServerDraft(
  server: VendorServer,
  answers: VendorServerAnswers,
  discovered: DiscoveredSettings | null,
): McpServerInput {
  const registration = registrationOf(server, answers, discovered);
  const { url, endpoints } = fillIn(server, answers.urlParts);
  return {
    ...newServerInput(),
    name: answers.name.trim(),
    description: server.description,
    transport: server.transport,
    url,
    ...authenticationOf(server, answers),
    oauth: usesOAuth(server)
      ? oauthInput({ ...server, endpoints }, answers, discovered, registration)
      : newOAuthClientInput(),
  };
}

/** The URLs with the answers in their parts, and what is wrong with a part, once each. */
function fillIn(server: VendorServer, answers: VendorServerAnswers["urlParts"]) {
  const problems = new Map<string, string>();
  const filled = (url: string): string => {
    const made = vendorServerUrl({ ...server, url }, answers);
    if (made.ok) return made.url;
    for (const { name, message } of made.problems) problems.set(name, message);
    return "";
  };
  const url = filled(server.url);
  const { endpoints } = server;
  const optional = (each: string | null) => (each === null ? null : filled(each));
  return {
    url,
    endpoints: endpoints && {
      issuer: optional(endpoints.issuer),
      authorizationEndpoint: filled(endpoints.authorizationEndpoint),
      tokenEndpoint: filled(endpoints.tokenEndpoint),
      revocationEndpoint: optional(endpoints.revocationEndpoint),
    },
    missing: [...problems].map(
      ([name, message]): MissingAnswer => ({
        field: `urlParts.${name}`,
        message,
      }),
    ),
  };
}

function registrationOf(
  { registration }: VendorServer,
  { clientId }: VendorServerAnswers,
  discovered: DiscoveredSettings | null,
): RegistrationMode {
  if (registration === "PRE_REGISTERED" || clientId.trim() !== "") return "PRE_REGISTERED";
  return discovered?.registration ?? "PRE_REGISTERED";
}

function oauthInput(
  { endpoints, quirks, scopes }: VendorServer,
  answers: VendorServerAnswers,
  discovered: DiscoveredSettings | null,
  registration: RegistrationMode,
): OAuthClientInput {
  const blank = newOAuthClientInput();
  const { extraAuthorizationParameters, resource, ...settings } = quirks;
  const found = endpoints ? null : discovered;
  const provider = endpoints ?? discovered;
  const byHand = registration === "PRE_REGISTERED";
  const method = settings.tokenEndpointAuthMethod ?? foundMethod(found, registration);
  const readOnlyScope = answers.readOnly ? scopes.readOnly : null;
  return {
    ...blank,
    ...settings,
    registration,
    clientId: byHand ? answers.clientId.trim() : "",
    clientSecret:
      byHand && usesClientSecret(method ?? "CLIENT_SECRET_BASIC")
        ? answers.clientSecret.trim()
        : "",
    authorizationEndpoint: provider?.authorizationEndpoint ?? "",
    tokenEndpoint: provider?.tokenEndpoint ?? "",
    revocationEndpoint: provider?.revocationEndpoint ?? "",
    issuer: provider?.issuer ?? "",
    tokenEndpointAuthMethod: method ?? blank.tokenEndpointAuthMethod,
    scope: readOnlyScope ?? scopes.recommended ?? found?.scope ?? "",
    tokenSharing: answers.tokenSharing,
    extraAuthorizationParameters: parameterLines(
      Object.entries({
        ...extraParametersIn(found?.extraAuthorizationParameters ?? ""),
        ...extraAuthorizationParameters,
      }),
    ),
    resource: quirks.resourceIndicator === false ? "" : (resource ?? found?.resource ?? ""),
    issParameterRequired: found?.issParameterRequired ?? false,
    ...(found?.s256Confirmed === undefined
      ? {}
      : { s256Confirmed: answers.s256Confirmed ?? false }),
    ...(found?.issuerAlias === undefined
      ? {}
      : { issuerAlias: found.issuerAlias, issuerAccepted: answers.issuerAccepted ?? false }),
  };
}

/** Discover's method is for the client that it would create: a document's has no secret, a manual one has one. */
function foundMethod(found: DiscoveredSettings | null, registration: RegistrationMode) {
  if (found === null) return undefined;
  const otherKind = registration === "PRE_REGISTERED" && found.registration === "METADATA_DOCUMENT";
  return otherKind ? undefined : found.tokenEndpointAuthMethod;
}

function missingKey({ header }: VendorServer, answers: VendorServerAnswers): MissingAnswer[] {
  if (header === null || accountUsed(answers.tokenSharing) === "person") return [];
  if (answers.key.trim() === "") return [{ field: "key", message: `Enter the ${header.label}.` }];
  if (isHeaderValue(answers.key.trim())) return [];
  const message = "Enter one line of printable ASCII characters, as the provider shows it.";
  return [{ field: "key", message }];
}

function missingOAuth(
  server: VendorServer,
  discovered: DiscoveredSettings | null,
  oauth: OAuthClientInput,
): MissingAnswer[] {
  if (needsDiscovery(server) && discovered === null) {
    const message = `Run Discover: ${server.name} publishes its OAuth settings.`;
    // What a person has to enter is known without it if an OAuth app is needed anyway.
    const credentials =
      server.registration === "PRE_REGISTERED" ? missingCredentials(server, oauth) : [];
    return [...credentials, { field: "discovery", message }];
  }
  const missing = oauth.registration === "PRE_REGISTERED" ? missingCredentials(server, oauth) : [];
  if (oauth.s256Confirmed === false) {
    const message = `${server.vendor}’s metadata do not name S256. Confirm that its documentation does.`;
    missing.push({ field: "s256Confirmed", message });
  }
  if (oauth.issuerAccepted === false) {
    const message = `${server.name} names ${oauth.issuerAlias}, and the provider calls itself ${oauth.issuer}. Confirm that both are the same provider.`;
    missing.push({ field: "issuerAccepted", message });
  }
  return missing;
}

function missingCredentials({ vendor }: VendorServer, oauth: OAuthClientInput): MissingAnswer[] {
  const missing: MissingAnswer[] = [];
  if (oauth.clientId === "") {
    missing.push({ field: "clientId", message: `Enter the client ID of your ${vendor} app.` });
  }
  if (oauth.clientSecret === "" && usesClientSecret(oauth.tokenEndpointAuthMethod)) {
    const message = `Enter the client secret of your ${vendor} app.`;
    missing.push({ field: "clientSecret", message });
  }
  return missing;
}

function authenticationOf(
  { registration, header, setupUrl }: VendorServer,
  { key, tokenSharing }: VendorServerAnswers,
): Partial<McpServerInput> & Pick<McpServerInput, "authentication"> {
  if (registration === "NONE") return { authentication: "NONE" };
  if (header === null) return { authentication: "OAUTH" };
  if (accountUsed(tokenSharing) === "team") {
    const headers = `${header.name}: ${header.prefix}${key.trim()}`;
    return { authentication: "HEADERS", headerSharing: tokenSharing, headers };
  }
  const settings = {
    ...newServerInput().settings,
    personalHeaders: `${header.name}: ${header.prefix.trim()}`.replace(/: $/, ""),
    keyInstructions: header.hint,
    keyUrl: setupUrl ?? "",
  };
  return { authentication: "HEADERS", headerSharing: tokenSharing, settings };
}
