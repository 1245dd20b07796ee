import { ProtocolError, SdkHttpError } from "@modelcontextprotocol/client";
import { versionsIn, wordsOf } from "@/lib/mcp/client/handshake";
import { firstWithoutHandshake } from "@/lib/mcp/reading/result";

/** How a server that does not know this kind of request rejects it, before it reads the content. */
const REFUSED_UNREAD: ReadonlySet<number> = new Set([400, 404, 405, 406, 415]);

/**
 * Why a request was certainly not processed although it was sent, so that it may be sent again over
 * a new connection; null if this is uncertain, and a second try could do something twice.
 *
 * - `session_lost`: the server has forgotten the session.
 * - `outdated_era`: it no longer speaks what it did when it was asked.
 * - `older_era`: it answers the newer era's first question, and what is behind it, or one of its replicas, wants
 *   the handshake; or a proxy drops the newer era's headers.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#session-management
 */
export function unprocessed(
  error: unknown,
  connection: { hasSession: boolean; assumed: boolean; modern: boolean; proven: boolean },
): "session_lost" | "outdated_era" | "older_era" | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const versions = versionsAfterRefusal(cause);
    if (versions !== null) {
      const isOlder = connection.modern && versions.some((each) => each < firstWithoutHandshake);
      return isOlder && !versions.some((each) => each > firstWithoutHandshake)
        ? "older_era"
        : "outdated_era";
    }
    if (connection.modern) {
      const wantsSession = !connection.proven && asksForSession(cause);
      if (wantsSession || missesHeaders(cause)) return "older_era";
    }
    if (saysSessionIsGone(cause, connection)) {
      return connection.assumed && !connection.hasSession ? "outdated_era" : "session_lost";
    }
    if (!(cause instanceof SdkHttpError)) continue;
    if (connection.assumed && REFUSED_UNREAD.has(cause.status)) return "outdated_era";
  }
  return null;
}

/**
 * Of a JSON-RPC error that may precede the lookup of the method: a server's own ones, or "invalid request".
 *
 * @see https://www.jsonrpc.org/specification#error_object
 */
function precedesLookup(code: number): boolean {
  return (code <= -32000 && code >= -32099) || code === -32600;
}

/** Of a refusal that may precede the reading of the request; "": of any other failure. */
function earlyWords(error: unknown): string {
  const isEarly =
    error instanceof ProtocolError
      ? precedesLookup(error.code)
      : error instanceof SdkHttpError && (error.status === 400 || error.status === 422);
  return isEarly ? wordsOf(error).slice(0, 1_000) : "";
}

const UNSUPPORTED_VERSION = -32022;
/** In words, or by the code in a body. */
const aboutVersion =
  /"code"\s*:\s*-32022\b|unsupported (mcp )?protocol[ _-]?version|protocol[ _-]?version\b[^.]{0,80}\b(not supported|unsupported|unknown)/i;

/**
 * The versions that a server names when it refuses the one of a request, including that one; null: it refuses something
 * else. Drafts of 2026-07-28 had other codes.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning
 */
function versionsAfterRefusal(error: Error): string[] | null {
  if (error instanceof ProtocolError && error.code === UNSUPPORTED_VERSION) {
    return versionsIn(wordsOf(error));
  }
  const words = earlyWords(error);
  const versions = aboutVersion.test(words) ? versionsIn(words) : [];
  // A tool may speak of the versions of other protocols.
  return versions.length > 0 ? versions : null;
}

/** A server of the newer era has no sessions. Its tools may, so only a session's id counts. */
function asksForSession(error: Error): boolean {
  const words = earlyWords(error);
  return (
    notInitialized.test(words) || (/session[ _-]?id/i.test(words) && sessionIsGone.test(words))
  );
}

/** Whether the body of a refusal says that the server has forgotten the session. */
export function namesLostSession(text: string): boolean {
  return sessionIsGone.test(text.slice(0, 1_000));
}

const HEADER_MISMATCH = -32020;
const aboutHeaders =
  /\b(header ?mismatch|missing|requires?|required)\b[^.]{0,80}\bmcp-(method|name|param)/i;

/**
 * Whether a server found the headers wrong that repeat a request's body: the schema that says which changed, or a proxy
 * dropped them.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports — "Server Validation"
 */
export function missesHeaders(error: unknown): boolean {
  if (error instanceof ProtocolError && error.code === HEADER_MISMATCH) return true;
  return aboutHeaders.test(earlyWords(error));
}

/** The handshake is missing, whether or not there is a session. */
const notInitialized =
  /\b(not|never|un|before|until|without|must be)[ -]?(yet )?(been )?initiali[sz]/i;
/** Spelled as in a sentence, as a header, or as a variable. */
const sessionWord = "(?:mcp[ _-]?)?session(?:[ _-]?id)?(?![a-z])";
const aboutSession = new RegExp(`(?<![a-z])${sessionWord}`, "i");
const sessionIsGone = new RegExp(
  [
    `(?<![a-z])${sessionWord}[\\w -]{0,40}\\b(not found|unknown|invalid|expired|lost|closed|terminated|does not exist|doesn't exist|is gone|no longer|required|missing|timed out)`,
    `\\b(no|unknown|invalid|expired|missing|stale|not a valid|no valid|no such|lost|without)( [\\w-]+){0,3} ${sessionWord}`,
    "\\bsession (id )?not\\b",
  ].join("|"),
  "i",
);

/**
 * 404 by the specification. Others answer 410, 400 or 409 and name the session, 401, 403 or 503 and say that it is gone,
 * or 200 with an error that does. A tool may have its own sessions: those errors have other codes.
 */
function saysSessionIsGone(
  error: Error,
  { hasSession, proven }: { hasSession: boolean; proven: boolean },
): boolean {
  if (error instanceof SdkHttpError) {
    const { status } = error;
    const text = String(error.data.text ?? "").slice(0, 1_000);
    if (hasSession && (status === 404 || status === 410)) return true;
    // Some servers answer an unknown session as they answer a wrong key, or an account that may not use them.
    if (status === 401 && hasSession && proven) return true;
    if ([401, 403, 503].includes(status)) return hasSession && sessionIsGone.test(text);
    // A gateway's own failure quotes how the server behind it refused.
    if (status === 500 || status === 502) {
      return hasSession && /\bHTTP (400|404)\b/.test(text) && sessionIsGone.test(text);
    }
    if (![400, 404, 409, 410, 422].includes(status)) return false;
    return notInitialized.test(text) || (hasSession && (text === "" || aboutSession.test(text)));
  }
  if (!(error instanceof ProtocolError) || !precedesLookup(error.code)) return false;
  const message = error.message.slice(0, 1_000);
  return notInitialized.test(message) || (hasSession && sessionIsGone.test(message));
}
