import { parseParameters } from "@/lib/oauth/parameters";
import { asksForRights, asksForScopes, scopeNames } from "@/lib/oauth/reading/missing-scopes";
import { formatScope, parseScope, scopeInWords } from "@/lib/oauth/scope";
import { errorIn, type ToldError } from "@/lib/oauth/told-error";

/** What a protected resource asks for. All of it is the server's own, untrusted text. */
export interface BearerChallenge {
  /** Such as `invalid_token` or `insufficient_scope`. */
  readonly error: string | null;
  /** For people. */
  readonly description: string | null;
  /** Scope tokens, separated by single spaces. */
  readonly scope: string | null;
  /**
   * Where its metadata are, in the server's order. Not resolved: some contain a path.
   * @see https://www.rfc-editor.org/rfc/rfc9728#section-5.1
   */
  readonly resourceMetadata: readonly string[];
}

type Challenge = { scheme: string; parameters: readonly (readonly [string, string])[] };

const NAME = /[!#$%&'*+.^`|~\w-]+/y;
/** RFC 9728 names only the first of these; servers send all. */
const PLACE = /^resource[_-]?metadata([_-]?ur[il])?$/;
const QUOTED = /"((?:[^"\\]|\\.)*)"/sy;
/** Not allowed by RFC 9110 §5.6.4, and still sent. */
const SINGLE_QUOTED = /'([^']*)'/sy;
/** Escaped once too often. */
const ESCAPED_QUOTED = /\\"(.*?)\\"/sy;
/** Other quotes around a value, even if their bytes were read as Latin-1. */
const ODD_QUOTES =
  /^[^\x21\x23-\x26\x28-\x3b\x3d\x3f-\x5f\x61-\x7e]+|[^\x21\x23-\x26\x28-\x3b\x3d\x3f-\x5f\x61-\x7e]+$/g;
const TOKEN68 = /[\w.~+/-]+=*(?=\s*(?:,|$))/y;
/** More than any server has; each is requested. */
const MOST_PLACES = 3;
/** Longer headers are truncated: a challenge has a few hundred characters. */
const LONGEST = 16_384;

/**
 * The Bearer challenge of a response; null if there is none. The address of the metadata may be in a challenge
 * of any scheme (RFC 9728 §5.1).
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3
 */
export function bearerChallenge(headers: Headers): BearerChallenge | null {
  const challenges = challengesIn(headers);
  // Some send a challenge for the realm and another one for the error.
  const bearers = challenges.filter(({ scheme }) => scheme === "bearer");
  const told = bearers.flatMap(({ parameters }) => parameters);
  // RFC 9110 §11.2: a parameter appears once; the first one counts.
  const parameter = (...names: string[]) =>
    told.find((each) => names.includes(each[0]))?.[1].trim() || null;
  const places = challenges
    .flatMap(({ parameters }) => parameters)
    .filter(([name]) => PLACE.test(name))
    .map(([, value]) => value.replace(ODD_QUOTES, ""))
    .filter((value) => value !== "");
  if (bearers.length === 0 && places.length === 0) return null;
  return {
    error: parameter("error"),
    description: parameter("error_description"),
    scope: formatScope(parseScope(parameter(...scopeNames))),
    resourceMetadata: [...new Set(places)].slice(0, MOST_PLACES),
  };
}

/** The names of the schemes that a response asks for, in lower case, each once. */
export function challengedSchemes(headers: Headers): string[] {
  const names = challengesIn(headers).map(({ scheme }) => scheme);
  return [...new Set(names.filter((name) => /^[a-z][\w-]{1,30}$/.test(name)))].slice(0, 3);
}

/**
 * The error with which an endpoint refuses the client itself, from the challenge of any scheme:
 * `Basic realm="UAA/client", error="unauthorized", error_description="Bad credentials"`. A challenge for Basic says by
 * itself that the client's credentials were not accepted (RFC 6749 §5.2).
 */
export function challengedError(headers: Headers): ToldError | null {
  const challenges = challengesIn(headers);
  const told = challenges.flatMap(({ parameters }) => parameters);
  const parameter = (name: string) => told.find((each) => each[0] === name)?.[1].trim() || null;
  const code = parameter("error");
  if (code !== null) return { code, description: parameter("error_description") };
  const asksForClient = challenges.some(({ scheme }) => scheme === "basic");
  return asksForClient ? { code: "invalid_client", description: null } : null;
}

/**
 * Whether a response says that the access token is invalid: a 401, or what some servers send instead,
 * a 400 or 403 whose challenge says `invalid_token`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3.1
 */
export function refusesToken({ status, headers }: Pick<Response, "status" | "headers">): boolean {
  // 498 is a dedicated status for it, used by Esri and others.
  if (status === 498) return true;
  // With another token of the same scopes the answer would be the same.
  if (status === 401) return !asksForScopes(bearerChallenge(headers)?.error ?? null);
  if (status !== 400 && status !== 403) return false;
  return namesToken(bearerChallenge(headers)?.error ?? null);
}

/** Whether the body of a 400 or 403 says so, with the code that belongs in the challenge. */
export function bodyRefusesToken(body: string): boolean {
  const parameters = parseParameters(body);
  return parameters !== null && namesToken(errorIn(parameters)?.code ?? null);
}

function namesToken(error: string | null): boolean {
  return /^(invalid|expired)_token$|^token_expired$/i.test(error ?? "");
}

/**
 * The scopes that a response asks for; null if it is not such a challenge. Some servers name them without the error,
 * or the error without them, or only in its description, and some answer 401.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3.1
 */
export function insufficientScope(
  status: number,
  headers: Headers,
): { scope: string | null } | null {
  if (status !== 401 && status !== 403) return null;
  const { error, scope, description } = bearerChallenge(headers) ?? nothing;
  // A 401 that names scopes asks for a token; a 403 has seen one.
  const mayMean = error === null || asksForRights(error);
  const asks = asksForScopes(error) || (status === 403 && mayMean && scope !== null);
  return asks ? { scope: scope ?? scopeInWords(description) } : null;
}

const nothing = { error: null, scope: null, description: null };

/**
 * A list of challenges, each a scheme with parameters that are also separated by commas. A character that belongs to
 * neither is skipped, up to a limit; then what came before counts.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1
 */
function challengesIn(headers: Headers): Challenge[] {
  const header = headers.get("www-authenticate")?.slice(0, LONGEST) ?? "";
  const challenges: Challenge[] = [];
  const reader = new Reader(header);
  let parameters: [string, string][] | null = null;
  let strays = 0;
  while (!reader.atEnd()) {
    reader.skip(/[\s,]*/y);
    const name = reader.take(NAME)?.toLowerCase();
    if (name === undefined) {
      // What is left of a text with quotes that were not escaped.
      if (reader.takeQuoted() !== undefined) continue;
      strays += 1;
      if (strays > MOST_STRAYS || !reader.skip(/./sy)) break;
      continue;
    }
    if (reader.skip(/\s*=\s*/y)) {
      const unquoted = scopeNames.includes(name) ? SCOPES : NAME_OR_URL;
      const value: string | undefined =
        reader.takeQuoted() ?? reader.take(unquoted) ?? reader.take(UNCLOSED)?.slice(1);
      if (value === undefined) break;
      if (parameters === null) {
        // Without any scheme.
        parameters = [];
        challenges.push({ scheme: "", parameters });
      }
      parameters.push([name, value]);
      continue;
    }
    parameters = [];
    challenges.push({ scheme: name, parameters });
    reader.skip(/\s+/y);
    reader.take(TOKEN68);
  }
  return challenges;
}

/** Each may cost a look at the rest of the header. */
const MOST_STRAYS = 50;

/** Some servers omit the quotes, although a URL needs them. */
const NAME_OR_URL = /[^\s,;"]+/y;

/** A list with brackets, or several words; one with an equals sign is the next parameter. */
const SCOPES = /\[[^\]]*\]|[^\s,"]+(?:\s+[^\s,"=]+(?=[\s,]|$))*/y;

/** The closing quote is missing. */
const UNCLOSED = /"[^\s,"]+/y;

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  /** @param sticky with the flag `y` */
  take(sticky: RegExp): string | undefined {
    return this.#match(sticky)?.[0];
  }

  takeQuoted(): string | undefined {
    const quoted = this.#match(QUOTED)?.[1]?.replace(/\\(.)/gs, "$1");
    return quoted ?? this.#match(SINGLE_QUOTED)?.[1] ?? this.#match(ESCAPED_QUOTED)?.[1];
  }

  /** Whether anything was there to skip. */
  skip(sticky: RegExp): boolean {
    return (this.take(sticky) ?? "") !== "";
  }

  #match(sticky: RegExp): RegExpExecArray | null {
    sticky.lastIndex = this.#at;
    const match = sticky.exec(this.#text);
    if (match) this.#at += match[0].length;
    return match;
  }
}
