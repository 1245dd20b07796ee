import {
  type TokenEndpointAuthMethod,
  usesClientSecret,
} from "@/lib/contracts/servers/oauth-client";
import { type ProviderAnswer, unreadable } from "@/lib/oauth/error-response";
import { listOf, type Parameters, textOf } from "@/lib/oauth/parameters";
import { formatScope, parseScope } from "@/lib/oauth/scope";

/** The authorization server's registration of Usher. */
export interface RegisteredClient {
  readonly clientId: string;
  /** Null for a public client. */
  readonly clientSecret: string | null;
  /** Null: it stays valid. */
  readonly clientSecretExpiresAt: Date | null;
  readonly tokenEndpointAuthMethod: TokenEndpointAuthMethod;
  /** What it may request, according to the server; null: not given. */
  readonly scope: string | null;
}

export const registerByHand =
  "Register a client there by hand, and enter its client ID and secret.";

export const authMethodNames = {
  CLIENT_SECRET_BASIC: "client_secret_basic",
  CLIENT_SECRET_BASIC_RAW: "client_secret_basic",
  CLIENT_SECRET_POST: "client_secret_post",
  PRIVATE_KEY_JWT: "private_key_jwt",
  NONE: "none",
} as const satisfies Record<TokenEndpointAuthMethod, string>;

/** The method with this name; null for one that Usher does not have. */
export function authMethodNamed(name: string): TokenEndpointAuthMethod | null {
  const known = Object.entries(authMethodNames).find(([, each]) => each === name);
  return known ? (known[0] as TokenEndpointAuthMethod) : null;
}

/** @see https://www.rfc-editor.org/rfc/rfc7591#section-3.2.1 */
export function readClient(
  answer: ProviderAnswer,
  parameters: Parameters,
  asked: { readonly redirect_uris: readonly string[]; readonly token_endpoint_auth_method: string },
  now: Date,
): RegisteredClient {
  const clientId = clientIdIn(parameters);
  if (clientId === null)
    throw unreadable(answer, "registered Usher without a client ID", registerByHand);
  const redirectUris = listOf(parameters, "redirect_uris") ?? [];
  if (redirectUris.length > 0 && !asked.redirect_uris.every((uri) => redirectUris.includes(uri))) {
    throw unreadable(answer, "registered Usher with another callback URL", registerByHand);
  }
  const clientSecret = textOf(parameters, "client_secret");
  const method = methodOf(parameters, clientSecret !== null, asked.token_endpoint_auth_method);
  if (method === null) {
    throw unreadable(
      answer,
      "registered Usher for a way to sign in that it does not have",
      registerByHand,
    );
  }
  return {
    clientId,
    clientSecret: usesClientSecret(method) ? clientSecret : null,
    clientSecretExpiresAt: usesClientSecret(method) ? secretExpiry(parameters, now) : null,
    tokenEndpointAuthMethod: method,
    scope: formatScope(parseScope(textOf(parameters, "scope"))),
  };
}

/** Some number their clients. */
function clientIdIn(parameters: Parameters): string | null {
  const { client_id: id } = parameters;
  return typeof id === "number" && Number.isSafeInteger(id)
    ? String(id)
    : textOf(parameters, "client_id");
}

/**
 * RFC 7591 §2: a client with a secret and no method uses client_secret_basic, whatever was requested. One without a
 * secret is public, whatever method is given: it has nothing else to authenticate with, except our own key if it
 * was requested. Null: a key or a certificate that the provider was not told about.
 */
function methodOf(
  parameters: Parameters,
  hasSecret: boolean,
  asked: string,
): TokenEndpointAuthMethod | null {
  const knowsKeys = asked === authMethodNames.PRIVATE_KEY_JWT;
  const unnamed = hasSecret ? "client_secret_basic" : knowsKeys ? asked : "none";
  const named = textOf(parameters, "token_endpoint_auth_method")?.toLowerCase() ?? unnamed;
  const method = authMethodNamed(named);
  if (method === "PRIVATE_KEY_JWT") return knowsKeys ? method : null;
  return method !== null && !hasSecret ? "NONE" : method;
}

/** As a lifetime: no date since OAuth exists is this small. */
const LONGEST_LIFETIME_S = 20 * 365 * 24 * 60 * 60;
/** In seconds since 1970 this is the year 5138: larger values are milliseconds. */
const FIRST_MILLISECONDS = 1e11;
const LAST_MILLISECONDS = FIRST_MILLISECONDS * 1000;

/**
 * In seconds since 1970; 0 means never. Also accepted: numbers in quotes, milliseconds, dates in words, and a
 * lifetime from now on. An expiry before the registration is not believed.
 */
function secretExpiry(parameters: Parameters, now: Date): Date | null {
  const { client_secret_expires_at: told } = parameters;
  const text = typeof told === "string" && told.trim() !== "" ? told.trim() : null;
  const number = text === null ? told : Number(text);
  const isNumber = typeof number === "number" && Number.isFinite(number);
  const seconds = isNumber ? number : Date.parse(text ?? "") / 1000;
  if (!(seconds > 0)) return null;
  const at = new Date(seconds * (seconds < FIRST_MILLISECONDS ? 1000 : 1));
  if (seconds <= LONGEST_LIFETIME_S) return new Date(now.getTime() + seconds * 1000);
  // An invalid date has no order.
  return at > now && seconds < LAST_MILLISECONDS ? at : null;
}
