import type { Agent } from "undici";
import type { OutboundProxyEnv } from "@/lib/env/proxy";
import { InvalidInputError, OutboundRefusedError } from "@/lib/errors";
import type { DispatcherOptions } from "@/lib/net/dispatcher";
import { exchange, type OutboundRequest } from "@/lib/net/exchange";
import { unreachable } from "@/lib/net/failure";
import { checkUrl, type OutboundPolicy } from "@/lib/net/policy";
import { parseUrl } from "@/lib/parse-url";

export interface OutboundLimits {
  /** From the start to the response headers, including connecting. Default: 20,000. */
  readonly headersTimeoutMs?: number;
  /** For everything, including redirects and body. Default: 60,000; null for streams. */
  readonly totalTimeoutMs?: number | null;
  /** Between two chunks of the body, while it is being read. Default: null, no limit. */
  readonly idleTimeoutMs?: number | null;
  /** For the body, decoded. Default: 16 MiB; null for streams. */
  readonly maxResponseBytes?: number | null;
  /**
   * `error` (default): a redirect is refused, so that no secret goes where it was not meant to.
   * `follow-checked`: GET and HEAD follow at most five, each checked like a first URL.
   */
  readonly redirects?: "error" | "follow-checked";
}

/** `maxResponseBytes` takes the place of the limit for this request. */
export type OutboundInit = RequestInit & Pick<OutboundLimits, "maxResponseBytes">;

/** Shaped like the platform's fetch. `init.redirect: "manual"` returns a redirect as it came. */
export type OutboundFetch = (
  input: string | URL | Request,
  init?: OutboundInit,
) => Promise<Response>;

/** Kept connections under one policy. One instance serves the whole application. */
export interface OutboundAgent {
  readonly policy: OutboundPolicy;
  /** Loaded on first use: a starting process sends nothing yet. */
  dispatcher(): Promise<Agent>;
  /** Closes every connection; running requests fail. */
  close(): Promise<void>;
}

export function createOutboundAgent(
  policy: OutboundPolicy,
  options: DispatcherOptions = {},
): OutboundAgent {
  let loading: Promise<Agent> | null = null;
  const load = async () => {
    const { createGuardedDispatcher } = await import("@/lib/net/dispatcher");
    return createGuardedDispatcher(policy, options);
  };
  const dispatcher = () => {
    loading ??= load();
    return loading;
  };
  return { policy, dispatcher, close: async () => (await loading)?.destroy() };
}

/**
 * A fetch for addresses that the operator set, such as a model's API: through the proxy, and outside the
 * guard. Shaped like the platform's.
 */
export function createOperatorFetch(proxy: OutboundProxyEnv): typeof fetch {
  let dispatcher: Agent | null = null;
  const proxied = async (input: Parameters<typeof fetch>[0], init?: RequestInit) => {
    const { fetch: send } = await import("undici");
    const { createProxiedDispatcher } = await import("@/lib/net/dispatcher");
    dispatcher ??= createProxiedDispatcher(proxy);
    const address = input instanceof Request ? input.url : input;
    return send(address, { ...(init as object), dispatcher });
  };
  return proxied as unknown as typeof fetch;
}

const MAX_REDIRECTS = 5;
/** The only headers sent to another origin: any other may contain a key. */
const HEADERS_FOR_OTHERS = new Set(["accept", "accept-encoding", "accept-language", "user-agent"]);
const REDIRECT_STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/**
 * A fetch for everything outbound: to URLs that people typed or servers named.
 *
 * It rejects with `OutboundRefusedError` (the URL, an address behind it, or a redirect is not
 * allowed), with `UnreachableError` (no usable response came), or with the reason of `init.signal`.
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
        {
          ...{ headersTimeoutMs, remainingMs, idleTimeoutMs },
          maxResponseBytes:
            init.maxResponseBytes === undefined ? maxResponseBytes : init.maxResponseBytes,
        },
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

/** The target without its query, which may contain a code or a token. */
function redirectRefused(from: URL, to: URL | null): OutboundRefusedError {
  const where = to ? ` to ${to.origin}${to.pathname}`.slice(0, 200) : "";
  return new OutboundRefusedError(
    `${from.host} answered with a redirect${where}, which Usher does not follow here. If that address is right, enter it instead.`,
  );
}

/** Event-stream readers rely on it. */
function redirectedTo(response: Response): Response {
  return Object.defineProperty(response, "redirected", { value: true });
}

/** Headers about the connection itself; a caller's `host` would also choose the certificate to verify. */
const CONNECTION_HEADERS: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/**
 * Reads the arguments of a fetch. A body that is a stream is read to its end first: Usher sends
 * nothing large.
 *
 * @throws {InvalidInputError} It is not a URL, or a header cannot be sent; says which, not its value.
 * @see https://fetch.spec.whatwg.org/#dom-global-fetch
 */
async function readRequest(
  input: string | URL | Request,
  init: RequestInit,
): Promise<OutboundRequest> {
  const source = input instanceof Request ? input : null;
  const address = input instanceof Request ? input.url : input;
  if (!(address instanceof URL) && !parseUrl(address)) {
    throw new InvalidInputError({ url: "This is not a URL. Type the whole address." });
  }

  const headers: Record<string, string> = {
    accept: "*/*",
    "accept-encoding": "identity",
    "user-agent": "Usher",
  };
  const { body, contentType } = await readBody(init.body ?? source?.body ?? null);
  if (contentType !== null) headers["content-type"] = contentType;
  const given = init.headers ?? source?.headers ?? {};
  for (const [name, value] of Symbol.iterator in given ? given : Object.entries(given)) {
    setHeader(headers, String(name).toLowerCase(), String(value).trim());
  }
  const method = (init.method ?? source?.method ?? "GET").toUpperCase();
  return { url: address instanceof URL ? address : new URL(address), method, headers, body };
}

function setHeader(headers: Record<string, string>, name: string, value: string): void {
  if (CONNECTION_HEADERS.has(name)) return;
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
    throw new InvalidInputError({
      headers: `The header "${name.slice(0, 60)}" cannot be sent: its name or its value holds a character that HTTP does not allow, such as a line break. Enter it again.`,
    });
  }
  setOwn(headers, name, value);
}

async function readBody(
  body: BodyInit | null,
): Promise<{ body: string | Uint8Array | null; contentType: string | null }> {
  if (body === null) return { body: null, contentType: null };
  if (typeof body === "string") return { body, contentType: "text/plain;charset=UTF-8" };
  if (body instanceof URLSearchParams) {
    return {
      body: body.toString(),
      contentType: "application/x-www-form-urlencoded;charset=UTF-8",
    };
  }
  if (body instanceof Uint8Array) return { body, contentType: null };
  // Form data, blobs, buffers and streams: the platform knows how to serialize them.
  const written = new Response(body);
  return {
    body: new Uint8Array(await written.arrayBuffer()),
    contentType: written.headers.get("content-type"),
  };
}

/** An assignment to a header named `__proto__` would set nothing. */
export function setOwn(headers: Record<string, string>, name: string, value: string): void {
  if (name !== "__proto__") {
    headers[name] = value;
    return;
  }
  Object.defineProperty(headers, name, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  });
}
