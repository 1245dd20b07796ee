import type { RequestId } from "@modelcontextprotocol/client";
import { boundedJsonOrNull, isJsonObject, type JsonObject, textIn } from "@/lib/bounded-json";
import { carried } from "@/lib/mcp/reading/as-it-came";

/** The awaited request at the place where a message came from. */
export type Awaited = {
  id: RequestId;
  method: string;
  /** From the 2026-07-28 revision, in which a result states its type. */
  modern: boolean;
};

/**
 * A result in the form that the SDK accepts: `null` for an optional field counts as absent, and unreadable
 * fields are left out individually. The contents of a tool list and a tool's answer are read by
 * `tool-list.ts` and `tool-result.ts`, piece by piece.
 *
 * @param awaited null: it is unknown what it answers
 */
export function readResult(result: unknown, awaited: Awaited | null): JsonObject {
  const given = withoutOddMeta(asObject(result, awaited?.method));
  if (awaited === null) return given;
  const read = readers[awaited.method]?.(given) ?? given;
  return withResultType(read, awaited);
}

const readers: Readonly<Record<string, (result: JsonObject) => JsonObject>> = {
  initialize: readInitializeResult,
  "server/discover": readDiscoverResult,
};

/** Some servers answer with only the list, the text or the number. */
function asObject(result: unknown, method: string | undefined): JsonObject {
  if (isJsonObject(result)) return result;
  if (method === "tools/list" && Array.isArray(result)) return { tools: result };
  if (method === "tools/call" && Array.isArray(result)) return { content: result };
  if (method === "tools/call" && typeof result === "string") {
    const inner = /^\s*\{/.test(result) ? boundedJsonOrNull(result) : null;
    if (isJsonObject(inner) && Array.isArray(inner.content)) return inner;
  }
  if (method === "tools/call" && ["string", "number", "boolean"].includes(typeof result)) {
    return { content: [{ type: "text", text: String(result) }] };
  }
  return {};
}

function withoutOddMeta(result: JsonObject): JsonObject {
  if (result._meta === undefined || isJsonObject(result._meta)) return result;
  const { _meta: _, ...rest } = result;
  return rest;
}

/** Versions of the handshake, newest first. @see https://modelcontextprotocol.io/specification/versioning */
export const handshakeVersions = [
  "2025-11-25",
  "2025-06-18",
  "2025-03-26",
  "2024-11-05",
  "2024-10-07",
];

/** The first version that has no handshake. */
export const firstWithoutHandshake = "2026-07-28";

function readInitializeResult(result: JsonObject): JsonObject {
  const { protocolVersion = result.protocol_version, serverInfo = result.server_info } = result;
  const info = isJsonObject(serverInfo) ? serverInfo : { name: serverInfo };
  const instructions = instructionsIn(result);
  return {
    ...(isJsonObject(result._meta) ? { _meta: result._meta } : {}),
    protocolVersion: spokenVersion(protocolVersion),
    capabilities: readCapabilities(result.capabilities),
    serverInfo: {
      name: textOr(info.name, ""),
      version: textOr(info.version, ""),
      ...(textIn(info.title) === undefined ? {} : { title: textIn(info.title) }),
    },
    ...(instructions === undefined ? {} : { instructions }),
  };
}

/** Where servers name the versions that they speak; the first one counts. */
const versionFields = [
  ...["supportedVersions", "supported_versions", "supportedProtocolVersions", "protocolVersions"],
  ...["protocolVersion", "protocol_version"],
];

/** One without any version says nothing, and stays as it is. */
function readDiscoverResult(result: JsonObject): JsonObject {
  const { capabilities, instructions: _, ...rest } = result;
  const named = versionFields.find((field) => (result[field] ?? null) !== null) ?? "";
  const versions = [result[named]].flat().filter((each) => typeof each === "string");
  if (versions.length === 0) return result;
  const instructions = instructionsIn(result);
  return {
    ...rest,
    supportedVersions: versions,
    capabilities: readCapabilities(capabilities),
    ...(instructions === undefined ? {} : { instructions }),
  };
}

function instructionsIn({ instructions }: JsonObject): string | undefined {
  const lines = Array.isArray(instructions) ? instructions : [instructions];
  const texts = lines.filter((each) => typeof each === "string");
  return texts.length === 0 ? undefined : texts.join("\n");
}

/** A date in any spelling, whatever follows it. */
const A_DATE = /^\s*(\d{4})[-/.]?(\d\d)[-/.]?(\d\d)(?!\d)/;

/**
 * The version to continue with. A date between two versions means the older one; a server that names no
 * date at all speaks the requested version, as far as can be told. A date after the newest of the
 * handshake is kept: that server speaks nothing that Usher does.
 */
function spokenVersion(given: unknown): string {
  const newest = handshakeVersions[0] ?? "";
  const [, ...date] = A_DATE.exec(textOr(given, "")) ?? [];
  if (date.length === 0) return newest;
  const version = date.join("-");
  // Gateways confirm it although it has no handshake; what was offered is spoken then.
  if (version === firstWithoutHandshake) return newest;
  if (version > newest) return version;
  return handshakeVersions.find((known) => known <= version) ?? handshakeVersions.at(-1) ?? newest;
}

/** Those that Usher reads; a server that names none at all is still asked for its tools. */
function readCapabilities(capabilities: unknown): JsonObject {
  if (!isJsonObject(capabilities)) return { tools: {} };
  const entries = Object.entries(capabilities).flatMap(([name, value]) => {
    if (name === "experimental" || name === "extensions" || name === "tasks") return [];
    if (isJsonObject(value)) return [[name, withoutNull(value)] as const];
    // PHP writes an empty object as a list.
    const isEmptyList = Array.isArray(value) && value.length === 0;
    return value === true || isEmptyList ? [[name, {}] as const] : [];
  });
  return Object.fromEntries(entries);
}

function withoutNull(value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => typeof each === "boolean"));
}

/** The least that the SDK accepts of a result of 2026-07-28 whose content Usher reads itself. */
const leastOf: Readonly<Record<string, JsonObject>> = {
  "tools/list": { tools: [], ttlMs: 0, cacheScope: "private" },
  "tools/call": { content: [] },
  "resources/read": { contents: [], ttlMs: 0, cacheScope: "private" },
};

/**
 * A result of the 2026-07-28 revision states its type; one without a known type is judged by its content. An older
 * server only asks in that form behind a gateway that passes on what a newer one says.
 */
function withResultType(result: JsonObject, { method, modern }: Awaited): JsonObject {
  const asks = /^input[_ -]?required$/i.test(textIn(result.resultType) ?? "");
  const least = leastOf[method];
  if (!modern) return asks && least ? carried(readInputRequired(result), least) : result;
  if (asks) return readInputRequired(result);
  const isComplete =
    (result.resultType ?? "complete") === "complete" ||
    ["content", "structuredContent", "contents", "tools"].some(
      (each) => result[each] !== undefined,
    );
  if (!isComplete) return result;
  const complete = { ...result, resultType: "complete" };
  return least ? carried(complete, { ...least, resultType: "complete" }) : complete;
}

/** Questions in a list are named by their place; one without a method can only be meant for the person. */
function readInputRequired(result: JsonObject): JsonObject {
  const { inputRequests = result.input_requests, requestState = result.request_state } = result;
  const given = Array.isArray(inputRequests) || isJsonObject(inputRequests) ? inputRequests : {};
  const entries = Object.entries(given).flatMap(([key, request]) => {
    if (!isJsonObject(request)) return [];
    if (typeof request.method === "string") return [[key, request] as const];
    const params = isJsonObject(request.params) ? request.params : request;
    return [[key, { method: "elicitation/create", params }] as const];
  });
  const isOdd = requestState !== undefined && requestState !== null;
  const state = textIn(requestState) ?? (isOdd ? JSON.stringify(requestState) : undefined);
  return {
    ...result,
    resultType: "input_required",
    inputRequests: Object.fromEntries(entries),
    requestState: state,
  };
}

function textOr(value: unknown, otherwise: string): string {
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? value : otherwise;
}
