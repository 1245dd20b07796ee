import type { FetchLike } from "@modelcontextprotocol/client";
import { ConflictError } from "@/lib/errors";
import type { BearerSource, PersonalKeySource } from "@/lib/mcp/target";
import { refusesToken } from "@/lib/oauth/challenge";
import { readTokenRefusal } from "./token-refusal";
import { namesLostSession } from "./unprocessed";

/** Parallel calls may use as many different tokens. */
const MOST_REMEMBERED = 8;

/** A request to a server. */
export type ServerRequestInit = RequestInit & {
  /**
   * False: the server's answer to it proves nothing about the token or key. Some refuse with 401 whatever they
   * do not know: a request of a newer protocol, a notification, a stream that they do not offer.
   */
  provesToken?: false;
};

export type Bearer = {
  attach(fetch: FetchLike): FetchLike;
  /** No token is sent from now on: the server behind this connection may have changed. */
  cutOff(): void;
  /**
   * The last tokens sent, to remove them from the server's answers. Also after a cut-off: an
   * earlier request may be answered after it.
   */
  sent(): readonly string[];
};

/**
 * Puts the owner's token on every request. After a 401, or its equivalent, the very same request is sent once more
 * with one better token; a second 401 is reported to the source, which knows what to do, unless it may be the session.
 *
 * It works below the SDK's transports instead of as their `AuthProvider`: `onUnauthorized()` is not
 * told which token was refused, and parallel calls use different ones. Here a request
 * knows its own token, so each does at most one `replace` and one retry, whatever the others do.
 *
 * The fetch throws the source's AuthorizationRequiredError and TryLaterError, and ConflictError once
 * it was cut off.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3.1
 */
export function createBearer(source: BearerSource, serverName: string): Bearer {
  const session = new AnsweredSession();
  let cut = false;
  let lastUsed: string | null = null;
  let recent: readonly string[] = [];

  function remember(token: string): void {
    lastUsed = token;
    if (recent[0] === token) return;
    recent = [token, ...recent.filter((each) => each !== token)].slice(0, MOST_REMEMBERED);
  }

  async function unlessCut(asking: Promise<string>): Promise<string> {
    const token = await asking;
    if (!cut) return token;
    throw new ConflictError(
      `The settings or the sign-in of ${serverName} changed during the call. Try again.`,
    );
  }

  return {
    attach:
      (fetch) =>
      async (url, given: ServerRequestInit = {}) => {
        const { provesToken: _, ...init } = given;
        // DELETE ends an unneeded session: no reason to refresh a token.
        if (init.method === "DELETE") return fetch(url, authorized(init, lastUsed));

        const token = await unlessCut(source.token());
        remember(token);
        const first = await fetch(url, authorized(init, token));
        if (!provesCredential(given)) return first;
        const { refused, response } = await readTokenRefusal(first);
        if (!refused) return session.noted(init, response);
        const lost = await refusalOfSession(init, response);
        if (lost) return lost;

        const isLost = session.mayBeLost(init);
        const replacement = await unlessCut(source.replace(token, isLost));
        if (replacement !== token) {
          remember(replacement);
          const retried = await readTokenRefusal(await fetch(url, authorized(init, replacement)));
          if (!retried.refused) return session.noted(init, retried.response);
          await retried.response.body?.cancel();
        }
        return isLost ? sessionIsGone() : source.reject(replacement);
      },
    cutOff: () => {
      cut = true;
      lastUsed = null;
    },
    sent: () => recent,
  };
}

/** Reports a refused key to its source, as `Bearer` does a token. @see PersonalKeySource */
export function withPersonalKey(fetch: FetchLike, key: PersonalKeySource): FetchLike {
  const session = new AnsweredSession();
  return async (url, init) => {
    const response = await fetch(url, init);
    if (!provesCredential(init)) return response;
    if (!refusesToken(response)) return session.noted(init, response);
    const lost = await refusalOfSession(init, response);
    if (lost) return lost;
    return session.mayBeLost(init) ? sessionIsGone() : key.refused();
  };
}

/**
 * Whether a connection's session has answered before: some servers refuse one that they have forgotten, such as after
 * a restart, as they refuse a token. Then the next session shows whose fault it is.
 */
class AnsweredSession {
  #answered = false;

  noted(init: RequestInit | undefined, response: Response): Response {
    if (response.ok && !this.#answered && hasSession(init)) this.#answered = true;
    return response;
  }

  mayBeLost(init: RequestInit | undefined): boolean {
    return this.#answered && hasSession(init);
  }
}

function hasSession(init: RequestInit | undefined): boolean {
  return new Headers(init?.headers).has("mcp-session-id");
}

/** @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#session-management */
function sessionIsGone(): Response {
  return new Response(null, { status: 404 });
}

/** Whether a refusal of this request says something about the token, or the key, that it carries. */
function provesCredential({ provesToken, method }: ServerRequestInit = {}): boolean {
  return provesToken !== false && method !== "DELETE";
}

/**
 * The response, if it is the session that its server does not know: some say so by a 401. The next session shows
 * whether it accepts the token. Null, and read to its end: it is the token.
 */
async function refusalOfSession(
  init: RequestInit | undefined,
  response: Response,
): Promise<Response | null> {
  const { status, statusText, headers } = response;
  const namesToken = /\berror=/i.test(headers.get("www-authenticate") ?? "");
  if (!hasSession(init) || namesToken) return response.body?.cancel().then(() => null) ?? null;
  const text = await response.text();
  return namesLostSession(text) ? new Response(text, { status, statusText, headers }) : null;
}

/** @see https://www.rfc-editor.org/rfc/rfc6750#section-2.1 */
function authorized(init: RequestInit, token: string | null): RequestInit {
  if (token === null) return init;
  const authorization = `Bearer ${token}`;
  if (isPlain(init.headers)) return { ...init, headers: { ...init.headers, authorization } };
  const headers = new Headers(init.headers);
  headers.set("authorization", authorization);
  return { ...init, headers };
}

/** Usher's transport passes lower-case names; the SDK passes Headers. */
function isPlain(headers: HeadersInit | undefined): headers is Record<string, string> {
  return headers !== undefined && Object.getPrototypeOf(headers) === Object.prototype;
}
