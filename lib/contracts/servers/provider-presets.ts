import { parseUrl } from "@/lib/parse-url";
import type { TokenEndpointAuthMethod } from "./oauth-client";

/** What is known about a provider, to fill in the form and to check it. */
export interface ProviderPreset {
  readonly id: string;
  readonly name: string;
  /** Hosts of the Authorization URL; `*.` stands for any name below. */
  readonly hosts: readonly string[];
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly revocationEndpoint: string | null;
  readonly issuer: string | null;
  readonly tokenEndpointAuthMethod: TokenEndpointAuthMethod;
  /** Whether `resource` (RFC 8707) is sent, and what happens there if it is. */
  readonly resourceIndicator: boolean;
  readonly resourceProblem: string | null;
  readonly extraAuthorizationParameters: readonly ExtraParameter[];
  /** The scope without which no refresh token is issued, under any of its names. */
  readonly refreshScopes: readonly string[];
  /** Its value for `prompt` with which a person can choose an account; null: none. */
  readonly accountPrompt: "select_account" | null;
  readonly scopeExample: string;
  readonly note: string | null;
  readonly documentation: string;
}

export interface ExtraParameter {
  readonly name: string;
  readonly value: string;
  /** What goes wrong without it; a sentence's second half, after "Without it". */
  readonly without: string;
}

const NO_REFRESH_TOKEN = "the provider gives no refresh token, and the access ends within hours";

/** What most providers have in common. */
const usual = {
  revocationEndpoint: null,
  issuer: null,
  tokenEndpointAuthMethod: "CLIENT_SECRET_POST",
  resourceIndicator: false,
  resourceProblem: null,
  extraAuthorizationParameters: [],
  refreshScopes: [],
  accountPrompt: null,
  note: null,
} as const;

/** Facts from each provider's own documentation. Everything can be edited in the form. */
export const providerPresets: readonly ProviderPreset[] = [
  {
    ...usual,
    id: "github",
    accountPrompt: "select_account",
    name: "GitHub",
    hosts: ["github.com"],
    authorizationEndpoint: "https://github.com/login/oauth/authorize",
    tokenEndpoint: "https://github.com/login/oauth/access_token",
    scopeExample: "repo read:org",
    note: "Tokens of an OAuth app do not expire. Those of a GitHub App do after 8 hours, and are refreshed.",
    documentation:
      "https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps",
  },
  {
    ...usual,
    id: "google",
    accountPrompt: "select_account",
    name: "Google",
    hosts: ["accounts.google.com"],
    authorizationEndpoint: "https://accounts.google.com/o/oauth2/v2/auth",
    tokenEndpoint: "https://oauth2.googleapis.com/token",
    revocationEndpoint: "https://oauth2.googleapis.com/revoke",
    issuer: "https://accounts.google.com",
    extraAuthorizationParameters: [
      { name: "access_type", value: "offline", without: NO_REFRESH_TOKEN },
      {
        name: "prompt",
        value: "consent",
        without: "Google gives a refresh token at a person's very first consent only",
      },
    ],
    scopeExample: "https://www.googleapis.com/auth/drive.readonly",
    note: "While the consent screen is in testing, refresh tokens end after 7 days.",
    documentation: "https://developers.google.com/identity/protocols/oauth2/web-server",
  },
  {
    ...usual,
    id: "slack",
    name: "Slack",
    hosts: ["slack.com"],
    authorizationEndpoint: "https://slack.com/oauth/v2_user/authorize",
    tokenEndpoint: "https://slack.com/api/oauth.v2.user.access",
    tokenEndpointAuthMethod: "CLIENT_SECRET_BASIC",
    scopeExample: "search:read.public channels:history users:read",
    note: "These addresses give user tokens, which Slack's MCP server requires. Tokens expire only where token rotation is switched on in the Slack app.",
    documentation: "https://docs.slack.dev/authentication/installing-with-oauth",
  },
  {
    ...usual,
    id: "notion",
    name: "Notion",
    hosts: ["api.notion.com"],
    authorizationEndpoint: "https://api.notion.com/v1/oauth/authorize",
    tokenEndpoint: "https://api.notion.com/v1/oauth/token",
    // Its revocation endpoint takes JSON and a Notion-Version header: not RFC 7009.
    tokenEndpointAuthMethod: "CLIENT_SECRET_BASIC",
    extraAuthorizationParameters: [
      { name: "owner", value: "user", without: "Notion refuses the request" },
    ],
    scopeExample: "",
    note: "Notion has no scopes: what the connection may do is set in Notion itself.",
    documentation: "https://developers.notion.com/guides/get-started/authorization",
  },
  {
    ...usual,
    id: "atlassian",
    name: "Atlassian",
    hosts: ["auth.atlassian.com"],
    authorizationEndpoint: "https://auth.atlassian.com/authorize",
    tokenEndpoint: "https://auth.atlassian.com/oauth/token",
    extraAuthorizationParameters: [
      {
        name: "audience",
        value: "api.atlassian.com",
        without: "Atlassian gives a token that its API does not take",
      },
      { name: "prompt", value: "consent", without: "Atlassian may refuse the request" },
    ],
    refreshScopes: ["offline_access"],
    scopeExample: "read:jira-work offline_access",
    note: "Refresh tokens rotate: each can be used once, and ends after 90 days without use.",
    documentation: "https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/",
  },
  {
    ...usual,
    id: "dropbox",
    name: "Dropbox",
    hosts: ["www.dropbox.com"],
    authorizationEndpoint: "https://www.dropbox.com/oauth2/authorize",
    tokenEndpoint: "https://api.dropboxapi.com/oauth2/token",
    tokenEndpointAuthMethod: "CLIENT_SECRET_BASIC",
    extraAuthorizationParameters: [
      { name: "token_access_type", value: "offline", without: NO_REFRESH_TOKEN },
    ],
    scopeExample: "files.metadata.read files.content.read",
    documentation: "https://developers.dropbox.com/oauth-guide",
  },
  {
    ...usual,
    id: "salesforce",
    name: "Salesforce",
    hosts: ["login.salesforce.com", "test.salesforce.com", "*.my.salesforce.com"],
    authorizationEndpoint: "https://login.salesforce.com/services/oauth2/authorize",
    tokenEndpoint: "https://login.salesforce.com/services/oauth2/token",
    revocationEndpoint: "https://login.salesforce.com/services/oauth2/revoke",
    refreshScopes: ["refresh_token", "offline_access"],
    scopeExample: "api refresh_token",
    note: "For your own domain, put its host in all three addresses. Salesforce sends no lifetime: Usher uses a token until the server refuses it, then refreshes it.",
    documentation:
      "https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_web_server_flow.htm&type=5",
  },
  {
    ...usual,
    id: "entra",
    accountPrompt: "select_account",
    name: "Microsoft Entra",
    hosts: ["login.microsoftonline.com"],
    authorizationEndpoint: "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
    tokenEndpoint: "https://login.microsoftonline.com/common/oauth2/v2.0/token",
    resourceProblem:
      "Microsoft Entra refuses requests with it (AADSTS901002 or AADSTS9010010); there the scopes name the resource",
    refreshScopes: ["offline_access"],
    scopeExample: "https://graph.microsoft.com/User.Read offline_access",
    note: "For an app of one organization, put the tenant's id in the place of “common”.",
    documentation:
      "https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-auth-code-flow",
  },
  {
    ...usual,
    id: "linear",
    name: "Linear",
    hosts: ["linear.app"],
    authorizationEndpoint: "https://linear.app/oauth/authorize",
    tokenEndpoint: "https://api.linear.app/oauth/token",
    revocationEndpoint: "https://api.linear.app/oauth/revoke",
    scopeExample: "read,write",
    note: "Linear separates scopes by commas.",
    documentation: "https://linear.app/developers/oauth-2-0-authentication",
  },
  {
    ...usual,
    id: "asana",
    name: "Asana",
    hosts: ["app.asana.com"],
    authorizationEndpoint: "https://app.asana.com/-/oauth_authorize",
    tokenEndpoint: "https://app.asana.com/-/oauth_token",
    revocationEndpoint: "https://app.asana.com/-/oauth_revoke",
    scopeExample: "default",
    documentation: "https://developers.asana.com/docs/oauth",
  },
  {
    ...usual,
    id: "hubspot",
    name: "HubSpot",
    hosts: ["app.hubspot.com", "*.hubspot.com"],
    authorizationEndpoint: "https://app.hubspot.com/oauth/authorize",
    tokenEndpoint: "https://api.hubapi.com/oauth/2026-03/token",
    revocationEndpoint: "https://api.hubapi.com/oauth/2026-03/token/revoke",
    scopeExample: "oauth crm.objects.contacts.read",
    note: "Every scope that is asked for must be switched on in the HubSpot app. The older address with /v1/ ends in February 2027.",
    documentation: "https://developers.hubspot.com/docs/api-reference/auth-oauth-v3/guide",
  },
];

/** The provider whose Authorization URL this is; null if it is none of these, or not a URL. */
export function presetFor(authorizationEndpoint: string): ProviderPreset | null {
  const url = parseUrl(authorizationEndpoint);
  if (!url) return null;
  const { hostname } = url;
  const matches = (host: string) =>
    host.startsWith("*.") ? hostname.endsWith(host.slice(1)) : hostname === host;
  return providerPresets.find((preset) => preset.hosts.some(matches)) ?? null;
}

/**
 * What to send as `prompt` so that a person can choose another account: from the provider's metadata, or
 * from what is known about it. Null: nothing is known, and they have to sign out there first.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest
 */
export function accountPromptOf(client: {
  accountPrompt: string | null;
  authorizationEndpoint: string;
}): string | null {
  return client.accountPrompt ?? presetFor(client.authorizationEndpoint)?.accountPrompt ?? null;
}

/**
 * Combined with what is sent as `prompt` anyway. `none` forbids asking, and Microsoft accepts only one value.
 */
export function withAccountPrompt(
  prompt: string | undefined,
  accountPrompt: string,
  authorizationEndpoint: string,
): string {
  if (presetFor(authorizationEndpoint)?.id === "entra") return accountPrompt;
  const others = (prompt ?? "").split(" ").filter((each) => !["", "none"].includes(each));
  return [...new Set([accountPrompt, ...others])].join(" ");
}
