import type { FetchLike } from "@modelcontextprotocol/client";
import { serverSettings } from "@/lib/contracts/servers/settings";
import { InsufficientScopeError, McpServerError, TryLaterError } from "@/lib/errors";
import type { Bearer } from "@/lib/mcp/client/bearer";
import type { McpTarget } from "@/lib/mcp/target";
import type { OutboundFetch, OutboundLimits } from "@/lib/net/fetch";
import { parseRetryAfter } from "@/lib/net/response";
import { insufficientScope, refusesToken } from "@/lib/oauth/challenge";
import { parseUrl } from "@/lib/parse-url";
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
  const confined = confinedTo(url, target.serverName, deps.outbound);
  const fetch = bearer ? bearer.attach(confined) : confined;
  return async (to, init) => {
    const response = await fetch(to, init);
    if (target.personalKey && refusesToken(response)) {
      await response.body?.cancel();
      return target.personalKey.refused();
    }
    const refusal =
      redirected(response, target, to) ??
      asksForPatience(response, target, deps.now()) ??
      asksForMoreScopes(response, target);
    if (!refusal) return response;
    await response.body?.cancel();
    throw refusal;
  };
}

/**
 * Headers and tokens go only to the origin that the admin entered: not to a redirect's target, and not
 * to another host that an SSE server names as its message endpoint.
 */
function confinedTo(server: URL, serverName: string, outbound: OutboundFetch): FetchLike {
  return async (to, init) => {
    const { origin } = to instanceof URL ? to : new URL(to);
    if (origin !== server.origin) {
      throw new McpServerError(
        `${serverName} asks for messages to be sent to ${oneLine(origin, 200)}, and not to the address in its URL. Usher does not do that. Its operator has to tell it the address by which it is reached.`,
      );
    }
    return outbound(to, { ...init, redirect: "manual" });
  };
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
  return new McpServerError(
    `${target.serverName} redirects to ${oneLine(to.origin + to.pathname, 300)}. Usher follows no redirects, so that no token travels along. If that is the right server, enter that address as its URL.`,
  );
}

/** A 503 without `Retry-After` is the server's own error, and is left to the caller. */
function asksForPatience(response: Response, target: McpTarget, now: Date): TryLaterError | null {
  if (response.status !== 429 && response.status !== 503) return null;
  const asked = parseRetryAfter(response.headers, now);
  if (response.status === 503 && asked === null) return null;
  const wait = asked ?? 30_000;
  return new TryLaterError(
    `${target.serverName} is asked too often just now. Try again in ${waitInWords(wait)}.`,
    { retryAfterMs: wait },
  );
}

/** @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization#scope-challenge-handling */
function asksForMoreScopes(
  response: Response,
  { serverName }: McpTarget,
): InsufficientScopeError | null {
  if (response.status !== 403) return null;
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
  return seconds < 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
}
