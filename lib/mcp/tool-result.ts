import { type McpContent, readPart, tooMuch } from "@/lib/mcp/reading/content-part";
import { isJsonObject, type JsonObject } from "@/lib/mcp/reading/json-object";
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
  const answer = answerIn(result);
  const room: Room = { ...limits, truncated: false };
  const parts = partsOf(answer);
  const content = parts.slice(0, limits.parts).map((part) => readPart(part, room));
  if (parts.length > limits.parts) {
    room.truncated = true;
    content.push(tooMuch(`${parts.length - limits.parts} more parts of this answer were left out`));
  }
  const bare = bareAnswer(answer);
  const structured = fittedJson(answer.structuredContent ?? bare, room);
  return {
    content,
    ...(structured === undefined ? {} : { structuredContent: structured }),
    isError: saysFailed(answer, parts, bare),
    truncated: room.truncated,
  };
}

/** `toolResult` is the name that servers used before November 2024; some put a whole answer there. */
function answerIn(result: unknown): JsonObject {
  if (!isJsonObject(result)) return {};
  const { content, toolResult: older } = result;
  const isWrapped = (content ?? null) === null && isJsonObject(older) && "content" in older;
  return isWrapped ? older : result;
}

function partsOf({ content, toolResult: older }: JsonObject): readonly unknown[] {
  const given = content ?? older ?? null;
  if (given === null) return [];
  return Array.isArray(given) ? given : [given];
}

/** Fields of every result, which are not the tool's. */
const envelope: ReadonlySet<string> = new Set([
  ...["_meta", "content", "toolResult", "structuredContent", "isError", "resultType"],
  ...["ttlMs", "cacheScope"],
]);

/** The answer of a tool that returns its own object as the result, without `content`. */
function bareAnswer(answer: JsonObject): JsonObject | undefined {
  const given = answer.content ?? answer.toolResult ?? answer.structuredContent ?? null;
  if (given !== null) return undefined;
  const own = Object.entries(answer).filter(([name]) => !envelope.has(name));
  return own.length === 0 ? undefined : Object.fromEntries(own);
}

/** Some report a failure only by a part of the kind `error`, or by an object that has nothing else. */
function saysFailed(
  { isError }: JsonObject,
  parts: readonly unknown[],
  bare: JsonObject | undefined,
): boolean {
  if (isError === true || isError === "true") return true;
  if (parts.some((part) => isJsonObject(part) && part.type === "error")) return true;
  if (bare === undefined) return false;
  return bare.type === "error" || (Object.keys(bare).length === 1 && Boolean(bare.error));
}
