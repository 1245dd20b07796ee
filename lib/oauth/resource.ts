import { secretParameters } from "@/lib/parse-url";

/**
 * The canonical identifier of an MCP server, as `resource` carries it: scheme and host in lower
 * case, no default port, no fragment, and no final slash where the path is nothing else.
 *
 * A longer path keeps its final slash: `/mcp` and `/mcp/` can be two servers. The query stays, as
 * some servers tell tenants apart by it, but for secrets in it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8707#section-2
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/authorization#canonical-server-uri
 * @throws {TypeError} `serverUrl` is no URL; the form has checked that.
 */
export function resourceIdentifier(serverUrl: string): string {
  const url = new URL(serverUrl);
  url.hash = "";
  url.username = "";
  url.password = "";
  // Of a server that was saved before the form refused them: `resource` is sent to the provider.
  for (const { name } of secretParameters(url)) url.searchParams.delete(name);
  if (url.pathname === "/" && url.search === "") return url.origin;
  return url.href;
}
