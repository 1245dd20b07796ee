import {
  type AuthorizationServer,
  allowInsecureRequests,
  type Client,
  type ClientAuth,
  customFetch,
} from "oauth4webapi";
import type { FlowStep } from "@/lib/contracts/servers/flow";
import type { TokenEndpointAuthMethod } from "@/lib/contracts/servers/oauth-client";
import { InvalidInputError, UnreachableError, UsherError } from "@/lib/errors";
import { challengedError } from "@/lib/oauth/challenge";
import type { OAuthClient, OAuthContext } from "@/lib/oauth/client";
import { byAssertion } from "@/lib/oauth/client-assertion";
import { type ProviderAnswer, waitAskedFor } from "@/lib/oauth/error-response";
import { type RawAnswer, type RawRequest, recordExchange } from "@/lib/oauth/recorded-exchange";
import { parseUrl } from "@/lib/parse-url";

/**
 * Everyone who waits for a refresh gets a result within 20 s, including the time to report it. A refresh's
 * lease lasts longer, so that no response comes after it.
 */
export const timeLimitMs = 19_500;
/** A response has a few hundred bytes; JWTs with many claims add some kilobytes. */
const SIZE_LIMIT = 256 * 1024;

/** What oauth4webapi sends, and what is sent without it. */
interface Post {
  /** GET: only for userinfo. */
  method: "POST" | "GET";
  headers: Record<string, string>;
  body: URLSearchParams | string | null;
  /** Returned as it came, and only where nothing secret is sent; otherwise a redirect is refused. */
  redirect?: "manual";
  signal?: AbortSignal;
}

type RequestOptions = {
  [customFetch]: (url: string, post: Post) => Promise<Response>;
  [allowInsecureRequests]: true;
  headers: { "user-agent": string };
  signal: AbortSignal;
};

/** The client and its server in oauth4webapi's form. */
export function serverAndClient(client: OAuthClient): [AuthorizationServer, Client] {
  const server: AuthorizationServer = {
    // oauth4webapi requires an issuer, which the requests made here do not use.
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
 * Runs one POST with oauth4webapi and reads the response, within its time limit and 256 KiB, following no
 * redirect (RFC 9700 §4.11: a redirected POST carries the credentials along).
 *
 * @throws {UnreachableError} No complete response came in time.
 */
export async function readAnswer(
  { url, field, kind, secrets: sent, timeLimitMs: limitMs = timeLimitMs }: Endpoint,
  ctx: OAuthContext,
  request: (options: RequestOptions) => Promise<Response>,
): Promise<ProviderAnswer> {
  const { host } = new URL(url);
  const secrets = sent.filter((secret) => secret !== null);
  const record = recorder(kind, secrets, ctx);
  const timeout = new AbortController();
  const timer = setTimeout(() => {
    timeout.abort(
      new UnreachableError("timeout", `${host} did not answer in time. Usher tries again later.`),
    );
  }, limitMs);
  try {
    const response = await request({
      [customFetch]: (to, init) => {
        record.sent(to, init);
        return ctx.outbound(to, init);
      },
      // Which URLs may go without TLS is the guard's decision, in ctx.outbound.
      [allowInsecureRequests]: true,
      headers: { "user-agent": "Usher" },
      signal: timeout.signal,
    });
    const { status, headers } = response;
    const body = await readText(response, host);
    record.answered({ status, contentType: headers.get("content-type"), body }, null);
    const retryAfterMs = () => waitAskedFor({ status, headers, body }, ctx.now());
    const challenged = () => challengedError(headers);
    const location = headers.has("location") ? parseUrl(headers.get("location") ?? "", url) : null;
    return { host, field, status, body, location, retryAfterMs, challenged, secrets };
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

/** Calls the observer, if there is one. */
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

/** By its length, beyond which HTTP reads nothing; for a body that grows when decoded it says nothing. */
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
        `${host} answered with more than a token answer can have. Ask an admin to check the address on the server's page.`,
      );
      await reader?.cancel(tooLarge);
      throw tooLarge;
    }
    text += decoder.decode(value, { stream: true });
  }
}

/**
 * Adds the client's credentials to a request, by its method.
 *
 * @returns with the values that must not appear in a message
 * @throws {InvalidInputError} The method needs a secret and none is stored.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1
 */
export async function clientAuthentication(
  client: OAuthClient,
  now: Date,
): Promise<{ authenticate: ClientAuth; secrets: (string | null)[] }> {
  return client.tokenEndpointAuthMethod === "PRIVATE_KEY_JWT"
    ? byAssertion(client, now)
    : { authenticate: bySecret(client), secrets: [client.clientSecret] };
}

function bySecret(client: OAuthClient): ClientAuth {
  const { clientId, tokenEndpointAuthMethod } = client;
  if (tokenEndpointAuthMethod === "NONE") {
    return (_server, _client, body) => body.set("client_id", clientId);
  }
  const secret = client.clientSecret;
  if (secret === null || secret === "") {
    throw new InvalidInputError({
      clientSecret:
        "The client secret is missing. Ask an admin to enter it on the server's page, or set the client authentication method to None.",
    });
  }
  if (tokenEndpointAuthMethod === "CLIENT_SECRET_POST") {
    return (_server, _client, body) => {
      body.set("client_id", clientId);
      body.set("client_secret", secret);
    };
  }
  const encode = tokenEndpointAuthMethod === "CLIENT_SECRET_BASIC" ? formEncode : asItIs;
  return (_server, _client, _body, headers) => {
    const credentials = `${encode(clientId)}:${encode(secret)}`;
    headers.set("authorization", `Basic ${Buffer.from(credentials).toString("base64")}`);
  };
}

function asItIs(text: string): string {
  return text;
}

/** Whether Basic sends characters other than those in the credentials, which a server must decode. */
export function changesUnderEncoding(
  client: Pick<OAuthClient, "clientId"> & { clientSecret: string },
): boolean {
  return [client.clientId, client.clientSecret].some((text) => formEncode(text) !== text);
}

/**
 * What else is worth trying if a server refuses the client's way of signing in: many servers do not decode
 * Basic, and some accept the method that they do not list. Nothing goes anywhere else than before.
 */
export function otherAuthMethods(client: OAuthClient): TokenEndpointAuthMethod[] {
  const { clientId, clientSecret, tokenEndpointAuthMethod: chosen } = client;
  if (chosen === "NONE" || clientSecret === null) return [];
  if (!changesUnderEncoding({ clientId, clientSecret })) {
    return [chosen === "CLIENT_SECRET_POST" ? "CLIENT_SECRET_BASIC" : "CLIENT_SECRET_POST"];
  }
  const methods = ["CLIENT_SECRET_BASIC_RAW", "CLIENT_SECRET_POST", "CLIENT_SECRET_BASIC"] as const;
  return methods.filter((each) => each !== chosen);
}

/**
 * Encoded like forms, leaving `-`, `.`, `_`, `*` alone, and `~` too, which decodes to itself.
 * oauth4webapi's own Basic escapes all of those: legal, but several providers never decode, and
 * most client ids have a dash or a dot.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#appendix-B
 */
function formEncode(text: string): string {
  return new URLSearchParams([["", text]]).toString().slice(1).replaceAll("%7E", "~");
}
