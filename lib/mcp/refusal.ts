import { type ProtocolError, SdkErrorCode, type SdkHttpError } from "@modelcontextprotocol/client";
import { callSettings } from "@/lib/contracts/servers/settings";
import type { OverLimit } from "@/lib/mcp/call-clock";
import { errorText, errorWords, isHtml } from "@/lib/mcp/reading/error-text";
import type { ServerWords } from "@/lib/mcp/server-words";
import type { McpTarget } from "@/lib/mcp/target";

/** What a request that failed asked for. Only a call may have changed something; the handshake comes first. */
export type Asked = "call" | "handshake" | "other";

/**
 * Ends what is said of a failure that leaves open whether the call ran. Neither the person nor the model is asked to
 * make it again unseen.
 */
export const mayHaveRun = "The call may have run; look before you try again.";

/** Of a path, not of something that a tool looks for. */
const saysOnlyNotFound =
  /^(|(the )?(page|path|route|resource|url)? ?not found\.?|cannot post \S+)$/i;
/** Cloudflare's firewall to programs: it names only its rule. */
const ofFirewall = /^error code: 10\d\d$/;
/** From a proxy, such as Cloudflare: the server itself may go on. */
const gaveUpWaiting: ReadonlySet<number> = new Set([504, 524]);

/** From what stands before the server and did not reach it, or from a server that does not know the request at all. */
const ranNothing: ReadonlySet<number> = new Set([501, 505, 521, 522, 523, 525, 526, 530]);

/** Of what stands before servers, whatever page comes with it. None of these ran anything. */
const refusals: ReadonlyMap<number, string> = new Map([
  [407, "is behind a proxy that requires authentication (HTTP 407). Ask its operator to check it."],
  [408, "did not receive the whole request in time (HTTP 408). Try again."],
  [413, "refused the request because it is too large (HTTP 413). Send less at once."],
  [
    421,
    "does not accept the host name in its URL (HTTP 421). Check the URL; its operator may have to allow that host.",
  ],
  [431, "refused the request because its headers are too large (HTTP 431). Check its headers."],
]);

/** What the status and the body of a refusal mean. */
export function httpFailure(
  error: SdkHttpError,
  target: McpTarget,
  server: ServerWords,
  asked: Asked,
): string {
  const { serverName, bearer, endpoint, notConnected } = target;
  const { status } = error;
  const body = typeof error.data.text === "string" ? error.data.text : "";
  const words = server.quote(errorText(body), 200);
  const said = itSaid(words);

  if (status === 401 && notConnected) {
    return `${serverName} answers only after an account is connected. Authorize first, then test again.`;
  }
  if (status === 401 && bearer === null && hasHeaders(endpoint)) {
    return `${serverName} did not accept its stored headers (HTTP 401). Enter a new key in its Authentication section.${said}`;
  }
  if (status === 401 && bearer === null) {
    return `${serverName} requires authentication. Choose OAuth 2.0, or Headers with a key, in its Authentication section.`;
  }
  if (status === 401) return `${serverName} did not accept the token.${said}`;
  if (status === 403 && isHtml(body)) {
    return `${serverName} answered with a web page, not MCP (HTTP 403). Something in front of it refused, such as a firewall or a check for browsers. Ask its operator to let Usher through.`;
  }
  if (status === 403 && ofFirewall.test(body.trim())) {
    return `${serverName} was not reached: something in front of it refused (HTTP 403), such as a firewall or a check for browsers. Ask its operator to let Usher through.${said}`;
  }
  if (status === 403) {
    return `${serverName} refused: this account may not do that, or may not use the server at all.${said}`;
  }
  const known = refusals.get(status);
  if (known !== undefined) return `${serverName} ${known}${said}`;
  const isNowhere = isHtml(body) || saysOnlyNotFound.test(words);
  if (isPathForMessages(error, target) && isNowhere) {
    return `${serverName} opened its stream, but nothing answers at the path that it named for messages (HTTP ${status}). Ask its operator to check that path; a proxy may have changed it.`;
  }
  if (isHtml(body) && status < 500) {
    return `${serverName} answered with a web page, not MCP (HTTP ${status}). ${checkAddress(endpoint)}`;
  }
  if (status === 404 && saysOnlyNotFound.test(words)) {
    return `There is no MCP server at the URL of ${serverName} (HTTP 404). ${checkAddress(endpoint)}`;
  }
  if (asked === "handshake" && unknownMethod.test(words)) return notMcp(target, words);
  if (status === 405) {
    return endpoint.transport === "SSE"
      ? `${serverName} does not speak SSE at its URL (HTTP 405). Try the Streamable HTTP transport.`
      : `${serverName} does not speak Streamable HTTP at its URL (HTTP 405). Check the URL, or try the SSE transport; many servers end in /mcp or /sse.`;
  }
  if (gaveUpWaiting.has(status)) {
    return `${serverName} did not answer in time: a proxy in front of it stopped waiting (HTTP ${status}). If it was asked to do something, it may have done so; look before you try again.${said}`;
  }
  if (status >= 500) {
    const isOpen = asked === "call" && !ranNothing.has(status);
    const advice = isOpen ? mayHaveRun : "Try again later; its operator may have to look.";
    return `${serverName} is out of order (HTTP ${status}). ${advice}${said}`;
  }
  return `${serverName} refused the request (HTTP ${status}).${said}`;
}

/** The stream is at the URL that the admin entered. Where messages go, the server says. */
function isPathForMessages({ status, code }: SdkHttpError, { endpoint }: McpTarget): boolean {
  const isUnknown = status === 404 || status === 405;
  return (
    endpoint.transport === "SSE" && isUnknown && code !== SdkErrorCode.ClientHttpFailedToOpenStream
  );
}

const unknownMethod =
  /\b(unknown|unsupported|invalid|no such) (\w+[ -])?method\b|\bmethod\b[^.]{0,60}\b(not (found|supported|available|implemented)|does not exist|unknown)/i;

/** Of a service that speaks JSON-RPC, and does not know the handshake of MCP. */
function notMcp({ serverName, endpoint }: McpTarget, words: string): string {
  return `${serverName} answered, but it does not know how an MCP connection begins. ${checkAddress(endpoint)}${itSaid(words)}`;
}

/** Names the usual ending of a URL only where it is missing. */
export function checkAddress(endpoint: McpTarget["endpoint"]): string {
  if (endpoint.transport === "STDIO") return "Check its command.";
  const usual = endpoint.transport === "SSE" ? "/sse" : "/mcp";
  return new URL(endpoint.url).pathname.replace(/\/$/, "").endsWith(usual)
    ? "Check the URL, or ask its operator."
    : `Check the URL; many servers end in ${usual}.`;
}

const METHOD_NOT_FOUND = -32601;

/** It worked if it refused a call; a server that refuses the handshake does not. */
export function refusedHandshake(
  error: ProtocolError,
  target: McpTarget,
  words: ServerWords,
): string {
  const quoted = words.quote(errorWords(error.message, error.data), 300);
  if (error.code === METHOD_NOT_FOUND || unknownMethod.test(quoted)) {
    return notMcp(target, quoted);
  }
  const refused = `${target.serverName} refused to begin a connection`;
  return quoted === ""
    ? `${refused} (error ${error.code}), and did not say why.`
    : `${refused}.${itSaid(quoted)}`;
}

/** How a call ended whose time was over, with the setting of the server that allows more. */
export function lateness(data: unknown): string {
  const { limit, ms = 0 } = (data ?? {}) as Partial<OverLimit>;
  if (limit === undefined) return "did not answer in time, and was told to stop.";
  const [what, setting] =
    limit === "silence"
      ? (["sent nothing for", callSettings.callTimeoutSeconds] as const)
      : (["had not finished after", callSettings.callLimitSeconds] as const);
  return `${what} ${ms / 1000} seconds, and was told to stop. An admin can allow more under “${setting.label}”.`;
}

/** Quoted; nothing for no words. */
export function itSaid(words: string, how: "said" | "wrote" = "said"): string {
  return words === "" ? "" : ` It ${how}: “${words}”`;
}

function hasHeaders(endpoint: McpTarget["endpoint"]): boolean {
  return endpoint.transport !== "STDIO" && Object.keys(endpoint.headers).length > 0;
}
