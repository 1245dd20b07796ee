import { wellKnownUrl } from "@/lib/oauth/metadata-document";
import { listOf, nestedIn, type Parameters, textOf } from "@/lib/oauth/parameters";
import { demandOfResource } from "@/lib/oauth/reading/unmet-demands";
import { scopeTokens } from "@/lib/oauth/scope";
import { parseUrl, secretParameters } from "@/lib/parse-url";
import { shownIdentifier } from "@/lib/untrusted-text";

/** @see https://www.rfc-editor.org/rfc/rfc9728#section-2 */
export interface ProtectedResource {
  /** Exactly as published: this is the value of `resource` (RFC 8707). */
  readonly resource: string;
  /** Issuers, in the server's order. Empty: it names none, against RFC 9728 as MCP uses it. */
  readonly authorizationServers: readonly string[];
  /** Null: not given. */
  readonly scopesSupported: readonly string[] | null;
  /** For people, as published; null: not given. */
  readonly resourceName: string | null;
  /** What it demands and Usher does not do, in words after "It". Absent: nothing. */
  readonly unmetDemand?: string;
}

type ReadProtectedResource =
  | { ok: true; resource: ProtectedResource }
  | {
      ok: false;
      /** `not_metadata`: a document about something else. */
      reason: "not_metadata" | "no_resource" | "other_resource";
      /** In words, after "It": "names no …". */
      problem: string;
      /** The URL that it is about, at this server's origin; null: none. */
      sibling: string | null;
    };

const SUFFIX = "oauth-protected-resource";
const SERVERS = "authorization_servers";
/** A server that lists more wants to keep us busy. */
const MOST_SERVERS = 10;

/**
 * Where a server's metadata may be if its challenge does not say: before its path, whose slash at the end some keep
 * and some leave out, after it, as no specification says and some do, then at the root, where MCP looks as well.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization/authorization-server-discovery#protected-resource-metadata-discovery-requirements
 */
export function protectedResourceUrls(serverUrl: string): string[] {
  const { origin, pathname, search } = new URL(serverUrl);
  const appended = `${origin}${pathname.replace(/\/$/, "")}/.well-known/${SUFFIX}`;
  const inserted = [wellKnownUrl(serverUrl, SUFFIX)];
  if (pathname.endsWith("/") && pathname !== "/") {
    inserted.push(`${origin}/.well-known/${SUFFIX}${pathname}${search}`);
  }
  return [...new Set([...inserted, appended, wellKnownUrl(origin, SUFFIX)])];
}

/**
 * Reads the metadata of the resource at `serverUrl`. Metadata of another resource are not used: they
 * would have tokens issued for another server, and sent to this one.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9728#section-3.3
 */
export function readProtectedResource(
  parameters: Parameters,
  serverUrl: string,
): ReadProtectedResource {
  const resource = textOf(parameters, "resource")?.trim() ?? null;
  if (resource === null) {
    const isOne = Object.hasOwn(parameters, "resource") || Object.hasOwn(parameters, SERVERS);
    const [reason, problem] = isOne
      ? (["no_resource", "names no resource"] as const)
      : (["not_metadata", "is no metadata of a resource"] as const);
    return { ok: false, reason, problem, sibling: null };
  }
  if (!isResourceOf(resource, serverUrl)) return other(resource, serverUrl);
  const single = nestedIn(parameters, SERVERS);
  const named = single === null ? (listOf(parameters, SERVERS) ?? []) : [single];
  const servers = named.map((one) => issuerIn(one, serverUrl)).filter((one) => one !== null);
  const scopes = listOf(parameters, "scopes_supported");
  const unmetDemand = demandOfResource(parameters);
  return {
    ok: true,
    resource: {
      resource,
      ...(unmetDemand === null ? {} : { unmetDemand }),
      authorizationServers: servers.slice(0, MOST_SERVERS),
      scopesSupported: scopes && scopeTokens(scopes),
      resourceName: textOf(parameters, "resource_name"),
    },
  };
}

function other(resource: string, serverUrl: string): Extract<ReadProtectedResource, { ok: false }> {
  const [published, server] = [parseUrl(resource), new URL(serverUrl)];
  const shown = shownIdentifier(resource);
  const reason = "other_resource";
  const isSibling = published?.origin === server.origin && published.href !== server.href;
  const sibling = isSibling && !/[#@]/.test(resource) ? published.href : null;
  if (published?.hostname === server.hostname && published.origin !== server.origin) {
    const what = published.protocol === server.protocol ? "port" : "scheme";
    const problem = `calls this server “${shown}”, with another ${what} than ${server.origin}, as servers behind a proxy do`;
    return { ok: false, reason, problem, sibling };
  }
  const problem = `is about another resource, “${shown}”, and not about this server`;
  return { ok: false, reason, problem, sibling };
}

const METADATA_PLACE = /\/\.well-known\/(oauth-authorization-server|openid-configuration)(?=\/|$)/;

/** Some name each server in an object, by its path, or by the place of its metadata. Null: no server. */
function issuerIn(named: unknown, serverUrl: string): string | null {
  const isObject = typeof named === "object" && named !== null;
  const given = isObject
    ? (textOf(named as Parameters, "issuer") ?? textOf(named as Parameters, "url"))
    : named;
  const text = typeof given === "string" ? given.trim() : "";
  const address = /^\/(?![\\/])/.test(text) ? new URL(serverUrl).origin + text : text;
  const url = parseUrl(address);
  if (url === null || !/^https?:$/.test(url.protocol)) return null;
  return address.replace(METADATA_PLACE, "");
}

/**
 * Whether a published identifier names the server at this URL: the URL itself, or a prefix of its path
 * from the root, as with servers whose metadata are at the root.
 */
export function isResourceOf(resource: string, serverUrl: string): boolean {
  const published = parseUrl(resource);
  if (!published) return false;
  const server = new URL(serverUrl);
  if (published.origin !== server.origin || published.origin === "null") return false;
  if (resource.includes("#") || published.username !== "" || published.password !== "")
    return false;
  if (published.search !== "" && published.search !== server.search) return false;
  const folder = (path: string) => (path.endsWith("/") ? path : `${path}/`);
  if (published.search !== "") return folder(published.pathname) === folder(server.pathname);
  return folder(server.pathname).startsWith(folder(published.pathname));
}

/**
 * The canonical identifier of an MCP server, as sent in `resource`: scheme and host in lower
 * case, no default port, no fragment, and no trailing slash if the path is only that.
 *
 * A longer path keeps its trailing slash: `/mcp` and `/mcp/` can be two servers. The query stays, as
 * some servers distinguish tenants by it, except for secrets in it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8707#section-2
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/authorization#canonical-server-uri
 * @throws {TypeError} `serverUrl` is not a URL; the form has checked that.
 */
export function resourceIdentifier(serverUrl: string): string {
  const url = new URL(serverUrl);
  url.hash = "";
  url.username = "";
  url.password = "";
  // For a server that was saved before the form rejected them: `resource` is sent to the provider.
  for (const { name } of secretParameters(url)) url.searchParams.delete(name);
  if (url.pathname === "/" && url.search === "") return url.origin;
  return url.href;
}
