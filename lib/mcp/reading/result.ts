import type { RequestId } from "@modelcontextprotocol/client";
import { isJsonObject, type JsonObject, textIn } from "@/lib/mcp/reading/json-object";

/** The request whose answer is awaited where a message came from. */
export type Awaited = {
  id: RequestId;
  method: string;
  /** Of the 2026-07-28 revision, where a result says of itself what it is. */
  modern: boolean;
};

/**
 * A result as the SDK takes it: `null` where a field may be absent is absent, and what cannot be read
 * is left out by itself. What the list of tools and an answer of a tool hold is read by
 * `tool-list.ts` and `tool-result.ts`, piece by piece.
 *
 * @param awaited null: it is not known what it answers
 */
export function readResult(result: unknown, awaited: Awaited | null): JsonObject {
  const given = withoutOddMeta(asObject(result, awaited?.method));
  if (awaited === null) return given;
  const read = awaited.method === "initialize" ? readInitializeResult(given) : given;
  return awaited.modern ? withResultType(read) : read;
}

/** Some servers answer with the list or the text alone. */
function asObject(result: unknown, method: string | undefined): JsonObject {
  if (isJsonObject(result)) return result;
  if (method === "tools/list" && Array.isArray(result)) return { tools: result };
  if (method === "tools/call" && Array.isArray(result)) return { content: result };
  if (method === "tools/call" && typeof result === "string") {
    return { content: [{ type: "text", text: result }] };
  }
  return {};
}

function withoutOddMeta(result: JsonObject): JsonObject {
  if (result._meta === undefined || isJsonObject(result._meta)) return result;
  const { _meta: _, ...rest } = result;
  return rest;
}

/** Versions of the handshake, the newest first. @see https://modelcontextprotocol.io/specification/versioning */
const handshakeVersions = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05", "2024-10-07"];

function readInitializeResult(result: JsonObject): JsonObject {
  const { protocolVersion, capabilities, serverInfo, instructions } = result;
  const info = isJsonObject(serverInfo) ? serverInfo : {};
  return {
    ...(isJsonObject(result._meta) ? { _meta: result._meta } : {}),
    protocolVersion: spokenVersion(protocolVersion),
    capabilities: readCapabilities(capabilities),
    serverInfo: {
      name: textOr(info.name, ""),
      version: textOr(info.version, ""),
      ...(textIn(info.title) === undefined ? {} : { title: textIn(info.title) }),
    },
    ...(typeof instructions === "string" ? { instructions } : {}),
  };
}

/**
 * The version to go on with. A date between two versions means the older one; a server that names no
 * date at all speaks what was asked for, as far as anybody can tell. A date after the newest of the
 * handshake is left as it is: that server speaks nothing that Usher does.
 */
function spokenVersion(version: unknown): string {
  const newest = handshakeVersions[0] ?? "";
  if (typeof version !== "string" || !/^\d{4}-\d\d-\d\d/.test(version)) return newest;
  if (version > newest && !handshakeVersions.includes(version)) return version;
  return handshakeVersions.find((known) => known <= version) ?? handshakeVersions.at(-1) ?? newest;
}

/** Those that Usher looks at; a server that names none at all is asked for its tools all the same. */
function readCapabilities(capabilities: unknown): JsonObject {
  if (!isJsonObject(capabilities)) return { tools: {} };
  const entries = Object.entries(capabilities).flatMap(([name, value]) => {
    if (name === "experimental" || name === "extensions" || name === "tasks") return [];
    if (isJsonObject(value)) return [[name, withoutNull(value)] as const];
    return value === true ? [[name, {}] as const] : [];
  });
  return Object.fromEntries(entries);
}

function withoutNull(value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => typeof each === "boolean"));
}

/** A result of the 2026-07-28 revision says what it is; one that says nothing known is what it looks like. */
function withResultType(result: JsonObject): JsonObject {
  const { resultType } = result;
  if (resultType === "input_required" || resultType === "complete") return result;
  const isComplete =
    resultType === undefined ||
    resultType === null ||
    result.content !== undefined ||
    result.structuredContent !== undefined ||
    result.contents !== undefined ||
    result.tools !== undefined;
  return isComplete ? { ...result, resultType: "complete" } : result;
}

function textOr(value: unknown, otherwise: string): string {
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? value : otherwise;
}
