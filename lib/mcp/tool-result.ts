import { boundedJsonOrNull, isJsonObject, type JsonObject } from "@/lib/bounded-json";
import { type McpContent, readPart, tooMuch } from "@/lib/mcp/reading/content-part";
import { fittedJson, type ResultLimits, type Room } from "@/lib/mcp/reading/room";

export type McpToolResult = {
  content: McpContent[];
  /** Any JSON value; absent if the tool gave none. If it is too large it is truncated, and says so. */
  structuredContent?: unknown;
  /** The tool ran and reports a failure; `content` or `structuredContent` says why. */
  isError: boolean;
  /** True: something was truncated or left out; the content says so in place. */
  truncated: boolean;
};

export const resultLimits: ResultLimits = {
  textBytes: 1024 * 1024,
  binaryCharacters: 8 * 1024 * 1024,
  parts: 1_000,
};

/**
 * A tool's answer, within limits, read part by part: truncated or unreadable parts are marked in
 * place. It never throws, whatever came.
 */
export function toolResult(result: unknown, limits: ResultLimits = resultLimits): McpToolResult {
  const answer = inUsualNames(answerIn(result));
  const room: Room = { ...limits, truncated: false };
  const parts = [...partsOf(answer), ...(isTask(answer) ? [inTheBackground] : [])];
  const content = parts.slice(0, limits.parts).map((part) => readPart(part, room));
  if (parts.length > limits.parts) {
    room.truncated = true;
    content.push(tooMuch(`${parts.length - limits.parts} more parts of this answer were left out`));
  }
  const bare = bareAnswer(answer);
  const isError = saysFailed(answer, parts, bare);
  const { structuredContent, error } = answer;
  const reason = isError && error ? { error } : undefined;
  const structured = fittedJson(structuredContent ?? bare ?? reason, room);
  return {
    content,
    ...(structured === undefined ? {} : { structuredContent: structured }),
    isError,
    truncated: room.truncated,
  };
}

/**
 * `toolResult` is the name that servers used before November 2024; some put a whole answer there, or one answer into
 * another.
 */
function answerIn(result: unknown): JsonObject {
  if (!isJsonObject(result)) return {};
  const { content, structuredContent, toolResult: older, result: inner } = result;
  if ((content ?? structuredContent ?? null) !== null) return result;
  const whole = [older, inner].find((each) => isJsonObject(each) && "content" in each);
  return isJsonObject(whole) ? whole : result;
}

/** As Python's models are called when they are written without their aliases. */
function inUsualNames(answer: JsonObject): JsonObject {
  if (!("is_error" in answer || "structured_content" in answer)) return answer;
  const { is_error, structured_content, ...rest } = answer;
  return { isError: is_error, structuredContent: structured_content, ...rest };
}

/**
 * Lists in lists mean their entries: a tool that returns a list of parts may be wrapped in one more. PHP writes a list
 * with a gap as an object.
 */
function partsOf({ content, toolResult: older }: JsonObject): readonly unknown[] {
  const given = content ?? older ?? null;
  if (given === null) return [];
  const inText = typeof given === "string" && PARTS_IN_TEXT.test(given);
  const parts = inText ? (boundedJsonOrNull(given) ?? given) : given;
  if (Array.isArray(parts)) return parts.flat(2);
  const isList = isJsonObject(parts) && Object.keys(parts).every((each) => /^\d+$/.test(each));
  return isList ? Object.values(parts) : [parts];
}

const PARTS_IN_TEXT = /^\s*\[\s*\{\s*"type"\s*:/;

/** Some start a task although nobody asked for one: its result does not come here. */
function isTask(answer: JsonObject): boolean {
  if (partsOf(answer).length > 0 || (answer.structuredContent ?? null) !== null) return false;
  const { task } = answer;
  if (isJsonObject(task)) return typeof task.taskId === "string";
  const isPolled = ["ttl", "ttlMs", "pollInterval", "pollIntervalMs"].some(
    (each) => each in answer,
  );
  return typeof answer.taskId === "string" && (isPolled || answer.resultType === "task");
}

const inTheBackground = {
  type: "text",
  text: "[Usher: The server runs this as a task in the background, which Usher does not follow. The result is not here.]",
};

/** Fields of every result, which are not the tool's. */
const envelope: ReadonlySet<string> = new Set([
  ...["_meta", "content", "toolResult", "structuredContent", "isError", "resultType"],
  ...["ttlMs", "cacheScope"],
]);

/** The answer of a tool that returns its own object as the result, with nothing in `content`. */
function bareAnswer(answer: JsonObject): JsonObject | undefined {
  const given = answer.content ?? answer.toolResult ?? null;
  const isEmpty = given === null || (Array.isArray(given) && given.length === 0);
  if (!isEmpty || (answer.structuredContent ?? null) !== null) return undefined;
  const own = Object.entries(answer).filter(([name]) => !envelope.has(name));
  return own.length === 0 ? undefined : Object.fromEntries(own);
}

/** Some report a failure only by a part of the kind `error`, or by an object that has nothing else. */
function saysFailed(
  { isError }: JsonObject,
  parts: readonly unknown[],
  bare: JsonObject | undefined,
): boolean {
  if (isError === true || isError === 1 || isJsonObject(isError)) return true;
  if (typeof isError === "string" && isError.toLowerCase() === "true") return true;
  if (parts.some((part) => isJsonObject(part) && part.type === "error")) return true;
  if (bare === undefined) return false;
  return bare.type === "error" || (Object.keys(bare).length === 1 && Boolean(bare.error));
}
