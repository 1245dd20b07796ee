import { boundedJsonOrNull } from "@/lib/bounded-json";
import { isWebPage, type Parameters, parseParameters } from "@/lib/oauth/parameters";

/** Shaped like fetch, through the guard that decides where requests may go. */
export type FetchDocument = (url: string, init: RequestInit) => Promise<Response>;

export type MetadataDocument =
  | { found: true; parameters: Parameters }
  | {
      found: false;
      /** A sentence, such as "404: nothing is there." */
      what: string;
      /** It may be there at another time: what is the matter and what to do, in sentences. Null: it is not there. */
      away: string | null;
      /** No answer came. */
      isUnreachable?: true;
      /** Whatever is there may not be read. */
      isRefused?: true;
    };

/** A 4xx that says nothing about what is there. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

/**
 * Fetches a metadata document. A missing document, or one that is not a JSON object, is not an error: there may be
 * another location to check.
 *
 * @throws UnreachableError | OutboundRefusedError from the given fetch
 * @see https://www.rfc-editor.org/rfc/rfc8414#section-3.2
 */
export async function fetchMetadata(url: string, fetch: FetchDocument): Promise<MetadataDocument> {
  const response = await fetch(url, { headers: { accept: "application/json" } });
  const { status, headers } = response;
  // A stream has no end: some servers open one for whatever is asked below their path.
  const isStream = /^text\/event-stream\b/i.test(headers.get("content-type") ?? "");
  if (!response.ok || isStream) {
    await response.body?.cancel();
    if (status > 499 || PASSING.has(status)) {
      const away = `${new URL(url).host} answered ${status} when it was asked for its metadata. Try again later.`;
      return { found: false, what: `${status}: it cannot be read right now.`, away };
    }
    if (status === 401 || status === 403) {
      return { found: false, what: `${status}: it may not be read.`, away: null, isRefused: true };
    }
    const answered = isStream ? `${status}, but an event stream` : String(status);
    return { found: false, what: `${answered}: nothing is there.`, away: null };
  }
  const text = await response.text();
  const parameters = documentIn(text);
  if (parameters) return { found: true, parameters };
  const kind = isWebPage(text) ? "a web page" : "no JSON document";
  return { found: false, what: `200, but ${kind}: nothing is there.`, away: null };
}

/** Some servers encode the document twice. */
function documentIn(text: string): Parameters | null {
  const start = text.trimStart();
  const inner = start.startsWith('"') ? boundedJsonOrNull(start) : text;
  if (typeof inner !== "string" || !inner.trimStart().startsWith("{")) return null;
  return parseParameters(inner);
}

/**
 * Inserts a well-known path between the host and the path of an identifier. A trailing slash of the
 * path is dropped.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8414#section-3.1
 * @see https://www.rfc-editor.org/rfc/rfc9728#section-3.1
 */
export function wellKnownUrl(identifier: string, suffix: string): string {
  const url = new URL(identifier);
  const path = url.pathname.replace(/\/$/, "");
  return `${url.origin}/.well-known/${suffix}${path}${url.search}`;
}

export interface MetadataPlace {
  readonly url: string;
  /** The specification for that location. */
  readonly clause: { readonly name: string; readonly url: string };
}

/**
 * Where the metadata of an issuer may be, in MCP's order.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization/authorization-server-discovery#authorization-server-metadata-discovery
 */
export function authorizationServerUrls(issuer: string): MetadataPlace[] {
  const url = new URL(issuer);
  const path = url.pathname.replace(/\/$/, "");
  const oauth = {
    url: wellKnownUrl(issuer, "oauth-authorization-server"),
    clause: {
      name: "RFC 8414 §3.1",
      url: "https://www.rfc-editor.org/rfc/rfc8414#section-3.1",
    },
  };
  const inserted = {
    url: wellKnownUrl(issuer, "openid-configuration"),
    clause: { name: "RFC 8414 §5", url: "https://www.rfc-editor.org/rfc/rfc8414#section-5" },
  };
  const appended = {
    url: `${url.origin}${path}/.well-known/openid-configuration`,
    clause: {
      name: "OpenID Connect Discovery §4",
      url: "https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig",
    },
  };
  // No specification mentions it, and some servers have it only there.
  const misplaced = {
    url: `${url.origin}${path}/.well-known/oauth-authorization-server`,
    clause: oauth.clause,
  };
  return path === "" ? [oauth, inserted] : [oauth, inserted, appended, misplaced];
}

/**
 * The metadata of the origin of an issuer with a path; null: it has no path. Some servers name their issuer with a path
 * and publish it without.
 */
export function originMetadata(issuer: string): MetadataPlace | null {
  const { origin, pathname } = new URL(issuer);
  return pathname === "/" ? null : (authorizationServerUrls(origin)[0] ?? null);
}
