import type { DiscoveryLine } from "@/lib/contracts/servers/discovery";
import type { BearerChallenge } from "@/lib/oauth/challenge";
import { askServer, type ServerAnswer } from "./ask-server";
import type { DiscoveryContext } from "./context";
import { beginLine, clauses, networkFailure } from "./context";
import { forgetSession, inSession, probeQuestions, type Question } from "./questions";

/** A server's answer to a request without a token. */
export type Probe =
  | { outcome: "challenged"; challenge: BearerChallenge | null; said: string | null }
  /** It did what was asked. */
  | { outcome: "not_challenged" }
  /** It refused for a reason other than the missing token, or is no MCP server. */
  | { outcome: "no_answer"; reason: string }
  | { outcome: "failed"; reason: string; correctedUrl?: string };

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
  const refusals: ServerAnswer[] = [];
  let retried = false;
  for (let at = 0; at < queue.length; at++) {
    const question = queue[at] as Question;
    const { answer, end } = yield* askOnce(serverUrl, question, ctx);
    const sessionId = answer?.sessionId ?? null;
    const isOpen = end?.outcome === "not_challenged" && question.opensSession === true;
    const known = isOpen ? yield* askInSession(serverUrl, sessionId, ctx) : null;
    await forgetSession(serverUrl, sessionId, ctx);
    if (end !== null) return known ?? end;
    if (answer === null) continue;
    refusals.push(answer);
    if (answer.wantsItAgain && !retried) {
      retried = true;
      queue.splice(at + 1, 0, question);
    }
  }
  return { outcome: "no_answer", reason: refusedReason(new URL(serverUrl).host, refusals) };
}

/** What a server asks for after a handshake that needed no token; null: nothing. */
async function* askInSession(
  serverUrl: string,
  sessionId: string | null,
  ctx: DiscoveryContext,
): AsyncGenerator<DiscoveryLine, Probe | null> {
  const { begun, question } = inSession(serverUrl, sessionId);
  try {
    const signal = ctx.signal ? { signal: ctx.signal } : {};
    const response = await ctx.outbound(serverUrl, { ...begun, redirect: "manual", ...signal });
    await response.body?.cancel();
  } catch (error) {
    networkFailure(error);
  }
  const { end } = yield* askOnce(serverUrl, question, ctx);
  return end?.outcome === "challenged" ? end : null;
}

/** `end` is null where another question may get another answer. */
async function* askOnce(
  serverUrl: string,
  { asked, init }: Question,
  ctx: DiscoveryContext,
): AsyncGenerator<DiscoveryLine, { answer: ServerAnswer | null; end: Probe | null }> {
  const line = beginLine("server", asked, clauses.challenge);
  yield line.running;
  const answer = await askServer(serverUrl, init, ctx);
  if ("movedTo" in answer) {
    const { pathname, search } = new URL(answer.movedTo);
    const reason = `The server redirects to ${pathname}${search} at the same address. MCP requests are not redirected: use that URL.`;
    yield line.ended("failed", `${answer.status}: it redirects to ${answer.movedTo}.`, reason);
    const end = { outcome: "failed", reason, correctedUrl: answer.movedTo } as const;
    return { answer: null, end };
  }
  if ("failure" in answer) {
    const advice = "Check the URL. Many servers end in /mcp or /sse.";
    yield line.ended("failed", answer.failure, advice);
    return { answer: null, end: { outcome: "failed", reason: answer.failure } };
  }
  const { status, challenge, refusal, said } = answer;
  const challenged = { outcome: "challenged", challenge, said } as const;
  // Some send the challenge with another status, even that of a success.
  if (WANTS_TOKEN.has(status) || (challenge !== null && (status >= 400 || refusal.isError))) {
    yield line.ended("done", challengeInWords(answer));
    return { answer, end: challenged };
  }
  if (refusal.wantsCredential) {
    yield line.ended(
      "done",
      `${status}: its error says that it requires a credential.${quoted(said)}`,
    );
    return { answer, end: challenged };
  }
  if (answer.isMcp) {
    yield line.ended("done", `${status}: it answers without a token.`);
    return { answer, end: { outcome: "not_challenged" } };
  }
  const how = "not as an MCP server that is asked in this way.";
  yield line.ended("absent", `${status}: ${how}${quoted(said)}`);
  return { answer, end: null };
}

/** The last two are Esri's: an invalid token, and none. */
const WANTS_TOKEN: ReadonlySet<number> = new Set([401, 498, 499]);

function challengeInWords({ status, challenge, schemes, said }: ServerAnswer): string {
  if (challenge === null) {
    const which = schemes === "" ? "and does not say which" : `by ${schemes}`;
    return `${status}: it requires a credential, ${which}.${quoted(said)}`;
  }
  const says = [
    challenge.resourceMetadata.length === 0 ? null : "where its metadata are",
    challenge.scope === null ? null : `the scopes “${challenge.scope.slice(0, 200)}”`,
  ].filter((each) => each !== null);
  return says.length === 0
    ? `${status}: it requires a token, and says no more.`
    : `${status}: it requires a token, and names ${says.join(" and ")}.`;
}

/** The server's own words, after a sentence. */
export function quoted(said: string | null): string {
  return said === null ? "" : ` (It said: “${said}”)`;
}

function refusedReason(host: string, refusals: readonly ServerAnswer[]): string {
  const [first] = refusals;
  const said = refusals.map((each) => each.said).find((each) => each !== null) ?? null;
  if (first && refusals.every(({ status }) => status >= 500 || status === 429)) {
    return `${host} answered ${first.status}: it has a temporary problem, or receives too many requests. Try again later.${quoted(said)}`;
  }
  if (first && refusals.every(({ status }) => status === 403)) {
    return `${host} refused every request with status 403, as firewalls do. Ask its operator to let Usher through, or check the URL.${quoted(said)}`;
  }
  return `${host} did not answer as an MCP server does. Check the URL; many servers end in /mcp.${quoted(said)}`;
}
