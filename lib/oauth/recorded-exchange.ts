import type { FlowStep, ShownValue } from "@/lib/contracts/servers/flow";
import { type Parameters, parseParameters } from "@/lib/oauth/parameters";
import { answerValue, isKnownName, requestValue } from "@/lib/oauth/shown-values";
import { toldError } from "@/lib/oauth/told-error";
import { parseUrl } from "@/lib/parse-url";
import { errorCode, providerText, withoutTokens } from "@/lib/untrusted-text";

/** As sent over the wire. */
export interface RawRequest {
  readonly method: string;
  readonly url: string;
  /** The header's value. */
  readonly authorization: string | null;
  /** A form or JSON. */
  readonly body: string | null;
}

export interface RawAnswer {
  readonly status: number;
  readonly contentType: string | null;
  readonly body: string;
}

type Timing = { at: Date; durationMs: number | null };

const CONTENT_TYPES: ReadonlySet<string> = new Set([
  "application/json",
  "application/problem+json",
  "application/x-www-form-urlencoded",
  "text/html",
  "text/plain",
]);
const METHODS: ReadonlySet<string> = new Set(["GET", "POST"]);
const SCHEMES: ReadonlySet<string> = new Set(["basic", "bearer"]);

/**
 * What may be kept of a request and its response. Pure, and by an allow-list: a value is kept if its
 * name is known to carry nothing secret and the value looks like it should; a name is kept if it is
 * a known one. A provider's text is truncated, and stripped of everything that was sent along, all other
 * values in the same response, and anything that looks like a token.
 *
 * @param secrets sent with it other than as a parameter
 * @param problem why there is no response, in our own words
 */
export function recordExchange(
  kind: FlowStep["kind"],
  { at, durationMs }: Timing,
  request: RawRequest,
  answer: RawAnswer | null,
  { secrets = [], problem = null }: { secrets?: readonly string[]; problem?: string | null } = {},
): FlowStep {
  const sent = sentParameters(request);
  const got = answer && (parseParameters(answer.body) ?? {});
  const told = answer && toldError(answer);
  const hidden = [
    ...secrets,
    ...credentialsIn(request.authorization),
    ...hiddenValues(sent, requestValue),
    ...(got ? hiddenValues(got, answerValue) : []),
  ];
  const parameters = shown(sent, requestValue, hidden);
  const fields = got && shown(got, answerValue, hidden);
  return {
    kind,
    at: at.toISOString(),
    durationMs: durationMs === null ? null : Math.max(0, Math.round(durationMs)),
    request: {
      method: METHODS.has(request.method) ? request.method : "OTHER",
      url: shownUrl(request.url),
      authorization: schemeOf(request.authorization),
      parameters: parameters.known,
      otherParameters: parameters.others,
    },
    answer: answer && {
      status: answer.status,
      contentType: contentTypeOf(answer.contentType),
      fields: fields?.known ?? [],
      otherFields: fields?.others ?? 0,
    },
    error: errorCode(providerText(told?.code ?? null, hidden)),
    errorDescription: providerText(
      told?.description ?? null,
      hidden.filter((each) => each !== told?.description),
    ),
    problem: providerText(problem, hidden),
  };
}

/** Where a browser was sent, or came back to: only a URL. */
export function recordNavigation(
  kind: "authorization_request" | "authorization_response",
  at: Date,
  url: string,
): FlowStep {
  const request = { method: "GET", url, authorization: null, body: null };
  const { searchParams } = new URL(url);
  const recorded = recordExchange(kind, { at, durationMs: null }, request, null);
  const hidden = hiddenValues(Object.fromEntries(searchParams), requestValue);
  return {
    ...recorded,
    error: errorCode(providerText(searchParams.get("error"), hidden)),
    errorDescription: providerText(searchParams.get("error_description"), hidden),
  };
}

/** How a protected resource refused a call. @see https://www.rfc-editor.org/rfc/rfc6750#section-3.1 */
export function recordChallenge(at: Date, url: string, scope: string | null): FlowStep {
  const request = { method: "POST", url, authorization: "Bearer ", body: null };
  const answer = { status: 403, contentType: null, body: JSON.stringify({ scope }) };
  const recorded = recordExchange("challenge", { at, durationMs: null }, request, answer);
  return { ...recorded, error: "insufficient_scope" };
}

/** A 401 to a person's own key, of which nothing is kept. */
export function recordRefusedKey(at: Date, url: string): FlowStep {
  const request = { method: "POST", url, authorization: null, body: null };
  const answer = { status: 401, contentType: null, body: "" };
  const recorded = recordExchange("key_refused", { at, durationMs: null }, request, answer);
  return { ...recorded, error: null };
}

/** A call over the MCP connection: nothing of it is kept. */
export function recordAccountTool(at: Date, durationMs: number, told: boolean): FlowStep {
  return {
    ...{ kind: "account_tool", at: at.toISOString(), durationMs: Math.round(durationMs) },
    ...{ request: null, answer: null, error: null, errorDescription: null },
    problem: told
      ? null
      : "It did not say whose account it is. It has to be among the server's read-only tools, and to take no arguments.",
  };
}

/** Scheme, host and path; a path segment that could be a key is removed. */
export function shownUrl(url: string): string {
  const parsed = parseUrl(url);
  if (!parsed) return "…";
  const { protocol, host, pathname } = parsed;
  return `${protocol}//${host}${pathname.split("/").map(withoutTokens).join("/")}`.slice(0, 500);
}

/** From the query and the body; of a repeated name, one. */
function sentParameters({ url, body }: RawRequest): Parameters {
  const query = Object.fromEntries(parseUrl(url)?.searchParams ?? []);
  const sent = body === null ? {} : (parseParameters(body) ?? {});
  return { ...query, ...sent };
}

function schemeOf(authorization: string | null): string | null {
  if (authorization === null) return null;
  const [scheme = ""] = authorization.split(" ");
  return SCHEMES.has(scheme.toLowerCase()) ? scheme : "Other";
}

function contentTypeOf(header: string | null): string | null {
  if (header === null) return null;
  const type = header.split(";")[0]?.trim().toLowerCase() ?? "";
  return CONTENT_TYPES.has(type) ? type : "another type";
}

/** The displayed text of a value; null: redacted. */
type ValueRule = (name: string, value: unknown) => string | null;

/** What may be kept, and how much more there was. */
export function shown(
  parameters: Parameters,
  rule: ValueRule,
  hidden: readonly string[],
): { known: ShownValue[]; others: number } {
  const entries = Object.entries(parameters);
  const known = entries
    .filter(([name]) => isKnownName(name))
    .map(([name, value]) => ({ name, value: shownText(name, rule(name, value), hidden) }));
  return { known, others: entries.length - known.length };
}

/** A client ID may look like a token and is not one. */
function shownText(name: string, value: string | null, hidden: readonly string[]): string | null {
  if (name !== "client_id") return providerText(value, hidden);
  return value === null || hidden.some((each) => each.length >= 4 && value.includes(each))
    ? null
    : value;
}

/** The header's value without its scheme, and its content if it is Basic. */
function credentialsIn(authorization: string | null): string[] {
  if (authorization === null) return [];
  const credentials = authorization.replace(/^\S+\s+/, "");
  const [, ...password] = Buffer.from(credentials, "base64").toString("utf8").split(":");
  return [credentials, password.join(":")];
}

/** Every text that is not shown, at any depth: none of it may reappear elsewhere. */
function hiddenValues(parameters: Parameters, rule: ValueRule): string[] {
  return Object.entries(parameters).flatMap(([name, value]) =>
    isText(name) || (isKnownName(name) && rule(name, value) !== null) ? [] : textsIn(value),
  );
}

/** Free text in a response; it is sanitized, and nothing is removed from other texts because of it. */
function isText(name: string): boolean {
  return ["error", "error_description", "message"].includes(name);
}

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value === "number") return [String(value)];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
