import type { SdkHttpError } from "@modelcontextprotocol/client";
import { parseBoundedJson } from "@/lib/bounded-json";
import type { ServerWords } from "./server-words";
import type { McpTarget } from "./target";

/** An HTTP status other than success, in words. */
export function httpFailure(error: SdkHttpError, target: McpTarget, server: ServerWords): string {
  const { serverName, bearer, endpoint, notConnected } = target;
  const { status } = error;
  const body = typeof error.data.text === "string" ? error.data.text : "";
  const words = server.quote(errorText(body), 200);
  const itSaid = words === "" ? "" : ` It said: “${words}”`;

  if (status === 401 && notConnected) {
    return `${serverName} tells nothing before an account is connected. Authorize first, then test again.`;
  }
  if (status === 401 && bearer === null) {
    return `${serverName} wants a sign-in. Choose OAuth 2.0, or Headers with a key, in its Authentication section.`;
  }
  if (status === 401) return `${serverName} did not accept the token.${itSaid}`;
  if (status === 403) {
    return `${serverName} refused: this account may not do that, or may not use the server at all.${itSaid}`;
  }
  if (isWebPage(body) && status < 500) {
    return `${serverName} answered with a web page, not MCP (HTTP ${status}). Check the URL; many servers end in /mcp.`;
  }
  if (status === 404 && words === "") {
    return `There is no MCP server at the URL of ${serverName} (HTTP 404). Check the URL; many servers end in /mcp.`;
  }
  if (status === 405) {
    return endpoint.transport === "SSE"
      ? `${serverName} does not speak SSE at its URL (HTTP 405). Try the Streamable HTTP transport.`
      : `${serverName} does not speak Streamable HTTP at its URL (HTTP 405). Check the URL, or try the SSE transport; many servers end in /mcp or /sse.`;
  }
  if (status >= 500) {
    return `${serverName} is out of order (HTTP ${status}). Try again later; its operator may have to look.${itSaid}`;
  }
  return `${serverName} refused the request (HTTP ${status}).${itSaid}`;
}

/** The message of a JSON-RPC error, or the plain text; nothing of a web page. */
function errorText(body: string): string {
  if (isWebPage(body)) return "";
  try {
    const { error } = parseBoundedJson(body) as { error?: { message?: unknown } };
    return typeof error?.message === "string" ? error.message : "";
  } catch {
    return body;
  }
}

function isWebPage(body: string): boolean {
  return /^\s*<(!doctype html|html)/i.test(body.slice(0, 1_000));
}
