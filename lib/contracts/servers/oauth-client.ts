import * as z from "zod";
import { tokenSharing } from "@/lib/contracts/connections/connection";
import { nameRecord } from "@/lib/contracts/name-record";
import { accountUsed, type GrantType, grantedFor, grantTypes, type TokenSharing } from "./kinds";
import { oauthSettings } from "./oauth-settings";
import { settingInputs, settingViews } from "./settings";

/**
 * How Usher becomes a client of an authorization server: a person enters a client ID, or Usher does
 * it by itself, with the document at its own URL or by registering (RFC 7591).
 */
export const registrationMode = z.enum(["PRE_REGISTERED", "METADATA_DOCUMENT", "DYNAMIC"]);
export type RegistrationMode = z.infer<typeof registrationMode>;

/** Why a client was registered when it was. */
export const registrationReason = z.enum([
  "first",
  "issuer_changed",
  "callback_changed",
  "secret_expired",
  "forgotten",
]);
export type RegistrationReason = z.infer<typeof registrationReason>;

/** In characters. They are part of a URL, and servers take some 8,000. */
export const longestScope = 4000;

/** RFC 6749 §3.3: printable ASCII without space, `"` and `\`, separated by one space. */
export const scopeText = z
  .string()
  .trim()
  .max(longestScope, `Scopes may have ${longestScope} characters at most.`)
  .transform((text) => text.split(/\s+/).join(" "))
  .refine((text) => /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/.test(text), {
    message: 'Separate scopes by spaces; a scope has no quotes (") and no backslash.',
  });

export const grantType = z.enum(grantTypes);

export const tokenEndpointAuthMethod = z.enum([
  "CLIENT_SECRET_BASIC",
  /** Not form-encoded, for servers that do not decode it. */
  "CLIENT_SECRET_BASIC_RAW",
  "CLIENT_SECRET_POST",
  /** An assertion that Usher signs, RFC 7523. */
  "PRIVATE_KEY_JWT",
  "NONE",
]);
export type TokenEndpointAuthMethod = z.infer<typeof tokenEndpointAuthMethod>;

const secretOf = {
  CLIENT_SECRET_BASIC: true,
  CLIENT_SECRET_BASIC_RAW: true,
  CLIENT_SECRET_POST: true,
  PRIVATE_KEY_JWT: false,
  NONE: false,
} as const satisfies Record<TokenEndpointAuthMethod, boolean>;

/** Whether a client secret is stored and sent. */
export function usesClientSecret(method: TokenEndpointAuthMethod): boolean {
  return secretOf[method];
}

/** The URL of this installation's public keys. @see https://www.rfc-editor.org/rfc/rfc7517#section-5 */
export const jwksPath = "/oauth/jwks";

export const optionalUrl = z.string().trim().max(2000, "That URL is too long.");

/** The OAuth 2.0 section of the form. Empty secret: keep the stored one. */
export const oauthClientInput = z.object({
  clientId: z.string().trim().max(1000, "That client ID is too long."),
  clientSecret: z.string().max(8000, "That client secret is too long."),
  authorizationEndpoint: optionalUrl,
  tokenEndpoint: optionalUrl,
  revocationEndpoint: optionalUrl,
  issuer: optionalUrl,
  tokenEndpointAuthMethod,
  scope: scopeText,
  tokenSharing,
  grantType: grantType.default("AUTHORIZATION_CODE"),
  /** `name=value`, one per line. */
  extraAuthorizationParameters: z.string().max(4000),
  resourceIndicator: z.boolean(),
  /** Omitted: unchanged, and `PRE_REGISTERED` for a new server. */
  registration: registrationMode.optional(),
  /** What `resource` contains, as the server publishes it; empty: the server's URL. Omitted: unchanged. */
  resource: optionalUrl.optional(),
  /** RFC 9207: reject an authorization response that names no issuer. Omitted: unchanged. */
  issParameterRequired: z.boolean().optional(),
  /** RFC 7591, if the issuer's metadata name none. Empty: as in the metadata. Omitted: unchanged. */
  registrationEndpoint: optionalUrl.optional(),
  /** The admin's confirmation that the provider supports S256. Omitted: unchanged. */
  s256Confirmed: z.boolean().optional(),
  /** The MCP server's name for the issuer, and the admin's confirmation that both are one. Omitted: unchanged. */
  ...{ issuerAlias: optionalUrl.optional(), issuerAccepted: z.boolean().optional() },
  ...settingInputs(oauthSettings),
});
export type OAuthClientInput = z.infer<typeof oauthClientInput>;

/** What is missing, or inconsistent. */
export function oauthProblems(
  oauth: OAuthClientInput,
): { field: keyof OAuthClientInput; message: string }[] {
  const byItself = oauth.registration !== undefined && oauth.registration !== "PRE_REGISTERED";
  const problem = (isWrong: boolean, field: keyof OAuthClientInput, message: string) =>
    isWrong ? [{ field, message }] : [];
  return [
    ...problem(!byItself && oauth.clientId === "", "clientId", "Enter the client ID."),
    ...problem(
      byItself && oauth.issuer === "",
      "issuer",
      "Enter the issuer: what Usher registers belongs to it alone.",
    ),
    ...problem(
      asksPeople(oauth) && oauth.authorizationEndpoint === "",
      "authorizationEndpoint",
      "Enter the Authorization URL.",
    ),
    ...grantProblems(oauth, byItself),
    ...problem(oauth.tokenEndpoint === "", "tokenEndpoint", "Enter the Token URL."),
    ...problem(
      oauth.s256Confirmed === false,
      "s256Confirmed",
      "The provider's metadata do not name S256. Turn this on if its documentation does; Usher always sends S256.",
    ),
    ...problem(
      oauth.issuerAccepted === false,
      "issuerAccepted",
      "The MCP server and the provider call the issuer by two names. Turn this on if both are the same provider.",
    ),
  ];
}

/** What each grant type needs. */
function grantProblems(
  oauth: OAuthClientInput,
  byItself: boolean,
): { field: keyof OAuthClientInput; message: string }[] {
  const { grantType, tokenSharing, tokenEndpointAuthMethod: method } = oauth;
  const problem = (isWrong: boolean, field: keyof OAuthClientInput, message: string) =>
    isWrong ? [{ field, message }] : [];
  switch (grantedFor(grantType)) {
    case "consent":
      return problem(
        tokenSharing === "ORGANIZATION",
        "grantType",
        "Choose how your organization’s sign-in is exchanged for access.",
      );
    case "client":
      return [
        ...problem(
          byItself,
          "registration",
          "Client credentials need a client that you registered with the provider. Choose Pre-registered.",
        ),
        ...problem(
          accountUsed(tokenSharing) !== "team",
          "tokenSharing",
          "Client credentials stand for the application, not for a person. Choose Shared.",
        ),
        ...problem(
          method === "NONE",
          "tokenEndpointAuthMethod",
          "Client credentials need a client that authenticates (RFC 6749 §4.4). Choose Basic, POST or a signed JWT.",
        ),
      ];
    case "sign-in":
      return [
        ...problem(
          byItself,
          "registration",
          "Your identity provider has to know the client. Choose Pre-registered.",
        ),
        ...problem(
          tokenSharing !== "ORGANIZATION",
          "tokenSharing",
          "A sign-in at your identity provider gives each person their own access. Choose Organization.",
        ),
        ...problem(
          grantType === "ID_JAG" && oauth.issuer === "",
          "issuer",
          "Enter the issuer: the identity assertion is made for it alone.",
        ),
      ];
  }
}

/** Whether a person may be sent to the provider to consent. */
export function asksPeople(client: {
  grantType: GrantType;
  ownConsent?: boolean | undefined;
}): boolean {
  const grounds = grantedFor(client.grantType);
  return grounds === "consent" || (grounds === "sign-in" && client.ownConsent === true);
}

/** Whose account calls use if tokens are granted this way and no one consents. */
export function sharingFor(grant: GrantType): TokenSharing {
  return grantedFor(grant) === "sign-in" ? "ORGANIZATION" : "SHARED";
}

/** How tokens are granted after the sharing was changed in the form. */
export function grantTypeFor(tokenSharing: TokenSharing, before: GrantType): GrantType {
  if (tokenSharing === "ORGANIZATION") return grantedFor(before) === "sign-in" ? before : "ID_JAG";
  return grantedFor(before) === "sign-in" ? "AUTHORIZATION_CODE" : before;
}

/** Everything about an OAuth client that may leave the server. */
export const oauthClientView = z.object({
  clientId: z.string(),
  hasClientSecret: z.boolean(),
  authorizationEndpoint: z.string(),
  tokenEndpoint: z.string(),
  revocationEndpoint: z.string().nullable(),
  issuer: z.string().nullable(),
  tokenEndpointAuthMethod,
  scope: z.string().nullable(),
  tokenSharing,
  grantType,
  extraAuthorizationParameters: nameRecord(z.string(), z.string()),
  resourceIndicator: z.boolean(),
  resource: z.string().nullable(),
  issParameterRequired: z.boolean(),
  registrationEndpoint: z.string().nullable(),
  s256Confirmed: z.boolean(),
  issuerAlias: z.string().nullable(),
  /** The method that works if the provider refused the chosen one; null: the chosen one. */
  workingAuthMethod: tokenEndpointAuthMethod.nullable(),
  ...settingViews(oauthSettings),
  registration: registrationMode,
  /** What Usher registered automatically. Null: nothing yet, or an admin entered the client. */
  registered: z
    .object({
      issuer: z.string(),
      at: z.string(),
      because: registrationReason,
      /** Null: it has no secret, or one that does not expire. */
      secretExpiresAt: z.string().nullable(),
      /** The provider has since said that it does not know this client. */
      forgotten: z.boolean(),
    })
    .nullable(),
});
export type OAuthClientView = z.infer<typeof oauthClientView>;
