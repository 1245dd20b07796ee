import { OutboundRefusedError } from "@/lib/errors";
import { exchange } from "@/lib/net/exchange";
import { unreachable } from "@/lib/net/failure";
import type { OutboundAgent } from "@/lib/net/outbound-agent";
import { checkUrl } from "@/lib/net/outbound-policy";
import { type OutboundRequest, readRequest } from "@/lib/net/outbound-request";
import { parseUrl } from "@/lib/parse-url";

export interface OutboundLimits {
  /** From the start to the answer's headers, connecting included. Default: 20,000. */
  readonly headersTimeoutMs?: number;
  /** For everything, redirects and body included. Default: 60,000; null for streams. */
  readonly totalTimeoutMs?: number | null;
  /** Between two pieces of the body, while somebody reads it. Default: null, no limit. */
  readonly idleTimeoutMs?: number | null;
  /** Of the body, decoded. Default: 16 MiB; null for streams. */
  readonly maxResponseBytes?: number | null;
  /**
   * `error` (default): a redirect is refused, so that no secret travels where nobody sent it.
   * `follow-checked`: GET and HEAD follow at most five, each checked like a first URL.
   */
  readonly redirects?: "error" | "follow-checked";
}

/** Shaped like the platform's fetch. `init.redirect: "manual"` hands a redirect out as it came. */
export type OutboundFetch = (
  input: string | URL | Request,
  init?: RequestInit,
) => Promise<Response>;

const MAX_REDIRECTS = 5;
/** All that goes along to another origin: a header of any other name may hold a key. */
const HEADERS_FOR_OTHERS = new Set(["accept", "accept-encoding", "accept-language", "user-agent"]);
const REDIRECT_STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/**
 * A fetch for everything that goes out of Usher: to URLs that people typed or servers named.
 *
 * It rejects with `OutboundRefusedError` (the URL, an address behind it, or a redirect is not
 * allowed), with `UnreachableError` (no usable answer came), or with the reason of `init.signal`.
 * A body breaks off with the same errors.
 */
export function createOutboundFetch(
  agent: OutboundAgent,
  limits: OutboundLimits = {},
): OutboundFetch {
  const {
    headersTimeoutMs = 20_000,
    totalTimeoutMs = 60_000,
    idleTimeoutMs = null,
    maxResponseBytes = 16 * 1024 * 1024,
    redirects = "error",
  } = limits;

  return async (input, init = {}) => {
    const signal = init.signal ?? (input instanceof Request ? input.signal : null);
    signal?.throwIfAborted();
    const startedAt = performance.now();
    let request = await readRequest(input, init);
    for (let followed = 0; ; followed++) {
      const remainingMs =
        totalTimeoutMs === null ? null : totalTimeoutMs - (performance.now() - startedAt);
      if (remainingMs !== null && remainingMs <= 0) throw unreachable("timeout", request.url.host);
      const decision = checkUrl(request.url, agent.policy);
      if (!decision.allowed) throw new OutboundRefusedError(decision.userMessage);
      const response = await exchange(
        await agent.dispatcher(),
        request,
        { headersTimeoutMs, remainingMs, idleTimeoutMs, maxResponseBytes },
        signal,
      );
      const location = REDIRECT_STATUSES.has(response.status)
        ? response.headers.get("location")
        : null;
      if (location === null || init.redirect === "manual") {
        return followed > 0 ? redirectedTo(response) : response;
      }
      await response.body?.cancel();
      const target = parseUrl(location, request.url);
      const follows = redirects === "follow-checked" && init.redirect !== "error";
      const safe = request.method === "GET" || request.method === "HEAD";
      if (!target || !follows || !safe || followed === MAX_REDIRECTS) {
        throw redirectRefused(request.url, target);
      }
      request = redirected(request, target);
    }
  };
}

function redirected(request: OutboundRequest, target: URL): OutboundRequest {
  if (target.origin === request.url.origin) return { ...request, url: target };
  const kept = Object.entries(request.headers).filter(([name]) => HEADERS_FOR_OTHERS.has(name));
  return { ...request, url: target, headers: Object.fromEntries(kept) };
}

/** Shows where it leads, without a query, which may hold a code or a token. */
function redirectRefused(from: URL, to: URL | null): OutboundRefusedError {
  const where = to ? ` to ${to.origin}${to.pathname}`.slice(0, 200) : "";
  return new OutboundRefusedError(
    `${from.host} answered with a redirect${where}, which Usher does not follow here. If that address is right, enter it instead.`,
  );
}

/** Event-stream readers go by it. */
function redirectedTo(response: Response): Response {
  return Object.defineProperty(response, "redirected", { value: true });
}
