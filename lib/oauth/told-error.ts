import { parseBoundedJson } from "@/lib/bounded-json";
import {
  isParameters,
  isWebPage,
  nestedIn,
  type Parameters,
  parseParameters,
  textOf,
} from "@/lib/oauth/parameters";
import { withoutEnvelope } from "@/lib/oauth/reading/error-envelope";
import { withFields } from "@/lib/oauth/reading/field-errors";

/** The error in a response; all of it is the provider's own text. */
export interface ToldError {
  readonly code: string | null;
  readonly description: string | null;
}

interface FailedAnswer {
  readonly status: number;
  readonly body: string;
  /** What a 401 says in its WWW-Authenticate header. Absent: it has none. */
  readonly challenged?: () => ToldError | null;
}

/** Where providers put the sentence for people, most specific first. */
const MESSAGES = [
  ...["error_description", "errorDescription", "message", "error_message", "errorMessage"],
  ...[
    "error_msg",
    "errmsg",
    "msg",
    "detail",
    "details",
    "description",
    "faultstring",
    "reason",
    "title",
    "errorSummary",
  ],
  ...["errors", "error", "fault", "hint", "data", "result", "body"],
];
/** Where providers put a code that is not in `error`. */
const CODES = [
  ...["error_code", "errorCode", "errcode", "error_type", "errorType", "errorId"],
  ...["__type", "code", "type", "status"],
];
/** Nothing that a status does not say. */
const GENERIC = /^(error|fail(ed|ure)?|bad request|unauthori[sz]ed|forbidden|not found)\.?$/i;
const MOST_LEVELS = 4;
const MOST_MESSAGES = 3;

/**
 * The error in a response, whatever its status; null if there is none. Besides RFC 6749's `error`
 * this reads Slack's `{ok: false, error}`, HubSpot's `{status: "BAD_REFRESH_TOKEN"}`, Notion's
 * `{object: "error", code}`, `{error: true, message}`, `{status: "error"}`, errors that are objects or lists, and
 * those that name a field: `{errors: [{field: "refresh_token", code: "invalid"}]}`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2
 */
export function errorIn(given: Parameters): ToldError | null {
  const grants = textOf(given, "access_token") !== null;
  const parameters = grants ? given : withoutEnvelope(given);
  const nested = notEmpty(nestedIn(parameters, "error"));
  const code =
    textOf(parameters, "error") ??
    codeIn(nested, ["error", ...CODES]) ??
    (parameters.object === "error" ? textOf(parameters, "code") : null) ??
    hubSpotStatus(parameters);
  const isError =
    code !== null ||
    nested !== null ||
    parameters.error === true ||
    isFalse(parameters.ok) ||
    isFalse(parameters.success) ||
    /^(error|fail(ed|ure)?)$/i.test(textOf(parameters, "status") ?? "") ||
    isList(parameters.error) ||
    isList(parameters.errors);
  if (!isError) return null;
  const error = code === parameters.error ? null : parameters.error;
  const message = messageIn({ ...parameters, error });
  return {
    code: code ?? otherCode(parameters),
    description: withFields(message === code ? null : message, given),
  };
}

/**
 * The error in the response to a failed request, read from whatever came.
 * @param parameters from the body, if they were already read
 */
export function toldError(
  { status, body, challenged }: FailedAnswer,
  given = parseParameters(body),
): ToldError | null {
  const told = given && errorIn(given);
  if (told || (status >= 200 && status <= 299)) return told;
  const parameters = given && withoutEnvelope(given);
  // A page is a firewall's or a proxy's, which may ask for its own credentials.
  const asked = status === 401 && !isWebPage(body) ? challenged?.() : null;
  const code = (parameters ? otherCode(parameters) : codeAlone(body)) ?? asked?.code ?? null;
  const said = (parameters && messageIn(parameters)) ?? wordsIn(body) ?? asked?.description ?? null;
  const description = given ? withFields(said, given) : said;
  return code === null && description === null ? null : { code, description };
}

/** A number says nothing without its list, and a status is also a number as text. */
function codeIn(object: Parameters | null, names: readonly string[]): string | null {
  const codes = object ? names.map((name) => textOf(object, name)) : [];
  return codes.find((code) => code !== null && /[a-z]/i.test(code)) ?? null;
}

/** `{name: "InvalidGrantError"}`, which elsewhere is somebody's name. */
function exceptionIn(parameters: Parameters): string | null {
  const name = textOf(parameters, "name");
  return name !== null && /^\w*(error|exception)$|_(grant|token|client)$/i.test(name) ? name : null;
}

/** A body that is nothing but a code: `invalid_grant`, `error: invalid_grant`. */
function codeAlone(body: string): string | null {
  return /^\s*"?(?:error:\s*)?([a-z]+(?:_[a-z]+)+)"?\s*$/i.exec(body.slice(0, 100))?.[1] ?? null;
}

/** From another field than `error`: on the first level, or in the first of a list. */
function otherCode(parameters: Parameters): string | null {
  const [first] = Array.isArray(parameters.errors) ? parameters.errors : [];
  const own = codeIn(parameters, CODES.slice(0, -2)) ?? exceptionIn(parameters);
  return own ?? (isParameters(first) && !("field" in first) ? codeIn(first, CODES) : null);
}

function wordsIn(body: string): string | null {
  if (isXml(body)) return textIn(body);
  if (isWebPage(body)) return titleIn(body);
  const text = body.trim();
  try {
    return messageIn(parseBoundedJson(text));
  } catch {
    // A line of text, such as "Token revoked".
    return text.length <= 300 && isSentence(text) ? text : null;
  }
}

/** The first text for people, as deep as providers nest it. */
function messageIn(value: unknown, levels = MOST_LEVELS): string | null {
  if (typeof value === "string") return value.trim() === "" ? null : value;
  if (levels === 0 || typeof value !== "object" || value === null) return null;
  if (Array.isArray(value)) {
    const all = value.slice(0, MOST_MESSAGES).map((each) => messageIn(each, levels - 1));
    return all.filter((each) => each !== null).join("; ") || null;
  }
  let generic: string | null = null;
  for (const name of MESSAGES) {
    if (!Object.hasOwn(value, name)) continue;
    const message = messageIn((value as Parameters)[name], levels - 1);
    if (message !== null && GENERIC.test(message)) generic ??= message;
    // Under a name that can contain anything, only what reads like a sentence.
    else if (
      message !== null &&
      (isStandard(name) || levels < MOST_LEVELS || isSentence(message))
    ) {
      return message;
    }
  }
  return generic;
}

function isStandard(name: string): boolean {
  return ["error_description", "message", "errors", "error"].includes(name);
}

function isSentence(text: string): boolean {
  return /\p{L}\s+\p{L}/u.test(text);
}

/** A document that is not a page: `<error><code>invalid_grant</code>…</error>`. */
function isXml(body: string): boolean {
  const start = body
    .replace(/^\ufeff/, "")
    .trimStart()
    .slice(0, 500);
  return (
    /^<(\?xml|[\w:-]*(error|fault|response|result|exception)\b)/i.test(start) &&
    !/<html|<!doctype html/i.test(start)
  );
}

function textIn(document: string): string | null {
  const text = document
    .slice(0, 2000)
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  return text === "" ? null : text.slice(0, 300);
}

const PAGE_WORDS = [/<title[^>]*>([^<]{1,300})</i, /<h1[^>]*>([^<]{1,300})</i];

function titleIn(page: string): string | null {
  const start = page.slice(0, 16_384);
  for (const words of PAGE_WORDS) {
    const text = words
      .exec(start)?.[1]
      ?.replace(/&\w{1,10};|&#\w{1,8};/g, " ")
      .trim();
    if (text) return text;
  }
  return null;
}

function hubSpotStatus(parameters: Parameters): string | null {
  const status = textOf(parameters, "status");
  const isCode = status !== null && /^[A-Z]+(_[A-Z]+)+$/.test(status);
  return isCode && !("access_token" in parameters) && !SUCCESSES.test(status)
    ? status.toLowerCase()
    : null;
}

/** `STATUS_OK` around the tokens. */
const SUCCESSES = /(^|_)(OK|SUCCESS|SUCCESSFUL|ISSUED|GRANTED|COMPLETED?)(_|$)/;

function isFalse(value: unknown): boolean {
  return value === false || value === "false";
}

/** Some send `error: {}` with the tokens. */
function notEmpty(object: Parameters | null): Parameters | null {
  return object && Object.keys(object).length > 0 ? object : null;
}

function isList(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}
