import { parseBoundedJson } from "@/lib/bounded-json";
import {
  isWebPage,
  nestedIn,
  type Parameters,
  parseParameters,
  textOf,
} from "@/lib/oauth/parameters";

/** The error in a response; all of it is the provider's own text. */
export interface ToldError {
  readonly code: string | null;
  readonly description: string | null;
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
  ],
  ...["errors", "error", "fault", "hint"],
];
const MOST_LEVELS = 4;
const MOST_MESSAGES = 3;

/**
 * The error in a response, whatever its status; null if there is none. Besides RFC 6749's `error`
 * this reads Slack's `{ok: false, error}`, HubSpot's `{status: "BAD_REFRESH_TOKEN"}`, Notion's
 * `{object: "error", code}`, `{error: true, message}` and errors that are objects or lists.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2
 */
export function errorIn(parameters: Parameters): ToldError | null {
  const nested = nestedIn(parameters, "error");
  const code =
    textOf(parameters, "error") ??
    (nested && (textOf(nested, "code") ?? textOf(nested, "type") ?? textOf(nested, "status"))) ??
    (parameters.object === "error" ? textOf(parameters, "code") : null) ??
    hubSpotStatus(parameters);
  const isError =
    code !== null ||
    nested !== null ||
    parameters.error === true ||
    parameters.ok === false ||
    parameters.success === false ||
    isList(parameters.error) ||
    isList(parameters.errors);
  if (!isError) return null;
  const message = messageIn({
    ...parameters,
    error: code === parameters.error ? null : parameters.error,
  });
  return { code, description: message === code ? null : message };
}

/**
 * The error in the response to a failed request, read from whatever came.
 * @param parameters from the body, if they were already read
 */
export function toldError(
  { status, body }: { status: number; body: string },
  parameters = parseParameters(body),
): ToldError | null {
  const told = parameters && errorIn(parameters);
  if (told || (status >= 200 && status <= 299)) return told;
  const code = parameters && (textOf(parameters, "code") ?? textOf(parameters, "errorCode"));
  const description = wordsIn(body);
  return code === null && description === null ? null : { code, description };
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
  for (const name of MESSAGES) {
    if (!Object.hasOwn(value, name)) continue;
    const message = messageIn((value as Parameters)[name], levels - 1);
    // Under a name that can contain anything, only what reads like a sentence.
    if (message !== null && (isStandard(name) || levels < MOST_LEVELS || isSentence(message))) {
      return message;
    }
  }
  return null;
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
  return status !== null && /^[A-Z]+(_[A-Z]+)+$/.test(status) && !("access_token" in parameters)
    ? status.toLowerCase()
    : null;
}

function isList(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}
