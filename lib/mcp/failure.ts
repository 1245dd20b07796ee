import {
  ProtocolError,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  UnsupportedProtocolVersionError,
} from "@modelcontextprotocol/client";
import { deepestJson, TooDeepJsonError } from "@/lib/bounded-json";
import { McpServerError, UnreachableError, UsherError } from "@/lib/errors";
import { McpRefusalError, UnreadableAnswerError } from "@/lib/mcp/errors";
import { errorText, errorWords, isHtml } from "@/lib/mcp/reading/error-text";
import type { ServerWords } from "@/lib/mcp/server-words";
import type { McpTarget } from "@/lib/mcp/target";

export const tooDeepAnswer = `JSON that nests more than ${deepestJson} levels deep, which Usher does not read`;

/**
 * What went wrong, as the class that says what the caller may do. A server's text appears in it
 * only as a quotation; its cause contains no text from the server, since causes are logged.
 */
export function explainFailure(error: unknown, target: McpTarget, words: ServerWords): UsherError {
  for (const cause of causes(error)) {
    const explained = explain(cause, target, words);
    if (explained) return explained;
  }
  return new McpServerError(
    `${target.serverName} did not answer as an MCP server should. Check its URL and its own log.`,
    { cause: withoutText(error) },
  );
}

/** An error's kind and codes: what may be logged of an error that contains a server's text. */
export function withoutText(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(typeof error);
  const code = "code" in error ? ` ${String(error.code)}` : "";
  const status = error instanceof SdkHttpError ? ` HTTP ${error.status}` : "";
  return new Error(`${error.name}${code}${status}`);
}

function explain(error: unknown, target: McpTarget, words: ServerWords): UsherError | null {
  if (error instanceof UsherError) return error;
  const options = { cause: withoutText(error) };
  if (error instanceof SdkHttpError) {
    return new McpServerError(httpFailure(error, target, words), options);
  }
  if (error instanceof ProtocolError) {
    const Refusal =
      error instanceof UnsupportedProtocolVersionError ? McpServerError : McpRefusalError;
    return new Refusal(refusal(error, target.serverName, words), options);
  }
  if (error instanceof SdkError) return sdkFailure(error, target, words);
  if (error instanceof TooDeepJsonError) {
    return new McpServerError(`${target.serverName} answered with ${tooDeepAnswer}.`, options);
  }
  if (error instanceof UnreadableAnswerError) {
    return new McpServerError(unreadable(error, target.serverName, words), options);
  }
  if (error instanceof SyntaxError || isSchemaError(error)) {
    return new McpServerError(
      `${target.serverName} answered, but not in the form that MCP has.`,
      options,
    );
  }
  return startFailure(error, target);
}

function unreadable(
  { what, method, said }: UnreadableAnswerError,
  serverName: string,
  words: ServerWords,
): string {
  const answered = `${serverName} answered with ${what}.`;
  const advice =
    method === "tools/call"
      ? "The call may have run; look before you try again."
      : method === "initialize"
        ? "Check the URL; many servers end in /mcp."
        : "Its operator may have to look.";
  return `${answered} ${advice}${itSaid(words.quote(said, 200))}`;
}

function refusal(error: ProtocolError, serverName: string, words: ServerWords): string {
  if (error instanceof UnsupportedProtocolVersionError) {
    return `${serverName} and Usher have no version of MCP in common. It speaks: ${words.quote(error.supported.join(", "), 100)}.`;
  }
  const quoted = words.quote(errorWords(error.message, error.data));
  return quoted === ""
    ? `${serverName} answered with error ${error.code} and no explanation.`
    : `${serverName} answered with an error: “${quoted}”`;
}

function sdkFailure(error: SdkError, target: McpTarget, words: ServerWords): UsherError | null {
  const { serverName, endpoint } = target;
  const options = { cause: withoutText(error) };
  switch (error.code) {
    case SdkErrorCode.RequestTimeout:
      return new UnreachableError(
        "timeout",
        `${serverName} did not answer in time, and was told to stop. Try again, or ask for less at once.`,
        options,
      );
    case SdkErrorCode.ConnectionClosed:
    case SdkErrorCode.NotConnected:
      return new UnreachableError(
        "reset",
        endpoint.transport === "STDIO"
          ? processFailure(serverName, words)
          : `The connection to ${serverName} broke off. Try again.`,
        options,
      );
    case SdkErrorCode.ClientHttpUnexpectedContent:
      return new McpServerError(
        isWebPage(error.data)
          ? `${serverName} answered with a web page, not MCP. Check the URL; many servers end in /mcp.`
          : `${serverName} answered, but not in a form that MCP has. Check the URL; many servers end in /mcp.`,
        options,
      );
    case SdkErrorCode.UnsupportedResultType:
      return new McpServerError(
        `${serverName} answered with a kind of result that Usher does not know.`,
        options,
      );
    case SdkErrorCode.ListPaginationExceeded:
      return new McpServerError(`${serverName} has no end to its list of tools.`, options);
    default:
      return null;
  }
}

function processFailure(serverName: string, words: ServerWords): string {
  const { ended, wrote } = words.ofProcess();
  const how = ended === "" ? "" : ` (${ended})`;
  const why = wrote === "" ? "It wrote nothing that says why." : `It wrote: “${wrote}”`;
  return `The process of ${serverName} ended${how}. ${why}`;
}

function startFailure(error: unknown, { serverName, endpoint }: McpTarget): McpServerError | null {
  if (endpoint.transport !== "STDIO" || !(error instanceof Error) || !("code" in error))
    return null;
  const options = { cause: withoutText(error) };
  if (error.code === "ENOENT") {
    return new McpServerError(
      `The command “${endpoint.command}” of ${serverName} was not found on the machine that Usher runs on. Install it there, or enter its whole path.`,
      options,
    );
  }
  if (error.code === "EACCES") {
    return new McpServerError(
      `Usher may not run the command “${endpoint.command}” of ${serverName}. Make it executable.`,
      options,
    );
  }
  return null;
}

/** The error and its causes; the SDK wraps some, and keeps the cause of some in `data`. */
function* causes(error: unknown): Generator<unknown> {
  let current = error;
  for (let depth = 0; current !== undefined && current !== null && depth < 8; depth++) {
    // A wrapper says less than its cause.
    const cause = current instanceof Error ? current.cause : undefined;
    if (cause === undefined || current instanceof UsherError) yield current;
    current = current instanceof UsherError ? undefined : cause;
  }
  yield error;
}

function isSchemaError(error: unknown): boolean {
  return error instanceof Error && (error.name === "ZodError" || error.name === "$ZodError");
}

function isWebPage(data: unknown): boolean {
  const contentType = (data as { contentType?: unknown } | undefined)?.contentType;
  return typeof contentType === "string" && contentType.startsWith("text/html");
}

/** Of a path, not of something that a tool looks for. */
const saysOnlyNotFound =
  /^(|(the )?(page|path|route|resource|url)? ?not found\.?|cannot post \S+)$/i;
/** From a proxy, such as Cloudflare: the server itself may go on. */
const gaveUpWaiting: ReadonlySet<number> = new Set([504, 524]);

function httpFailure(error: SdkHttpError, target: McpTarget, server: ServerWords): string {
  const { serverName, bearer, endpoint, notConnected } = target;
  const { status } = error;
  const body = typeof error.data.text === "string" ? error.data.text : "";
  const words = server.quote(errorText(body), 200);
  const said = itSaid(words);

  if (status === 401 && notConnected) {
    return `${serverName} answers only after an account is connected. Authorize first, then test again.`;
  }
  if (status === 401 && bearer === null) {
    return `${serverName} requires authentication. Choose OAuth 2.0, or Headers with a key, in its Authentication section.`;
  }
  if (status === 401) return `${serverName} did not accept the token.${said}`;
  if (status === 403 && isHtml(body)) {
    return `${serverName} answered with a web page, not MCP (HTTP 403). Something in front of it refused, such as a firewall or a check for browsers. Ask its operator to let Usher through.`;
  }
  if (status === 403) {
    return `${serverName} refused: this account may not do that, or may not use the server at all.${said}`;
  }
  if (isHtml(body) && status < 500) {
    return `${serverName} answered with a web page, not MCP (HTTP ${status}). Check the URL; many servers end in /mcp.`;
  }
  if (status === 404 && saysOnlyNotFound.test(words)) {
    return `There is no MCP server at the URL of ${serverName} (HTTP 404). Check the URL; many servers end in /mcp.`;
  }
  if (status === 405) {
    return endpoint.transport === "SSE"
      ? `${serverName} does not speak SSE at its URL (HTTP 405). Try the Streamable HTTP transport.`
      : `${serverName} does not speak Streamable HTTP at its URL (HTTP 405). Check the URL, or try the SSE transport; many servers end in /mcp or /sse.`;
  }
  if (gaveUpWaiting.has(status)) {
    return `${serverName} did not answer in time: a proxy in front of it stopped waiting (HTTP ${status}). If it was asked to do something, it may have done so; look before you try again.${said}`;
  }
  if (status >= 500) {
    return `${serverName} is out of order (HTTP ${status}). Try again later; its operator may have to look.${said}`;
  }
  return `${serverName} refused the request (HTTP ${status}).${said}`;
}

function itSaid(words: string): string {
  return words === "" ? "" : ` It said: “${words}”`;
}
