import {
  type AuthorizationServer,
  allowInsecureRequests,
  type Client,
  customFetch,
} from "oauth4webapi";
import type { FlowStep } from "@/lib/contracts/servers/flow";
import { UnreachableError, UsherError } from "@/lib/errors";
import { parseRetryAfter } from "@/lib/net/response";
import type { OAuthClient, OAuthContext } from "@/lib/oauth/client";
import type { ProviderAnswer } from "@/lib/oauth/error-response";
import { type RawAnswer, type RawRequest, recordExchange } from "@/lib/oauth/recorded-exchange";

/**
 * Whoever waits for a refresh is told within 20 s, the time for saying so included. The lease of a
 * refresh holds for longer, so that no answer comes after it.
 */
export const timeLimitMs = 19_500;
/** An answer has a few hundred bytes; JWTs with many claims make some kilobytes. */
const SIZE_LIMIT = 256 * 1024;

/** What oauth4webapi sends, and what is sent without it. */
interface Post {
  /** GET: of userinfo alone. */
  method: "POST" | "GET";
  headers: Record<string, string>;
  body: URLSearchParams | string | null;
  signal?: AbortSignal;
}

type RequestOptions = {
  [customFetch]: (url: string, post: Post) => Promise<Response>;
  [allowInsecureRequests]: true;
  headers: { "user-agent": string };
  signal: AbortSignal;
};

/** The client and its server as oauth4webapi wants them. */
export function serverAndClient(client: OAuthClient): [AuthorizationServer, Client] {
  const server: AuthorizationServer = {
    // oauth4webapi wants an issuer, which the requests made here do not use.
    issuer: client.issuer ?? client.tokenEndpoint,
    token_endpoint: client.tokenEndpoint,
    revocation_endpoint: client.revocationEndpoint ?? undefined,
  };
  return [server, { client_id: client.clientId }];
}

interface Endpoint {
  readonly url: string;
  readonly field: ProviderAnswer["field"];
  readonly kind: FlowStep["kind"];
  /** In ms; `timeLimitMs` of this file unless given. */
  readonly timeLimitMs?: number;
  readonly secrets: readonly (string | null)[];
}

/**
 * Runs one POST of oauth4webapi and reads the answer, within its time limit and 256 KiB, following no
 * redirect (RFC 9700 §4.11: a redirected POST takes the credentials along).
 *
 * @throws {UnreachableError} No whole answer came in time.
 */
export async function readAnswer(
  endpoint: Endpoint,
  ctx: OAuthContext,
  request: (options: RequestOptions) => Promise<Response>,
): Promise<ProviderAnswer> {
  const { host } = new URL(endpoint.url);
  const secrets = endpoint.secrets.filter((secret) => secret !== null);
  const record = recorder(endpoint.kind, secrets, ctx);
  const timeout = new AbortController();
  const timer = setTimeout(() => {
    timeout.abort(
      new UnreachableError("timeout", `${host} did not answer in time. Usher tries again later.`),
    );
  }, endpoint.timeLimitMs ?? timeLimitMs);
  try {
    const response = await request({
      [customFetch]: (url, init) => {
        record.sent(url, init);
        return ctx.outbound(url, init);
      },
      // Which URLs may go without TLS is the guard's decision, in ctx.outbound.
      [allowInsecureRequests]: true,
      headers: { "user-agent": "Usher" },
      signal: timeout.signal,
    });
    const { status, headers } = response;
    const body = await readText(response, host);
    record.answered({ status, contentType: headers.get("content-type"), body }, null);
    const retryAfterMs = parseRetryAfter(headers, ctx.now());
    return { host, field: endpoint.field, status, body, retryAfterMs, secrets };
  } catch (cause) {
    const error =
      cause instanceof UsherError
        ? cause
        : new UnreachableError(
            "reset",
            `${host} could not be asked. Check that the address is right, or try again later.`,
            { cause },
          );
    record.answered(null, error.userMessage);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Tells the observer, where there is one. */
function recorder(kind: Endpoint["kind"], secrets: readonly string[], ctx: OAuthContext) {
  let request: { url: string; post: Post } | null = null;
  const at = ctx.now();
  const startedAt = performance.now();
  return {
    sent(url: string, post: Post) {
      request = { url, post };
    },
    answered(answer: RawAnswer | null, problem: string | null) {
      const sent = request;
      if (sent === null) return;
      const timing = { at, durationMs: performance.now() - startedAt };
      const context = { secrets, problem };
      ctx.observe?.(() => recordExchange(kind, timing, rawRequest(sent), answer, context));
    },
  };
}

function rawRequest({ url, post }: { url: string; post: Post }): RawRequest {
  const { method, headers, body } = post;
  return {
    method,
    url,
    authorization: new Headers(headers).get("authorization"),
    body: body === null ? null : String(body),
  };
}

/** As its length says, beyond which HTTP reads nothing; a body that grows as it is decoded says nothing. */
function isSmall({ headers }: Response): boolean {
  const length = headers.get("content-length");
  return length !== null && Number(length) <= SIZE_LIMIT && !headers.has("content-encoding");
}

async function readText(response: Response, host: string): Promise<string> {
  if (isSmall(response)) return response.text();
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  let text = "";
  let size = 0;
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done) return text + decoder.decode();
    size += value.byteLength;
    if (size > SIZE_LIMIT) {
      const tooLarge = new UnreachableError(
        "too_large",
        `${host} answered with more than a token answer can have. An admin checks the address on the server's page.`,
      );
      await reader?.cancel(tooLarge);
      throw tooLarge;
    }
    text += decoder.decode(value, { stream: true });
  }
}
