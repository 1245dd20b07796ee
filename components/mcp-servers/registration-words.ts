import type { GrantType } from "@/lib/contracts/servers/kinds";
import type {
  OAuthClientView,
  RegistrationMode,
  TokenEndpointAuthMethod,
} from "@/lib/contracts/servers/oauth-client";

export const grantTypeNames: Record<GrantType, string> = {
  AUTHORIZATION_CODE: "Authorization code",
  CLIENT_CREDENTIALS: "Client credentials",
  ID_JAG: "Identity assertion (ID-JAG)",
  TOKEN_EXCHANGE: "Token exchange",
  ON_BEHALF_OF: "On behalf of (Entra)",
};

export const tokenEndpointAuthMethodNames: Record<TokenEndpointAuthMethod, string> = {
  CLIENT_SECRET_BASIC_RAW: "HTTP Basic, not form-encoded",
  CLIENT_SECRET_BASIC: "Basic (secret in the Authorization header)",
  CLIENT_SECRET_POST: "Post (secret in the body)",
  PRIVATE_KEY_JWT: "Signed JWT (private_key_jwt)",
  NONE: "None (public client)",
};

export const registrationNames: Record<RegistrationMode, string> = {
  METADATA_DOCUMENT: "Client ID Metadata Document",
  DYNAMIC: "Dynamic registration",
  PRE_REGISTERED: "Pre-registered",
};

type Reason = NonNullable<OAuthClientView["registered"]>["because"];

/** Why Usher registered. `earlier`: it was registered before, and access granted then has ended. */
export const registrationReasons: Record<Reason, { words: string; earlier: boolean }> = {
  first: { words: "Somebody authorized for the first time.", earlier: false },
  issuer_changed: {
    words:
      "The MCP server switched to this issuer. Credentials from the previous one were never sent here.",
    earlier: true,
  },
  callback_changed: {
    words:
      "This installation’s public URL changed, and the previous client was tied to the old one.",
    earlier: true,
  },
  secret_expired: { words: "The previous client’s secret had expired.", earlier: true },
  forgotten: { words: "The provider no longer recognized the previous client.", earlier: true },
};
