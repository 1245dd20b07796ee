import { boundedJsonOrNull } from "@/lib/bounded-json";
import type { TokenEndpointAuthMethod } from "@/lib/contracts/servers/oauth-client";
import { type ToldAccount, toldAccount } from "@/lib/oauth/account/told-account";
import {
  noAnswer,
  type ProviderAnswer,
  providerError,
  unreadable,
  withoutToken,
} from "@/lib/oauth/error-response";
import { jwtClaims } from "@/lib/oauth/jwt";
import { type Parameters, parseParameters, textOf } from "@/lib/oauth/parameters";
import { oddGrant } from "@/lib/oauth/reading/odd-grant";
import { toldError } from "@/lib/oauth/told-error";
import { spanOf } from "@/lib/retry-after";
import { providerText } from "@/lib/untrusted-text";

/** Tokens as issued by a token endpoint. @see https://www.rfc-editor.org/rfc/rfc6749#section-5.1 */
export interface TokenResponse {
  accessToken: string;
  /** Null: none was sent. After a refresh the used one is still valid (RFC 6749 §6). */
  refreshToken: string | null;
  tokenType: "Bearer";
  /** As the provider wrote it, separated by single spaces. Null: not given, so as requested. */
  scope: string | null;
  /** By this machine's clock. Null: the provider gave no believable lifetime. */
  expiresAt: Date | null;
  obtainedAt: Date;
  /** When the refresh token expires. Absent: the provider did not say. */
  refreshTokenExpiresAt?: Date | null;
  /** Who consented, as far as this response says. Read on demand: a refresh does not need it. */
  toldAccount: (client: { issuer: string | null; clientId: string }) => ToldAccount;
  /** The method that worked, if it refused the chosen one. */
  workingAuthMethod?: TokenEndpointAuthMethod;
}

/** Ten years. No provider means more; anything longer is a date or a wrong unit. */
const LONGEST_LIFETIME_S = 10 * 365 * 24 * 60 * 60;
/** In seconds since 1970 this is the year 5138: larger values are milliseconds. */
const FIRST_MILLISECONDS = 1e11;
/** Slack names its bearer tokens by who they act for. */
const SLACK_TOKEN_TYPES: ReadonlySet<string> = new Set(["bot", "user"]);

/**
 * Reads a token endpoint's response, as tolerantly as providers need and no further.
 *
 * @param obtainedAt when the response came, by this machine's clock, from which the expiry counts.
 * @throws {ProviderError} It is an error, or not an OAuth response at all.
 */
export function readTokenResponse(answer: ProviderAnswer, obtainedAt: Date): TokenResponse {
  const parameters = parseParameters(answer.body);
  const error = toldError(answer, parameters);
  if (error || answer.status < 200 || answer.status > 299) throw providerError(answer, error);
  if (!parameters) throw noAnswer(answer);

  const isUsual = textOf(parameters, "access_token") !== null;
  const grant = isUsual ? parameters : oddGrant(parameters);
  const accessToken = accessTokenIn(grant);
  if (accessToken === null) throw withoutToken(answer);
  // RFC 6750 §2.1: what goes into the Authorization header has no spaces and is ASCII.
  if (!/^[\x21-\x7e]+$/.test(accessToken)) {
    throw unreadable(answer, "sent an access token that no header can carry");
  }
  return {
    accessToken,
    refreshToken: refreshTokenIn(grant),
    tokenType: tokenTypeIn(grant, parameters, answer),
    scope: scopeIn(grant),
    expiresAt: expiresAt(lifetimeOf(grant, accessToken, obtainedAt), obtainedAt),
    obtainedAt,
    ...refreshTokenEnd(grant, obtainedAt),
    toldAccount: (client) => toldAccount(isUsual ? grant : { ...grant, ...parameters }, client),
  };
}

/** Without the scheme, which some put before the token, and the line end after it. */
function accessTokenIn(grant: Parameters): string | null {
  const token = tokenIn(grant, "access_token")?.replace(/^bearer\s+/i, "") ?? null;
  return token === "" ? null : token;
}

/** Some write the word instead of the value. */
function tokenIn(grant: Parameters, name: string): string | null {
  const token = textOf(grant, name)?.trim() ?? "";
  return /^(|null|undefined|none)$/i.test(token) ? null : token;
}

function refreshTokenIn(grant: Parameters): string | null {
  const token = tokenIn(grant, "refresh_token");
  // With a broken character it could be neither stored nor sent as received.
  return token !== null && /^[\x20-\x7e]+$/.test(token) ? token : null;
}

/** No standard names it. Intuit says `x_refresh_token_expires_in`, Keycloak `refresh_expires_in` with 0 for no expiry. */
const REFRESH_TOKEN_TIMES = [
  ...["refresh_token_expires_in", "x_refresh_token_expires_in", "refresh_expires_in"],
  ...["refresh_token_expires_at", "refresh_expires_at", "refresh_token_expires_on"],
];

function refreshTokenEnd(grant: Parameters, obtainedAt: Date) {
  const lifetime = firstLifetime(grant, REFRESH_TOKEN_TIMES, obtainedAt);
  return lifetime === null ? {} : { refreshTokenExpiresAt: expiresAt(lifetime, obtainedAt) };
}

/** What providers call a bearer token. Any other name may mean a proof of possession or another scheme. */
const BEARER =
  /^(bearer[ _-]?(token)?|jwt([ _-]?bearer)?|access[ _-]?token|urn:ietf:params:oauth:token-type:(access_token|jwt)),?$/;

/** @see https://www.rfc-editor.org/rfc/rfc6749#section-7.1 */
function tokenTypeIn(grant: Parameters, whole: Parameters, answer: ProviderAnswer): "Bearer" {
  const type = textOf(grant, "token_type")?.toLowerCase() ?? "bearer";
  if (BEARER.test(type.trim()) || (whole.ok === true && SLACK_TOKEN_TYPES.has(type)))
    return "Bearer";
  const shown = providerText(type, answer.secrets);
  throw unreadable(
    answer,
    `sent a token of the type “${shown}”, and Usher can use bearer tokens only`,
    "Ask an admin to set the client up for bearer tokens at the provider.",
  );
}

function scopeIn(grant: Parameters): string | null {
  const told = own(grant, "scope") ?? own(grant, "scopes");
  const text = typeof told === "string" && told.trim().startsWith("[") ? parseList(told) : told;
  const scope = Array.isArray(text)
    ? text.filter((one) => typeof one === "string").join(" ")
    : text;
  if (typeof scope !== "string") return null;
  const tidied = scope.replace(/%20|,\s+|[^\x21-\x7e]+/g, " ").trim();
  // Slack, GitHub and others separate by commas. A scope with a comma of its own comes with spaces around it.
  return (tidied.includes(" ") ? tidied : tidied.split(",").filter(Boolean).join(" ")) || null;
}

/** `["a", "b"]` as text; anything else stays as it is. */
function parseList(text: string): unknown {
  const list = boundedJsonOrNull(text);
  return Array.isArray(list) ? list : text;
}

/** Zoho's `expires_in` is in milliseconds, with the seconds beside it. */
const LIFETIMES = ["expires_in_sec", "expires_in", "expire_in", "access_token_expires_in"];
const ENDS = [
  ...["expires_at", "expires_on", "access_token_expires_at", "expires", ".expires"],
  ...["expiry", "expiration", "expiresIn", "expiresAt"],
];

/**
 * In seconds; null if nothing believable was given. A lifetime of zero or less is not believed: a
 * newly issued token has not expired, and believing it would cause endless refreshes.
 */
function lifetimeOf(grant: Parameters, accessToken: string, obtainedAt: Date): number | null {
  return (
    firstLifetime(grant, LIFETIMES, obtainedAt) ??
    believable(jwtLifetime(accessToken)) ??
    firstLifetime(grant, ENDS, obtainedAt)
  );
}

function firstLifetime(grant: Parameters, names: readonly string[], now: Date): number | null {
  for (const name of names) {
    const lifetime = believable(secondsIn(own(grant, name), now));
    if (lifetime !== null) return lifetime;
  }
  return null;
}

function own(grant: Parameters, name: string): unknown {
  return Object.hasOwn(grant, name) ? grant[name] : undefined;
}

/**
 * A lifetime as a number, as text or with its unit: `5250`, `"5250"`, `"1h"`, `"PT1H"`. What is too long for one is the
 * end itself, in seconds or milliseconds since 1970; a date is always one.
 */
function secondsIn(told: unknown, now: Date): number | null {
  const number = typeof told === "string" ? numberIn(told) : told;
  if (typeof number === "number") {
    if (number <= LONGEST_LIFETIME_S) return number;
    return (number < FIRST_MILLISECONDS ? number : number / 1000) - now.getTime() / 1000;
  }
  const time = typeof told === "string" ? Date.parse(inUtc(told.trim())) : Number.NaN;
  return Number.isNaN(time) ? null : (time - now.getTime()) / 1000;
}

function numberIn(text: string): number | null {
  const plain = text.trim().replace(/^\d{1,3}(,\d{3})+$/, (grouped) => grouped.replaceAll(",", ""));
  if (/^\+?\d+(\.\d+)?(e\d+)?$/i.test(plain)) return Number(plain);
  const span = spanOf(plain.replace(/^PT?/, "").replace("T", ""));
  return span === null ? null : span / 1000;
}

/** A date that names no zone means UTC, whatever this machine's zone is. */
function inUtc(date: string): string {
  return /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(date)
    ? `${date.replace(" ", "T")}Z`
    : date;
}

function believable(seconds: unknown): number | null {
  return typeof seconds === "number" && seconds > 0 && seconds <= LONGEST_LIFETIME_S
    ? seconds
    : null;
}

/**
 * From a token's own `iat` to its `exp`. Both use the server's clock, so that their difference is right
 * on any other. The signature is not checked: this only estimates when to refresh.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9068#section-2.2
 */
function jwtLifetime(token: string): number | null {
  const claims = jwtClaims(token);
  if (typeof claims?.exp !== "number" || typeof claims.iat !== "number") return null;
  return claims.exp - claims.iat;
}

function expiresAt(lifetime: number | null, obtainedAt: Date): Date | null {
  return lifetime === null ? null : new Date(obtainedAt.getTime() + Math.floor(lifetime * 1000));
}
