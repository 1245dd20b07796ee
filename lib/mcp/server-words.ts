import type { McpEndpoint, McpTarget } from "@/lib/mcp/target";
import { parseUrl, secretParameters } from "@/lib/parse-url";
import { cutText, endOfText, oneLine } from "@/lib/untrusted-text";

/** What a stdio server wrote beside its messages, and how its process ended; null while it runs. */
export type ProcessReport = { wrote: string; ended: string | null };

/** A server's text, without the secrets that it was given. */
export type ServerWords = {
  /** Suitable for an error: short and on one line. */
  quote(text: string, maxLength?: number): string;
  /**
   * The same JSON value without what this server was sent from Usher's vault, wherever it appears: in a
   * result, in a list of tools. Anything that the server encoded or split is not found.
   */
  withoutCredentials<Value>(value: Value): Value;
  /** How the process of a stdio server ended, and what it wrote beside messages; otherwise both "". */
  ofProcess(): { ended: string; wrote: string };
};

/** For a process's last output, in characters. */
const MOST_WORDS = 500;
/** A line of a PEM key, which a server may quote by itself. */
const SHORTEST_LINE = 16;
/** Settings, not secrets, whatever their name: removing them would blank part of every answer. */
const COMMON_VALUE =
  /^(true|false|enabled|disabled|default|production|development|staging|localhost|latest|debug|verbose|warning|info|error|json|utf-?8|application\/[a-z+.-]+|text\/[a-z+.-]+)$/i;
/** Where one of our programs finds its files or its API. */
const PLACE = /^(\/[\w./ -]*|https?:\/\/[\w.:-]+(\/[\w./-]*)?)$/i;
/** Shaped like a key: in one piece, long, of letters and digits. Not a path or an address. */
const MADE_BY_CHANCE = /^(?=.*[a-z])(?=.*\d)[^\s/:]{16,}$/i;
/** From headers and variables that contain a credential, whatever their values look like. */
const CREDENTIAL_NAME = /auth|cookie|credential|key|pass|secret|token/i;

/**
 * @param tokens those that were sent to this server: one that echoes a request in its error must not
 *   bring a token onto a page or into a log. A different list when they change.
 */
export function serverWords(
  target: McpTarget,
  tokens: () => readonly string[],
  report: () => ProcessReport | null,
): ServerWords {
  const { endpoint } = target;
  const toRemove = withTokens([...credentials(endpoint), ...urlSecrets(endpoint)], tokens);
  const toHide = withTokens([...storedValues(endpoint), ...urlSecrets(endpoint)], tokens);
  const redacted = (text: string) => withoutSecrets(text, toHide());
  return {
    withoutCredentials: (value) => withoutSecrets(value, toRemove()),
    quote: (text, maxLength = 300) => oneLine(redacted(text), maxLength),
    ofProcess: () => {
      const { wrote = "", ended = null } = report() ?? {};
      return { ended: ended ?? "", wrote: processWords(redacted(wrote)) };
    },
  };
}

/** The beginning, where a program says what is wrong, and the end, where it exits. */
function processWords(text: string): string {
  const lines = text
    .split(/\r?\n/)
    // A stack trace is not a reason.
    .filter((line) => line.trim() !== "" && !/^\s*(at |File "|node:internal)/.test(line))
    .join("\n");
  const all = oneLine(lines);
  if (all.length <= MOST_WORDS) return all;
  const beginning = oneLine(cutText(all, MOST_WORDS * 0.6));
  return `${beginning} … ${endOfText(all, MOST_WORDS * 0.4).trim()}`;
}

/**
 * What is hidden in errors: all stored values of headers and variables, except common settings and, among
 * a program's variables, paths and plain addresses. Values of fewer than six characters are never
 * hidden (`findable`).
 */
function storedValues(endpoint: McpEndpoint): string[] {
  const isStdio = endpoint.transport === "STDIO";
  return valuesOf(
    endpoint,
    (value) => !COMMON_VALUE.test(value) && !(isStdio && PLACE.test(value)),
  );
}

/**
 * What is removed from answers. The same header values as in errors: whether `X-Tenant` is a secret is not for a
 * server to say. Of a program's variables, credentials by name or shape: names of projects and
 * teams are part of its answers.
 */
function credentials(endpoint: McpEndpoint): string[] {
  if (endpoint.transport !== "STDIO") return storedValues(endpoint);
  return valuesOf(endpoint, (value) => MADE_BY_CHANCE.test(value) || linesOf(value).length > 0);
}

function valuesOf(endpoint: McpEndpoint, isSecret: (value: string) => boolean): string[] {
  const isStdio = endpoint.transport === "STDIO";
  return Object.entries(isStdio ? endpoint.environment : endpoint.headers)
    .filter(([name, value]) => CREDENTIAL_NAME.test(name) || isSecret(value.trim()))
    .flatMap(([, value]) => [value, value.trim(), withoutScheme(value), ...linesOf(value)]);
}

/** From a server that was saved before the form rejected them. */
function urlSecrets(endpoint: McpEndpoint): string[] {
  const url = endpoint.transport === "STDIO" ? null : parseUrl(endpoint.url);
  if (!url) return [];
  return secretParameters(url).flatMap(({ value }) => [value, encodeURIComponent(value)]);
}

/** They are searched in each answer and change with a refresh, so they are sorted then. */
function withTokens(
  secrets: readonly string[],
  tokens: () => readonly string[],
): () => readonly string[] {
  let sent: readonly string[] | null = null;
  let all: readonly string[] = [];
  return () => {
    const now = tokens();
    if (now === sent) return all;
    sent = now;
    all = findable([...secrets, ...now]);
    return all;
  };
}

/** `Bearer abc` is sent as a whole, and may come back without its scheme. */
function withoutScheme(value: string): string {
  return value.replace(/^\S+\s+/, "");
}

function linesOf(value: string): string[] {
  const lines = value.split("\n").map((line) => line.trim());
  return lines.length === 1 ? [] : lines.filter((line) => line.length >= SHORTEST_LINE);
}

/** Shorter values are not secrets, and removing them would blank half of every text. */
const SHORTEST_SECRET = 6;
const REMOVED = "[removed]";

/** Those worth searching for, longest first: one may be part of another. */
function findable(secrets: readonly string[]): string[] {
  return [...new Set(secrets)]
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .sort((a, b) => b.length - a.length);
}

/**
 * A JSON value without the secrets, wherever they appear in it: in a text, in a name, or as a number.
 * If there are none it is the very same value.
 *
 * @param secrets from `findable`
 */
function withoutSecrets<Value>(value: Value, secrets: readonly string[]): Value {
  return cleaned(value, secrets) as Value;
}

function cleaned(value: unknown, secrets: readonly string[]): unknown {
  switch (typeof value) {
    case "string":
      return cleanedText(value, secrets);
    case "number":
      return secrets.includes(String(value)) ? REMOVED : value;
    case "object":
      if (value === null) return null;
      return Array.isArray(value) ? cleanedList(value, secrets) : cleanedObject(value, secrets);
    default:
      return value;
  }
}

function cleanedText(text: string, secrets: readonly string[]): string {
  let cleanText = text;
  for (const secret of secrets) cleanText = cleanText.replaceAll(secret, REMOVED);
  return cleanText;
}

function cleanedList(list: readonly unknown[], secrets: readonly string[]): readonly unknown[] {
  let changed = false;
  const clean = list.map((each) => {
    const cleanEach = cleaned(each, secrets);
    changed ||= cleanEach !== each;
    return cleanEach;
  });
  return changed ? clean : list;
}

function cleanedObject(value: object, secrets: readonly string[]): object {
  let changed = false;
  const entries = Object.entries(value).map(([name, each]) => {
    const entry = [cleanedText(name, secrets), cleaned(each, secrets)] as const;
    changed ||= entry[0] !== name || entry[1] !== each;
    return entry;
  });
  // Defines each name, `__proto__` too, where an assignment would call its setter.
  return changed ? Object.fromEntries(entries) : value;
}
