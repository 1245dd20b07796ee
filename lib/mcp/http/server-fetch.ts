import type { FetchLike } from "@modelcontextprotocol/client";
import { serverSettings } from "@/lib/contracts/servers/settings";
import { InsufficientScopeError, McpServerError, TryLaterError } from "@/lib/errors";
import type { Bearer } from "@/lib/mcp/client/bearer";
import { errorText } from "@/lib/mcp/reading/error-text";
import { serverWords } from "@/lib/mcp/server-words";
import type { McpTarget } from "@/lib/mcp/target";
import type { OutboundFetch, OutboundLimits } from "@/lib/net/fetch";
import { OutboundResponse } from "@/lib/net/response";
import { insufficientScope } from "@/lib/oauth/challenge";
import { parseUrl } from "@/lib/parse-url";
import { parseLimitReset, parseRetryAfter, waitToldIn } from "@/lib/retry-after";
import { oneLine } from "@/lib/untrusted-text";

/**
 * The requirements of a fetch for MCP servers: a tool may hold back its answer as long as a call may
 * take, and an SSE connection is open for hours without traffic.
 */
export const mcpOutboundLimits: OutboundLimits = {
  headersTimeoutMs: serverSettings.callLimitSeconds.max * 1000 + 10_000,
  totalTimeoutMs: null,
  idleTimeoutMs: null,
  maxResponseBytes: 16 * 1024 * 1024,
};

/** The fetch that one connection uses: only for this server, as this owner. */
export function serverFetch(
  target: McpTarget,
  url: URL,
  bearer: Bearer | null,
  deps: { outbound: OutboundFetch; now: () => Date },
): FetchLike {
  const confined = confinedTo(url, target.serverName, deps);
  const fetch = bearer ? bearer.attach(confined) : confined;
  const words = serverWords(
    target,
    () => bearer?.sent() ?? none,
    () => null,
  );
  return async (to, init) => {
    const response = await fetch(to, init);
    const wait = askedToWait(response, deps.now());
    if (wait !== null) {
      const body = await beginningOf(response);
      const said = words.quote(errorText(body), 200);
      throw asksForPatience(response.status, wait.ms ?? waitToldIn(body), target.serverName, said);
    }
    const refusal = redirected(response, target, to) ?? asksForMoreScopes(response, target);
    if (!refusal) return response;
    await response.body?.cancel();
    throw refusal;
  };
}

const none: readonly string[] = [];

/**
 * Headers and tokens go only to the origin that the admin entered: not to a redirect's target, and not
 * to another host that an SSE server names as its message endpoint.
 */
function confinedTo(
  server: URL,
  serverName: string,
  { outbound, now }: { outbound: OutboundFetch; now: () => Date },
): FetchLike {
  const cookies = new Cookies(now);
  return async (to, init) => {
    const url = to instanceof URL ? to : new URL(to);
    const { origin } = url;
    if (origin !== server.origin) {
      throw new McpServerError(
        `${serverName} asks for messages to be sent to ${oneLine(origin, 200)}, and not to the address in its URL. Usher does not do that. Its operator has to tell it the address by which it is reached.`,
      );
    }
    const headers = cookies.addedTo(init?.headers);
    const response = await outbound(to, { ...init, headers, redirect: "manual" });
    cookies.keep(response, url);
    return response;
  };
}

const MOST_COOKIES = 20;
const LONGEST_COOKIE = 4_096;
const COOKIE = /^\s*([!#$%&'*+.^`|~\w-]+)=([\x21-\x3a\x3c-\x7e]*)\s*(?:;|$)/;

/**
 * The cookies of one connection, in memory: by them a load balancer finds the process that knows the session. They
 * go back to the origin that set them and to no other, whatever `Domain` says.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6265#section-5
 */
class Cookies {
  readonly #values = new Map<string, string>();
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#now = now;
  }

  keep(response: Response, url: URL): void {
    const isSet =
      response instanceof OutboundResponse
        ? response.header("set-cookie") !== null
        : response.headers.has("set-cookie");
    if (!isSet) return;
    for (const line of response.headers.getSetCookie()) this.#keepOne(line, url);
  }

  #keepOne(line: string, { protocol, pathname }: URL): void {
    const [, name = "", value = ""] = COOKIE.exec(line) ?? [];
    if (name === "" || line.length > LONGEST_COOKIE) return;
    const attribute = (pattern: RegExp) => pattern.exec(line)?.[1]?.trim();
    const path = attribute(/;\s*path=([^;]*)/i);
    const isForHere =
      !path?.startsWith("/") || `${pathname}/`.startsWith(path.replace(/\/?$/, "/"));
    const needsTls = /;\s*secure\s*(;|$)/i.test(line);
    if (!isForHere || (needsTls && protocol !== "https:")) return;
    const seconds = attribute(/;\s*max-age=(-?\d+)/i);
    const until = Date.parse(attribute(/;\s*expires=([^;]*)/i) ?? "");
    const isOver = seconds === undefined ? until <= this.#now().getTime() : Number(seconds) <= 0;
    if (isOver) this.#values.delete(name);
    else if (this.#values.size < MOST_COOKIES || this.#values.has(name)) {
      this.#values.set(name, value);
    }
  }

  /** An admin's own cookies come first, and none is sent that has the name of one of them. */
  addedTo(given: HeadersInit | undefined): HeadersInit | undefined {
    if (this.#values.size === 0) return given;
    const headers = new Headers(given);
    const own = headers.get("cookie") ?? "";
    const names = new Set(own.split(";").map((each) => each.split("=")[0]?.trim()));
    const kept = [...this.#values].flatMap(([name, value]) =>
      names.has(name) ? [] : [`${name}=${value}`],
    );
    headers.set("cookie", [...(own === "" ? [] : [own]), ...kept].join("; "));
    return headers;
  }
}

function redirected(
  response: Response,
  target: McpTarget,
  from: string | URL,
): McpServerError | null {
  if (response.status < 300 || response.status >= 400) return null;
  const location = response.headers.get("location");
  const to = location === null ? null : parseUrl(location, from);
  if (!to) return null;
  const where = oneLine(to.origin + to.pathname, 300);
  return new McpServerError(
    SIGN_IN_PAGE.test(to.host + to.pathname)
      ? `${target.serverName} redirects to a page for signing in (${where}). What stands in front of it knows only browsers, or does not accept what Usher sent. Check its Authentication section, or ask its operator to let Usher through.`
      : `${target.serverName} redirects to ${where}. Usher follows no redirects, so that no token travels along. If that is the right server, enter that address as its URL.`,
  );
}

/** Of a company's proxy, such as Cloudflare Access: it asks for a sign-in instead of answering with 401. */
const SIGN_IN_PAGE = /(^|[^a-z])(log|sign)[-_]?in([^a-z]|$)|[/.](authorize|saml2?|sso)([/.]|$)/i;

/** A 503 without `Retry-After` is the server's own error, and is left to the caller. `ms` is null: it does not say. */
function askedToWait({ status, headers }: Response, now: Date): { ms: number | null } | null {
  if (status !== 429 && status !== 503) return null;
  if (status === 429) return { ms: parseLimitReset(headers, now) };
  const ms = parseRetryAfter(headers, now);
  return ms === null ? null : { ms };
}

/** For a server that does not say how long to wait. */
const USUAL_WAIT_MS = 30_000;

/** A quota that is used up for the month answers like a moment's haste: only its words say which it is. */
function asksForPatience(
  status: number,
  wait: number | null,
  serverName: string,
  said: string,
): TryLaterError {
  const why = status === 429 ? "is receiving too many requests" : "is temporarily unavailable";
  const itSaid = said === "" ? "" : ` It said: “${said}”`;
  const when = wait === null ? "a moment" : waitInWords(wait);
  return new TryLaterError(`${serverName} ${why}. Try again in ${when}.${itSaid}`, {
    retryAfterMs: wait ?? USUAL_WAIT_MS,
  });
}

/** For the reason of a refusal: it must not hold up the refusal itself. */
const reasonLimits = { characters: 16 * 1024, ms: 2_000 };

/** The rest is not read. */
async function beginningOf({ body }: Response): Promise<string> {
  const reader = body?.getReader();
  if (!reader) return "";
  const stop = () => void reader.cancel().catch(() => {});
  const timer = setTimeout(stop, reasonLimits.ms);
  const decoder = new TextDecoder();
  let text = "";
  try {
    while (text.length < reasonLimits.characters) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
    }
  } catch {
    // What arrived before it broke off is quoted.
  } finally {
    clearTimeout(timer);
    stop();
  }
  return text;
}

/** @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization#scope-challenge-handling */
function asksForMoreScopes(
  response: Response,
  { serverName }: McpTarget,
): InsufficientScopeError | null {
  if (response.status !== 401 && response.status !== 403) return null;
  const challenge = insufficientScope(response.status, response.headers);
  if (!challenge) return null;
  const asked = challenge.scope === null ? "" : ` It asks for: ${oneLine(challenge.scope, 300)}.`;
  return new InsufficientScopeError(
    challenge.scope,
    `${serverName} needs more permissions than were granted.${asked} An admin can add them to the server's scopes; then authorize again.`,
  );
}

export function waitInWords(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  if (seconds === 1) return "a second";
  if (seconds < 90) return `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 120 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`;
}
