import { parseBoundedJson } from "@/lib/bounded-json";
import type { DiscoveryLine } from "@/lib/contracts/servers/discovery";
import { type BearerChallenge, bearerChallenge } from "@/lib/oauth/challenge";
import { parseUrl } from "@/lib/parse-url";
import type { DiscoveryContext } from "./context";
import { beginLine, clauses, networkFailure } from "./context";
import { forgetSession, probeQuestions, protocolVersions, type Question } from "./questions";

/** A server's answer to a request without a token. */
export type Probe =
  | { outcome: "challenged"; challenge: BearerChallenge | null }
  /** It did what was asked, or refused for a reason other than the missing token. */
  | { outcome: "not_challenged"; answers: boolean }
  | { outcome: "failed"; reason: string; correctedUrl?: string };

interface Answer {
  readonly status: number;
  /** It succeeded, in a form that MCP defines. */
  readonly isMcp: boolean;
  /** It succeeded by its status only: its error says that a credential is missing. */
  readonly wantsCredential: boolean;
  /** It rejected the request for its version, and named that very version as one that it speaks. */
  readonly wantsItAgain: boolean;
  readonly challenge: BearerChallenge | null;
}

const MCP_CONTENT = /^(application\/json|text\/event-stream)\b/i;

/**
 * Asks an MCP server for its tools without a token, like a client that does not know it yet, and
 * reads the challenge in the response. A server that requires a handshake first, or speaks SSE, is asked
 * in that way.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization#protocol-requirements
 */
export async function* probeServer(
  serverUrl: string,
  ctx: DiscoveryContext,
): AsyncGenerator<DiscoveryLine, Probe> {
  const queue = probeQuestions(serverUrl);
  let retried = false;
  for (let at = 0; at < queue.length; at++) {
    const { asked, init } = queue[at] as Question;
    const line = beginLine("server", asked, clauses.challenge);
    yield line.running;
    const answer = await ask(serverUrl, init, ctx);
    if ("movedTo" in answer) {
      const { pathname, search } = new URL(answer.movedTo);
      const reason = `The server redirects to ${pathname}${search} at the same address. MCP requests are not redirected: use that URL.`;
      yield line.ended("failed", `${answer.status}: it redirects to ${answer.movedTo}.`, reason);
      return { outcome: "failed", reason, correctedUrl: answer.movedTo };
    }
    if ("failure" in answer) {
      yield line.ended(
        "failed",
        answer.failure,
        "Check the URL. Many servers end in /mcp or /sse.",
      );
      return { outcome: "failed", reason: answer.failure };
    }
    const { status, challenge } = answer;
    // Some send the challenge with another status.
    if (status === 401 || (status >= 400 && (challenge?.resourceMetadata.length ?? 0) > 0)) {
      yield line.ended("done", challengeInWords(status, challenge));
      return { outcome: "challenged", challenge };
    }
    if (answer.wantsCredential) {
      yield line.ended("done", `${status}: its error says that it requires a credential.`);
      return { outcome: "challenged", challenge };
    }
    if (answer.isMcp) {
      yield line.ended("done", `${status}: it answers without a token.`);
      return { outcome: "not_challenged", answers: true };
    }
    yield line.ended("absent", `${status}: not as an MCP server that is asked in this way.`);
    if (answer.wantsItAgain && !retried) {
      retried = true;
      queue.splice(at + 1, 0, queue[at] as Question);
    }
  }
  return { outcome: "not_challenged", answers: false };
}

async function ask(
  serverUrl: string,
  init: RequestInit,
  ctx: DiscoveryContext,
): Promise<Answer | { failure: string } | { status: number; movedTo: string }> {
  try {
    const response = await ctx.outbound(serverUrl, {
      ...init,
      redirect: "manual",
      ...(ctx.signal ? { signal: ctx.signal } : {}),
    });
    const error = await errorIn(response);
    const wantsItAgain = response.status === 400 && speaksOurVersion(error);
    const wantsCredential = response.ok && aboutCredential.test(wordsOf(error));
    // A stream has no end, and a page is useless here.
    if (!response.bodyUsed) await response.body?.cancel();
    await forgetSession(serverUrl, response.headers.get("mcp-session-id"), ctx);
    const { status, ok, headers } = response;
    if (status >= 300 && status < 400) return redirect(serverUrl, status, headers.get("location"));
    const isMcp = ok && MCP_CONTENT.test(headers.get("content-type") ?? "");
    const challenge = bearerChallenge(headers);
    return { status, isMcp, wantsItAgain, wantsCredential, challenge };
  } catch (error) {
    return { failure: networkFailure(error).userMessage };
  }
}

type Refusal = { message?: unknown; data?: { supported?: unknown } | null };

/** The error in a JSON-RPC response. Null: no error, or a stream, which may never end. */
async function errorIn(response: Response): Promise<Refusal | null> {
  if (!response.ok && response.status !== 400) return null;
  if (!/^application\/json\b/i.test(response.headers.get("content-type") ?? "")) return null;
  try {
    const answer = parseBoundedJson(await response.text()) as { error?: unknown } | null;
    const error = answer?.error;
    if (typeof error === "string") return { message: error };
    return typeof error === "object" ? error : null;
  } catch {
    // A list of tools that is too long to be read here is no refusal.
    return null;
  }
}

/**
 * A rejection for the version that names the very version that was sent, as from a server that was restarted,
 * or that is one of several of different ages: the same request may be sent once more.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning
 */
function speaksOurVersion(error: Refusal | null): boolean {
  const supported = error?.data?.supported;
  return Array.isArray(supported) && supported.includes(protocolVersions.now);
}

/** In the words of servers that refuse with HTTP 200. */
const aboutCredential =
  /\bunauthori[sz]ed\b|\bnot (authori[sz]ed|authenticated|logged in)\b|\bunauthenticated\b|\bauthentication (is )?(required|failed|needed)\b|\b(missing|invalid|no|requires?|provide) (an? |the |valid |your )*(api[ _-]?key|access[ _-]?token|bearer|token|credentials?|authorization)\b/i;

function wordsOf(error: Refusal | null): string {
  return typeof error?.message === "string" ? error.message.slice(0, 1_000) : "";
}

/** A redundant slash, or a new path. A URL at another origin has to be typed by a person. */
function redirect(serverUrl: string, status: number, location: string | null) {
  const from = new URL(serverUrl);
  const to = location === null ? null : parseUrl(location, from);
  if (to?.origin === from.origin && to.href !== from.href) return { status, movedTo: to.href };
  const where = to === null ? "" : ` to ${to.origin}${to.pathname}`.slice(0, 200);
  return {
    failure: `${from.host} answered with a redirect${where}, which Usher does not follow here. If that address is right, enter it instead.`,
  };
}

function challengeInWords(status: number, challenge: BearerChallenge | null): string {
  if (challenge === null) return `${status}: it requires a credential, and does not say which.`;
  const says = [
    challenge.resourceMetadata.length === 0 ? null : "where its metadata are",
    challenge.scope === null ? null : `the scopes “${challenge.scope.slice(0, 200)}”`,
  ].filter((each) => each !== null);
  return says.length === 0
    ? `${status}: it requires a token, and says no more.`
    : `${status}: it requires a token, and names ${says.join(" and ")}.`;
}
