import type { Client, Tool } from "@modelcontextprotocol/client";
import { formatNumber } from "@/lib/contracts/format";
import type { CatalogueTool, ServerInfo } from "@/lib/contracts/servers/catalogue";
import { McpServerError } from "@/lib/errors";
import type { ProtocolEra } from "@/lib/mcp/client/protocol-era";
import type { ServerWords } from "@/lib/mcp/server-words";
import type { McpTarget } from "@/lib/mcp/target";
import { oneLine } from "@/lib/untrusted-text";

export type ListedTools = {
  tools: CatalogueTool[];
  /** How many the server listed that cannot be used: a bad name, a name twice, a schema out of bounds. */
  unusable: number;
  /** How long the server says the list holds, in ms; null where it does not say. */
  ttlMs: number | null;
};

export type ReadCatalogue = ListedTools & {
  serverInfo: ServerInfo | null;
  /** To be stored, and given back through `storedEra`. */
  era: ProtocolEra;
};

export type ReadCatalogueOptions = {
  signal?: AbortSignal;
  /** The handshake is done; the list of tools is asked for. */
  onConnected?: () => void;
  /** Uses open connections, so that calls under way go on; otherwise reconnects. */
  keepConnections?: boolean;
};

const MAX_TOOLS = 1_000;
const MAX_DESCRIPTION = 8_000;
const MAX_SCHEMA_CHARACTERS = 256 * 1024;
const MAX_ALL_SCHEMAS_CHARACTERS = 4 * 1024 * 1024;
/** Longer than a week is no hint any more. */
const MAX_TTL_MS = 7 * 24 * 3_600_000;
/** Wider than what MCP recommends, since servers are; but nothing that looks like another name. */
const TOOL_NAME = /^[A-Za-z0-9_./:-]{1,128}$/;

/**
 * Lists the tools over an open connection, in bounds.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/server/tools#tool-names
 */
export async function listTools(
  client: Client,
  target: McpTarget,
  words: Pick<ServerWords, "withoutCredentials">,
  options: { signal?: AbortSignal | undefined },
): Promise<ListedTools> {
  if (!client.getServerCapabilities()?.tools) return { tools: [], unusable: 0, ttlMs: null };
  // Bypass: the SDK's own copy of the list would make it judge results by the server's schemas.
  const listed = words.withoutCredentials(
    await client.listTools(undefined, {
      ...(options.signal ? { signal: options.signal } : {}),
      cacheMode: "bypass",
    }),
  );
  if (listed.tools.length > MAX_TOOLS) {
    throw new McpServerError(
      `${target.serverName} offers ${formatNumber(listed.tools.length)} tools; Usher takes ${formatNumber(MAX_TOOLS)} at most. Ask its operator for a smaller set.`,
    );
  }
  const tools = usableTools(listed.tools);
  return { tools, unusable: listed.tools.length - tools.length, ttlMs: ttlOf(listed) };
}

/** What the server says of itself; null where it says nothing. */
export function serverInfo(client: Client): ServerInfo | null {
  const version = client.getServerVersion();
  const protocolVersion = client.getNegotiatedProtocolVersion() ?? null;
  const instructions = client.getInstructions();
  if (!version && protocolVersion === null) return null;
  return {
    name: oneLine(version?.name ?? "", 200) || "Unnamed server",
    version: oneLine(version?.version ?? "", 100),
    title: version?.title === undefined ? null : oneLine(version.title, 200),
    protocolVersion,
    instructions: instructions === undefined ? null : instructions.slice(0, MAX_DESCRIPTION),
  };
}

function usableTools(listed: readonly Tool[]): CatalogueTool[] {
  const tools = new Map<string, CatalogueTool>();
  let room = MAX_ALL_SCHEMAS_CHARACTERS;
  for (const tool of listed) {
    const size = schemaCharacters(tool.inputSchema);
    const usable = TOOL_NAME.test(tool.name) && size <= Math.min(MAX_SCHEMA_CHARACTERS, room);
    if (!usable || tools.has(tool.name)) continue;
    room -= size;
    tools.set(tool.name, catalogueTool(tool));
  }
  return [...tools.values()];
}

function catalogueTool(tool: Tool): CatalogueTool {
  const { annotations = {} } = tool;
  const title = tool.title ?? annotations.title;
  const hints = {
    readOnlyHint: annotations.readOnlyHint,
    destructiveHint: annotations.destructiveHint,
    idempotentHint: annotations.idempotentHint,
    openWorldHint: annotations.openWorldHint,
  };
  return {
    name: tool.name,
    title: title === undefined ? null : oneLine(title, 200) || null,
    description: tool.description === undefined ? null : tool.description.slice(0, MAX_DESCRIPTION),
    inputSchema: { ...tool.inputSchema },
    annotations: Object.fromEntries(
      Object.entries(hints).filter(([, value]) => typeof value === "boolean"),
    ),
  };
}

/** Infinity for one so deep that it cannot be written. */
function schemaCharacters(schema: unknown): number {
  try {
    return JSON.stringify(schema).length;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** @see https://modelcontextprotocol.io/specification/2026-07-28 — 0 only says that nobody knows. */
function ttlOf(result: object): number | null {
  const ttlMs: unknown = "ttlMs" in result ? result.ttlMs : null;
  if (typeof ttlMs !== "number" || !Number.isFinite(ttlMs) || ttlMs <= 0) return null;
  return Math.min(Math.round(ttlMs), MAX_TTL_MS);
}
