import {
  type TokenEndpointAuthMethod,
  usesClientSecret,
} from "@/lib/contracts/servers/oauth-client";
import { type ProviderAnswer, unreadable } from "@/lib/oauth/error-response";
import { listOf, nestedIn, type Parameters, textOf } from "@/lib/oauth/parameters";
import { formatScope, scopeTokens } from "@/lib/oauth/scope";
import { parseUrl } from "@/lib/parse-url";

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
  told: Parameters,
  asked: { readonly redirect_uris: readonly string[]; readonly token_endpoint_auth_method: string },
  now: Date,
): RegisteredClient {
  const parameters = clientIn(told);
  const clientId = clientIdIn(parameters);
  if (clientId === null)
    throw unreadable(answer, "registered Usher without a client ID", registerByHand);
  const redirectUris = listOf(parameters, "redirect_uris") ?? [];
  const registered = redirectUris.map((uri) => addressOf(uri));
  if (
    registered.length > 0 &&
    !asked.redirect_uris.every((uri) => registered.includes(addressOf(uri)))
  ) {
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
    scope: formatScope(scopeTokens(listOf(parameters, "scope") ?? [])),
  };
}

/** Some put it inside something else. */
function clientIn(told: Parameters): Parameters {
  const inside = ["data", "client", "result"].map((name) => nestedIn(told, name));
  const found = [told, ...inside].find((each) => each !== null && clientIdIn(each) !== null);
  return found ?? told;
}

/** Some number their clients. */
function clientIdIn(parameters: Parameters): string | null {
  const { client_id: id } = parameters;
  if (typeof id === "number" && Number.isSafeInteger(id)) return String(id);
  return textOf(parameters, "client_id")?.trim() || null;
}

/** Some write the host or the port of a URL in another way. */
function addressOf(uri: unknown): string | null {
  return typeof uri === "string" ? (parseUrl(uri)?.href ?? null) : null;
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
  const named = listOf(parameters, "token_endpoint_auth_method")?.filter(isText) ?? [];
  const methods = (named.length === 0 ? [unnamed] : named).map((name) =>
    authMethodNamed(name.toLowerCase()),
  );
  const method = methods.find((each) => each !== null) ?? null;
  if (method === "PRIVATE_KEY_JWT") return knowsKeys ? method : null;
  return method !== null && !hasSecret ? "NONE" : method;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
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
