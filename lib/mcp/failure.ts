import {
  ProtocolError,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  UnsupportedProtocolVersionError,
} from "@modelcontextprotocol/client";
import { deepestJson, fieldsOf, TooDeepJsonError } from "@/lib/bounded-json";
import { McpServerError, UnreachableError, UsherError } from "@/lib/errors";
import { McpRefusalError, UnreadableAnswerError } from "@/lib/mcp/errors";
import { errorWords } from "@/lib/mcp/reading/error-text";
import {
  type Asked,
  checkAddress,
  httpFailure,
  itSaid,
  lateness,
  mayHaveRun,
  refusedHandshake,
} from "@/lib/mcp/refusal";
import type { ServerWords } from "@/lib/mcp/server-words";
import type { McpTarget } from "@/lib/mcp/target";

export const tooDeepAnswer = `JSON that nests more than ${deepestJson} levels deep, which Usher does not read`;

/**
 * What went wrong, as the class that says what the caller may do. A server's text appears in it
 * only as a quotation; its cause contains no text from the server, since causes are logged.
 */
export function explainFailure(
  error: unknown,
  target: McpTarget,
  words: ServerWords,
  asked: Asked = "other",
): UsherError {
  for (const cause of causes(error)) {
    const explained = explain(cause, target, words, asked);
    if (explained) return explained;
  }
  const advice = asked === "call" ? mayHaveRun : "Check its URL and its own log.";
  return new McpServerError(
    `${target.serverName} did not answer as an MCP server should. ${advice}`,
    { cause: withoutText(error) },
  );
}

/** What the SDK says where the answer to `initialize` names a version that it does not know. */
const UNKNOWN_VERSION = /^Server's protocol version is not supported: (.*)/s;

/** An error's kind and codes: what may be logged of an error that contains a server's text. */
export function withoutText(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(typeof error);
  const code = "code" in error ? ` ${String(error.code)}` : "";
  const status = error instanceof SdkHttpError ? ` HTTP ${error.status}` : "";
  return new Error(`${error.name}${code}${status}`);
}

function explain(
  error: unknown,
  target: McpTarget,
  words: ServerWords,
  asked: Asked,
): UsherError | null {
  if (error instanceof UnreachableError && error.reason === "reset" && asked === "call") {
    return leftOpen(error);
  }
  if (error instanceof UsherError) return error;
  const options = { cause: withoutText(error) };
  const version = error instanceof Error ? UNKNOWN_VERSION.exec(error.message)?.[1] : undefined;
  if (version !== undefined) {
    return new McpServerError(nothingInCommon(target.serverName, [version], words), options);
  }
  if (error instanceof SdkHttpError) {
    return new McpServerError(httpFailure(error, target, words, asked), options);
  }
  if (error instanceof ProtocolError) {
    if (error instanceof UnsupportedProtocolVersionError) {
      return new McpServerError(
        nothingInCommon(target.serverName, error.supported, words),
        options,
      );
    }
    if (asked === "handshake") {
      return new McpServerError(refusedHandshake(error, target, words), options);
    }
    const most = asked === "call" ? 2_000 : 300;
    return new McpRefusalError(refusal(error, target.serverName, words, most), options);
  }
  if (error instanceof SdkError) return sdkFailure(error, target, words, asked);
  if (error instanceof TooDeepJsonError) {
    return new McpServerError(`${target.serverName} answered with ${tooDeepAnswer}.`, options);
  }
  if (error instanceof UnreadableAnswerError) {
    return new McpServerError(unreadable(error, target, words), options);
  }
  if (error instanceof SyntaxError || isSchemaError(error)) {
    return new McpServerError(
      `${target.serverName} answered, but not in the form that MCP has.`,
      options,
    );
  }
  return startFailure(error, target);
}

/** The connection broke after the request was sent. */
function leftOpen(error: UnreachableError): UnreachableError {
  const what = error.userMessage.replace(/ Try again later\.$/, "");
  return new UnreachableError(error.reason, `${what} ${mayHaveRun}`, { cause: error });
}

function unreadable(
  { what, method, said }: UnreadableAnswerError,
  { serverName, endpoint }: McpTarget,
  words: ServerWords,
): string {
  const answered = `${serverName} answered with ${what}.`;
  const advice =
    method === "tools/call"
      ? mayHaveRun
      : method === "initialize"
        ? checkAddress(endpoint)
        : "Its operator may have to look.";
  return `${answered} ${advice}${itSaid(words.quote(said, 200))}`;
}

/** @param most characters of the server's words: a model corrects its arguments by them */
function refusal(
  error: ProtocolError,
  serverName: string,
  words: ServerWords,
  most: number,
): string {
  const quoted = words.quote(errorWords(error.message, error.data), most);
  return quoted === ""
    ? `${serverName} answered with error ${error.code} and no explanation.`
    : `${serverName} answered with an error: “${quoted}”`;
}

function nothingInCommon(serverName: string, versions: string[], words: ServerWords): string {
  return `${serverName} and Usher have no version of MCP in common. It speaks: ${words.quote(versions.join(", "), 100)}.`;
}

function sdkFailure(
  error: SdkError,
  target: McpTarget,
  words: ServerWords,
  asked: Asked,
): UsherError | null {
  const { serverName, endpoint } = target;
  const options = { cause: withoutText(error) };
  const or = (advice: string) => (asked === "call" ? mayHaveRun : advice);
  switch (error.code) {
    case SdkErrorCode.RequestTimeout:
      return new UnreachableError(
        "timeout",
        `${serverName} ${lateness(error.data)} ${or("Try again, or ask for less at once.")}`,
        options,
      );
    case SdkErrorCode.NotConnected:
    case SdkErrorCode.ConnectionClosed: {
      const ended =
        endpoint.transport === "STDIO"
          ? processFailure(serverName, words)
          : `The connection to ${serverName} broke off.`;
      const wasSent = asked === "call" && error.code === SdkErrorCode.ConnectionClosed;
      const advice = endpoint.transport === "STDIO" ? "" : " Try again.";
      return new UnreachableError(
        "reset",
        `${ended}${wasSent ? ` ${mayHaveRun}` : advice}`,
        options,
      );
    }
    case SdkErrorCode.ClientHttpUnexpectedContent: {
      if (fieldsOf(error.data).noAddress) {
        return new McpServerError(
          `${serverName} opened its stream, but did not say where messages go. If it speaks Streamable HTTP, choose that under Transport; otherwise ask its operator.`,
          options,
        );
      }
      const what = isWebPage(error.data)
        ? "answered with a web page, not MCP."
        : "answered, but not in a form that MCP has.";
      const advice = or(checkAddress(endpoint));
      return new McpServerError(`${serverName} ${what} ${advice}`, options);
    }
    case SdkErrorCode.UnsupportedResultType:
      return new McpServerError(
        isTask(error.data)
          ? `${serverName} runs this as a task in the background, which Usher does not follow. ${mayHaveRun}`
          : `${serverName} answered with a kind of result that Usher does not know. ${or("Its operator may have to look.")}`,
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
  const { contentType } = fieldsOf(data);
  return typeof contentType === "string" && contentType.startsWith("text/html");
}

function isTask(data: unknown): boolean {
  return fieldsOf(data).resultType === "task";
}
