import { SdkHttpError, UnsupportedProtocolVersionError } from "@modelcontextprotocol/client";

/** How a server that does not know this kind of request refuses it, before it looks at what it asks. */
const REFUSED_UNREAD: ReadonlySet<number> = new Set([400, 404, 405, 406, 415]);

/**
 * Why a request certainly was not processed although it was sent, so that it may be sent again over
 * a new connection; null where nobody can tell, and a second try could do a thing twice.
 *
 * - `session_lost`: the server has forgotten the session.
 * - `outdated_era`: it no longer speaks what it did when it was asked.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#session-management
 */
export function unprocessed(
  error: unknown,
  connection: { hasSession: boolean; assumed: boolean },
): "session_lost" | "outdated_era" | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof UnsupportedProtocolVersionError && connection.assumed) {
      return "outdated_era";
    }
    if (!(cause instanceof SdkHttpError)) continue;
    if (connection.hasSession && saysSessionIsGone(cause)) return "session_lost";
    if (connection.assumed && REFUSED_UNREAD.has(cause.status)) return "outdated_era";
  }
  return null;
}

/** 404 by the specification; some servers answer 400 and name the session in the text. */
function saysSessionIsGone(error: SdkHttpError): boolean {
  if (error.status === 404) return true;
  return error.status === 400 && /\bsession\b/i.test(String(error.data.text ?? "").slice(0, 1_000));
}
