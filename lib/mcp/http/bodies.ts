import {
  isJSONRPCErrorResponse,
  type JSONRPCMessage,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
} from "@modelcontextprotocol/client";
import { isJsonObject, objectsIn, TooDeepJsonError } from "@/lib/bounded-json";
import { UnreachableError } from "@/lib/errors";
import { jsonOrNull, modernVersion } from "@/lib/mcp/http/messages";
import { isSameId, mayAnswer, parseAnswer, readMessage } from "@/lib/mcp/reading/message";
import type { Awaited } from "@/lib/mcp/reading/result";
import { OutboundResponse } from "@/lib/net/response";
import { wellFormed } from "@/lib/untrusted-text";

export function awaitedBy(message: JSONRPCMessage): Awaited | null {
  if (!("method" in message && "id" in message)) return null;
  const { id, method } = message;
  return { id, method, modern: modernVersion(message) !== null };
}

/** In a valid encoding: arguments from a model may contain a lone surrogate. */
export function jsonText(message: JSONRPCMessage): string {
  const text = JSON.stringify(message);
  return /\\ud[89a-f]/.test(text) ? JSON.stringify(wellFormed(message)) : text;
}

/**
 * The JSON values of a body: one, a batch, or those that stand in other text, such as events under a wrong type.
 *
 * @param isPage by its type: some servers of PHP call everything a page, and write warnings around it. In a page
 *   only what calls itself JSON-RPC counts
 * @throws TooDeepJsonError
 */
export function messagesIn(text: string, awaited: Awaited | null, isPage: boolean): unknown[] {
  const values = valuesIn(text, awaited);
  if (!isPage) return values;
  return values.filter((value) => isJsonObject(value) && value.jsonrpc !== undefined);
}

function valuesIn(text: string, awaited: Awaited | null): unknown[] {
  try {
    return [parseAnswer(text, awaited)].flat();
  } catch (error) {
    if (error instanceof TooDeepJsonError) throw error;
    return objectsIn(text).map((json) => parseAnswer(json, awaited));
  }
}

/** "Method not found", "invalid params", "internal error". */
const OF_METHODS: ReadonlySet<number> = new Set([-32601, -32602, -32603]);
/** A person has to open a page first. No proxy says that, whatever the status. */
const URL_REQUIRED = -32042;

/** Whether an answer names another request, or none and says nothing; `isOther`: a request that is under way. */
export function isStray(
  value: unknown,
  awaited: Awaited | null,
  isOther: (id: unknown) => boolean,
): boolean {
  if (!awaited || !isJsonObject(value) || typeof value.method === "string") return false;
  if (isSameId(value.id, awaited.id) || isOther(value.id)) return false;
  const namesNone = (value.id ?? "") === "";
  return namesNone !== mayAnswer(value, awaited);
}

/** A body, also if the connection broke behind a whole answer: some servers end without the last chunk. */
export async function wholeText(response: Response): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    const wasCut = error instanceof UnreachableError && error.reason === "reset";
    const arrived = wasCut && response instanceof OutboundResponse ? response.arrived() : "";
    if (jsonOrNull(arrived) === null) throw error;
    return arrived;
  }
}

/** The answer to a message in the body of a failed response; null: the status is the answer. */
export function answerIn(
  text: string | null,
  status: number,
  message: JSONRPCMessage,
): JSONRPCMessage | null {
  const awaited = awaitedBy(message);
  const value = text === null ? null : jsonOrNull(text);
  const answer = readMessage(value, awaited);
  if (!answer || !isJsonObject(value) || !isSameId(value.id, awaited?.id ?? "")) return null;
  return "result" in answer || isAnswer(answer, status, message) ? answer : null;
}

/**
 * Whether an error with this status is the answer of the method itself. With any other error the status says
 * more, such as that a session is gone or a token is missing.
 */
function isAnswer(answer: JSONRPCMessage, status: number, request: JSONRPCMessage): boolean {
  if (!isJSONRPCErrorResponse(answer)) return false;
  if (answer.error.code === URL_REQUIRED) return true;
  // A 2026-era server rejects a version with 400 and a regular answer.
  if (status === 400 && modernVersion(request) !== null) return true;
  return (status === 400 || status === 422 || status >= 500) && OF_METHODS.has(answer.error.code);
}

export function withoutEnvelope(value: unknown): string {
  return isJsonObject(value)
    ? "a JSON object that is no message of MCP"
    : "JSON that is no message of MCP";
}

export function unexpectedType(contentType: string): SdkError {
  return new SdkError(SdkErrorCode.ClientHttpUnexpectedContent, "Unexpected content type", {
    contentType,
  });
}

/** An answer did not come, whatever came instead. */
export function brokeOff({ host }: URL, status: number): UnreachableError {
  return new UnreachableError(
    "reset",
    status === 202 || status === 204 || status === 205
      ? `${host} took the request (HTTP ${status}) and did not answer it.`
      : `${host} broke off before it had answered.`,
  );
}

export function httpError({ status, statusText }: Response, text: string | null): SdkHttpError {
  return new SdkHttpError(SdkErrorCode.ClientHttpNotImplemented, `HTTP ${status}`, {
    status,
    statusText,
    text,
  });
}

export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
