import type { SettingDefinitions, SettingValues } from "./settings";

/** What this server's authorization server needs beyond the specification. */
export const oauthSettings = {
  scopeOnRefresh: {
    kind: "switch",
    label: "Send the scopes on refresh",
    hint: "Repeats the scopes in each refresh request. Microsoft Entra needs it for APIs other than Graph.",
    default: false,
  },
  scopesByComma: {
    kind: "switch",
    label: "Separate scopes by commas",
    hint: "Sends scopes as a,b instead of a b. Slack and Linear need it.",
    default: false,
  },
  refreshEndpoint: {
    kind: "text",
    format: "url",
    label: "Refresh URL",
    hint: "Where refresh tokens are exchanged, if not at the Token URL. Figma needs it.",
    placeholder: "https://auth.example.com/oauth/refresh",
    default: "",
  },
  audience: {
    kind: "text",
    format: "word",
    label: "Audience",
    hint: "Sent as audience in authorization and token requests. Auth0 needs it for an API.",
    placeholder: "https://api.example.com",
    default: "",
  },
  extraTokenParameters: {
    kind: "text",
    format: "parameters",
    label: "Extra token parameters",
    hint: "One per line, as name=value. Added to every token request.",
    placeholder: "tenant=example",
    default: "",
  },
  ownConsent: {
    kind: "switch",
    label: "Let people connect their own account",
    hint: "Offered in the chat when the organization refuses access.",
    default: false,
  },
  teamAccount: {
    kind: "switch",
    label: "Offer the team’s account",
    hint: "People without an account of their own use the team’s, which an admin connects.",
    default: false,
  },
  askWhichAccount: {
    kind: "switch",
    label: "Ask which account to use",
    hint: "Before each call, if a person can choose.",
    default: false,
  },
  exchangeIdToken: {
    kind: "switch",
    label: "Exchange the ID token",
    hint: "Sends the ID token of a person’s sign-in instead of its access token.",
    default: false,
  },
  signWithRs256: {
    kind: "switch",
    label: "Sign with RS256",
    hint: "Signs the JWT with RS256 instead of ES256.",
    default: false,
  },
  assertionAudience: {
    kind: "text",
    format: "word",
    label: "JWT audience",
    hint: "Whom the signed JWT is for. Leave empty for the issuer. Okta needs the Token URL.",
    placeholder: "https://auth.example.com/oauth/token",
    default: "",
  },
} as const satisfies SettingDefinitions;

export type OAuthSettings = SettingValues<typeof oauthSettings>;
