import { boundedJsonOrNull, fieldsOf } from "@/lib/bounded-json";
import { type BearerChallenge, bearerChallenge, challengedSchemes } from "@/lib/oauth/challenge";
import { isWebPage } from "@/lib/oauth/parameters";
import { toldError } from "@/lib/oauth/told-error";
import { parseUrl } from "@/lib/parse-url";
import { providerText } from "@/lib/untrusted-text";
import { type DiscoveryContext, networkFailure } from "./context";
import { beginning, firstMessage } from "./first-message";
import { protocolVersions } from "./questions";

export interface ServerAnswer {
  readonly status: number;
  /** It succeeded, in a form that MCP defines. */
  readonly isMcp: boolean;
  /** It refuses with a success's status, or its error says that a credential is missing. */
  readonly refusal: { isError: boolean; wantsCredential: boolean };
  /** It rejected the request for its version, and named that very version as one that it speaks. */
  readonly wantsItAgain: boolean;
  readonly challenge: BearerChallenge | null;
  /** The schemes that it names for a credential, such as "basic"; "": it names none. */
  readonly schemes: string;
  /** Its error's words, fit to be shown; null: none. */
  readonly said: string | null;
  readonly sessionId: string | null;
}

type Moved = { status: number; movedTo: string };

const MCP_CONTENT = /^(application\/json|text\/event-stream)\b/i;

/** Asks an MCP server one thing without a token. A session that it opens for that is left open. */
export async function askServer(
  serverUrl: string,
  init: RequestInit,
  ctx: DiscoveryContext,
): Promise<ServerAnswer | { failure: string } | Moved> {
  try {
    const response = await ctx.outbound(serverUrl, {
      ...init,
      redirect: "manual",
      ...(ctx.signal ? { signal: ctx.signal } : {}),
    });
    const { status, ok, headers } = response;
    const isMcp = ok && MCP_CONTENT.test(headers.get("content-type") ?? "");
    const told = await refusalIn(response, isMcp && init.method === "POST");
    // A stream has no end, and a page is useless here.
    if (!response.bodyUsed) await response.body?.cancel();
    if (status >= 300 && status < 400) return redirect(serverUrl, status, headers.get("location"));
    return {
      status,
      isMcp,
      refusal: {
        isError: told !== null,
        wantsCredential: aboutCredential.test(told?.words.slice(0, 1_000) ?? ""),
      },
      wantsItAgain: status === 400 && (told?.speaksOurVersion ?? false),
      challenge: bearerChallenge(headers),
      schemes: challengedSchemes(headers).join(", "),
      said: providerText(told?.words || null),
      sessionId: headers.get("mcp-session-id"),
    };
  } catch (error) {
    return { failure: networkFailure(error).userMessage };
  }
}

/** What a server says of a request that it did not do; null: it did it, or says nothing. */
async function refusalIn(
  response: Response,
  isMessage: boolean,
): Promise<{ words: string; speaksOurVersion: boolean } | null> {
  const { status, ok, body } = response;
  if (ok && !isMessage) return null;
  if (ok) return errorIn(await firstMessage(response));
  // Its stream may never end.
  const isStream = /^text\/event-stream\b/i.test(response.headers.get("content-type") ?? "");
  if (status < 400 || isStream || body === null) return null;
  const text = await beginning(body);
  const told = isWebPage(text) ? null : toldError({ status, body: text });
  const words = told?.description ?? told?.code ?? "";
  return { words, speaksOurVersion: errorIn(boundedJsonOrNull(text))?.speaksOurVersion ?? false };
}

/** The error in a JSON-RPC response, or in one that resembles it. */
function errorIn(message: unknown): { words: string; speaksOurVersion: boolean } | null {
  const { error } = fieldsOf(message);
  if (typeof error === "string") return { words: error, speaksOurVersion: false };
  if (typeof error !== "object" || error === null) return null;
  const { message: words, data } = fieldsOf(error);
  return {
    words: typeof words === "string" ? words : "",
    speaksOurVersion: speaksOurVersion(fieldsOf(data).supported),
  };
}

/**
 * A rejection for the version that names the very version that was sent, as from a server that was restarted,
 * or that is one of several of different ages: the same request may be sent once more.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning
 */
function speaksOurVersion(supported: unknown): boolean {
  return Array.isArray(supported) && supported.includes(protocolVersions.now);
}

/** In the words of servers that refuse with another status than 401. */
const aboutCredential =
  /\bunauthori[sz]ed\b|\bnot (authori[sz]ed|authenticated|logged in)\b|\bunauthenticated\b|\bauthentication (is )?(required|failed|needed)\b|\b(missing|invalid|no|requires?|provide) (["'`]|an? |the |valid |your |x-)*(api[ _-]?key|access[ _-]?token|bearer|token|credentials?|authorization)\b|\b(api[ _-]?key|token|credentials?|authorization( header)?) (is |was |not )*(required|missing|needed|provided)\b|\b(please|must|need to) (log|sign) ?in\b/i;

/** A redundant slash, or a new path. A URL at another origin has to be typed by a person. */
function redirect(serverUrl: string, status: number, location: string | null) {
  const from = new URL(serverUrl);
  const to = location === null ? null : parseUrl(location, from);
  const where = to === null ? "" : ` to ${to.origin}${to.pathname}`.slice(0, 200);
  if (to !== null && SIGN_IN.test(to.pathname)) {
    return {
      failure: `${from.host} answered with a redirect${where}, which looks like a sign-in for people: a browser is expected at this address. Check the URL, also with or without a slash at its end.`,
    };
  }
  if (to?.origin === from.origin && to.href !== from.href) return { status, movedTo: to.href };
  return {
    failure: `${from.host} answered with a redirect${where}, which Usher does not follow here. If that address is right, enter it instead.`,
  };
}

const SIGN_IN = /\b(log|sign)[-_]?(in|on)\b|\b(oauth2?|authorize|sso|saml2?)(\/|$)/i;
