import type { TokenEndpointAuthMethod } from "@/lib/contracts/servers/oauth-client";
import type { ProviderError } from "@/lib/errors";
import { type ToldAccount, toldAccount } from "@/lib/oauth/account/told-account";
import { type ProviderAnswer, providerError, unreadable } from "@/lib/oauth/error-response";
import { jwtClaims } from "@/lib/oauth/jwt";
import {
  isWebPage,
  nestedIn,
  type Parameters,
  parseParameters,
  textOf,
} from "@/lib/oauth/parameters";
import { classifyRefusal } from "@/lib/oauth/refusal";
import { toldError } from "@/lib/oauth/told-error";
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
  if (!parameters) throw unreadable(answer, whatItIs(answer.body));

  const grant = grantIn(parameters);
  const accessToken = textOf(grant, "access_token");
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
    toldAccount: (client) => toldAccount(parameters, client),
  };
}

/**
 * The error for a successful response without a token. Some providers refuse this way, in their own fields:
 * `{"errcode": 42001, "errmsg": "…"}`. Only a text that says what has ended counts as a refusal.
 */
function withoutToken(answer: ProviderAnswer): ProviderError {
  const told = toldError({ ...answer, status: 400 });
  const [error, said] = [told?.code ?? null, told?.description ?? null];
  const { reason } = classifyRefusal({ status: answer.status, error, said, isWebPage: false });
  return reason === "words" || reason === "overloaded"
    ? providerError(answer, told)
    : unreadable(answer, "sent no access token");
}

/**
 * Slack puts a user's token beside the bot's, and alone there if no bot was requested. Some wrap all of
 * their responses in `data`.
 */
function grantIn(parameters: Parameters): Parameters {
  if (textOf(parameters, "access_token") !== null) return parameters;
  const inside = nestedIn(parameters, "data");
  if (inside && textOf(inside, "access_token") !== null) return inside;
  return nestedIn(parameters, "authed_user") ?? parameters;
}

function refreshTokenIn(grant: Parameters): string | null {
  const token = textOf(grant, "refresh_token");
  // With a broken character it could be neither stored nor sent as received.
  return token !== null && /^[\x20-\x7e]+$/.test(token) ? token : null;
}

/**
 * No standard names it: most say `refresh_token_expires_in`, Keycloak says `refresh_expires_in`, with 0 for no
 * expiry.
 */
function refreshTokenEnd(grant: Parameters, obtainedAt: Date) {
  const lifetime =
    believable(secondsIn(own(grant, "refresh_token_expires_in"))) ??
    believable(secondsIn(own(grant, "refresh_expires_in")));
  return lifetime === null ? {} : { refreshTokenExpiresAt: expiresAt(lifetime, obtainedAt) };
}

/** @see https://www.rfc-editor.org/rfc/rfc6749#section-7.1 */
function tokenTypeIn(grant: Parameters, whole: Parameters, answer: ProviderAnswer): "Bearer" {
  const type = textOf(grant, "token_type")?.toLowerCase() ?? "bearer";
  if (/^bearer( ?token)?$/.test(type.trim()) || (whole.ok === true && SLACK_TOKEN_TYPES.has(type)))
    return "Bearer";
  const shown = providerText(type, answer.secrets);
  throw unreadable(
    answer,
    `sent a token of the type “${shown}”, and Usher can use bearer tokens only`,
    "Ask an admin to set the client up for bearer tokens at the provider.",
  );
}

function scopeIn(grant: Parameters): string | null {
  const scope = Array.isArray(grant.scope)
    ? grant.scope.filter((one) => typeof one === "string").join(" ")
    : textOf(grant, "scope");
  const tidied = scope?.replace(/[^\x21-\x7e]+/g, " ").trim();
  // Slack, GitHub and others separate by commas. A scope with a comma of its own comes with spaces around it.
  return (tidied?.includes(" ") ? tidied : tidied?.split(",").filter(Boolean).join(" ")) || null;
}

/**
 * In seconds; null if nothing believable was given. A lifetime of zero or less is not believed: a
 * newly issued token has not expired, and believing it would cause endless refreshes.
 */
function lifetimeOf(grant: Parameters, accessToken: string, obtainedAt: Date): number | null {
  return (
    believable(secondsIn(own(grant, "expires_in"))) ??
    believable(jwtLifetime(accessToken)) ??
    believable(untilTime(own(grant, "expires_at") ?? own(grant, "expires_on"), obtainedAt))
  );
}

function own(grant: Parameters, name: string): unknown {
  return Object.hasOwn(grant, name) ? grant[name] : undefined;
}

/** A number, possibly in quotes or with its unit: `5250`, `"5250"`, `"5250s"`. */
function secondsIn(told: unknown): unknown {
  if (typeof told !== "string") return told;
  const number = /^\s*(\d+(?:\.\d+)?)\s*(?:s|sec|secs|seconds?)?\s*$/i.exec(told)?.[1];
  return number === undefined ? null : Number(number);
}

/** From now to a moment given in seconds or milliseconds since 1970, or as a date. */
function untilTime(told: unknown, now: Date): number | null {
  const number = secondsIn(told);
  if (typeof number === "number") {
    return (number < FIRST_MILLISECONDS ? number : number / 1000) - now.getTime() / 1000;
  }
  const time = typeof told === "string" ? Date.parse(told) : Number.NaN;
  return Number.isNaN(time) ? null : (time - now.getTime()) / 1000;
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

function whatItIs(body: string): string {
  if (body.trim() === "") return "answered with nothing";
  return isWebPage(body)
    ? "answered with a web page instead of a token"
    : "answered with something that is no OAuth answer";
}
