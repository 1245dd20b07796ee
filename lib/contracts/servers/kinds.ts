export const transports = ["STREAMABLE_HTTP", "SSE", "STDIO"] as const;
export type Transport = (typeof transports)[number];

export const authenticationTypes = ["NONE", "HEADERS", "OAUTH"] as const;
export type AuthenticationType = (typeof authenticationTypes)[number];

/** What a transport reaches: a server at a URL, or a program that this machine starts. */
const reached = {
  STREAMABLE_HTTP: "url",
  SSE: "url",
  STDIO: "program",
} as const satisfies Record<Transport, "url" | "program">;

/** What is stored for each type of authentication. */
const credentialOf = {
  NONE: "nothing",
  HEADERS: "headers",
  OAUTH: "oauth-client",
} as const satisfies Record<AuthenticationType, "nothing" | "headers" | "oauth-client">;

export function startsProgram(transport: Transport): boolean {
  return reached[transport] === "program";
}

/** What a server with these settings stores in order to authenticate. */
export function storedCredential(settings: {
  transport: Transport;
  authentication: AuthenticationType;
}): "nothing" | "headers" | "oauth-client" {
  return startsProgram(settings.transport) ? "nothing" : credentialOf[settings.authentication];
}

export const tokenSharings = ["SHARED", "PER_USER", "ORGANIZATION"] as const;
export type TokenSharing = (typeof tokenSharings)[number];

const accountOf = {
  SHARED: "team",
  PER_USER: "person",
  ORGANIZATION: "person",
} as const satisfies Record<TokenSharing, "team" | "person">;

/** Whose account calls use: the team's, or each person's own. */
export function accountUsed(sharing: TokenSharing): "team" | "person" {
  return accountOf[sharing];
}

/**
 * How Usher gets tokens. ID_JAG: an identity assertion, by Enterprise-Managed Authorization; TOKEN_EXCHANGE: RFC 8693;
 * ON_BEHALF_OF: Microsoft Entra's form of it.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-1.3
 */
export const grantTypes = [
  "AUTHORIZATION_CODE",
  "CLIENT_CREDENTIALS",
  "ID_JAG",
  "TOKEN_EXCHANGE",
  "ON_BEHALF_OF",
] as const;
export type GrantType = (typeof grantTypes)[number];

const grounds = {
  AUTHORIZATION_CODE: "consent",
  CLIENT_CREDENTIALS: "client",
  ID_JAG: "sign-in",
  TOKEN_EXCHANGE: "sign-in",
  ON_BEHALF_OF: "sign-in",
} as const satisfies Record<GrantType, "consent" | "client" | "sign-in">;

/** What tokens are issued for: a person's consent, the client alone, or a person's sign-in at the identity provider. */
export function grantedFor(grantType: GrantType): "consent" | "client" | "sign-in" {
  return grounds[grantType];
}

/** Whether a person consents at the provider. */
export function needsConsent(grantType: GrantType): boolean {
  return grantedFor(grantType) === "consent";
}

/** Whether the account is the client's own, so that no one signs in. */
export function actsAsClient(server: { oauthClient: { grantType: GrantType } | null }): boolean {
  return server.oauthClient !== null && grantedFor(server.oauthClient.grantType) === "client";
}

/** The settings that say whose credentials a server's calls use. */
export interface SharingFacts {
  transport: Transport;
  authentication: AuthenticationType;
  headerSharing: TokenSharing;
  oauthClient: { tokenSharing: TokenSharing } | null;
}

/** Whether each person enters their own key: headers that are not shared. */
export function asksForKeys(server: Omit<SharingFacts, "oauthClient">): boolean {
  return storedCredential(server) === "headers" && accountUsed(server.headerSharing) === "person";
}

/** Null if no one connects anything: the server needs no credential, or all calls send its headers. */
export function sharingOf(server: SharingFacts): TokenSharing | null {
  if (server.oauthClient !== null) return server.oauthClient.tokenSharing;
  return asksForKeys(server) ? server.headerSharing : null;
}
