import type { Client } from "@modelcontextprotocol/client";
import { ProtocolError, SdkHttpError } from "@modelcontextprotocol/client";
import { fieldsOf, isJsonObject, type JsonObject } from "@/lib/bounded-json";
import type { CatalogueTool, LeftOut, ServerInfo } from "@/lib/contracts/servers/catalogue";
import type { ProtocolEra } from "@/lib/mcp/client/protocol-era";
import { UnreadableAnswerError } from "@/lib/mcp/errors";
import { jsonOrNull } from "@/lib/mcp/http/messages";
import { asItCame } from "@/lib/mcp/reading/as-it-came";
import { errorText, errorWords } from "@/lib/mcp/reading/error-text";
import { readToolList, toolListLimits } from "@/lib/mcp/reading/tool-list";
import type { ServerWords } from "@/lib/mcp/server-words";
import { cutText, oneLine } from "@/lib/untrusted-text";

export type ListedTools = {
  tools: CatalogueTool[];
  /** Each entry that cannot be used, and each text that was truncated, with the reason. */
  leftOut: LeftOut[];
  /** How long the list is valid according to the server, in ms; null if it does not say. */
  ttlMs: number | null;
};

export type ReadCatalogue = ListedTools & {
  serverInfo: ServerInfo | null;
  /** To be stored, and given back through `storedEra`. */
  era: ProtocolEra;
};

export type ReadCatalogueOptions = {
  signal?: AbortSignal;
  /** The handshake is done; the list of tools is requested. */
  onConnected?: () => void;
  /** Uses open connections, so that running calls continue; otherwise reconnects. */
  keepConnections?: boolean;
};

/** Over all pages, in characters of JSON. */
const MAX_LIST_CHARACTERS = 16 * 1024 * 1024;
/** A server that continues longer than this, with empty pages, has no end. */
const MAX_EMPTY_PAGES = 50;
/** Longer than a week is not a useful hint. */
const MAX_TTL_MS = 7 * 24 * 3_600_000;
const MAX_INSTRUCTIONS = 8_000;

/** Lists the tools over an open connection, within limits: the list has an end whatever its server says. */
export async function listTools(
  client: Client,
  words: Pick<ServerWords, "quote" | "withoutCredentials">,
  options: { signal?: AbortSignal | undefined },
): Promise<ListedTools> {
  let read = await readPages(client, options);
  // A list that changed between two pages makes its cursor invalid: the beginning is valid again.
  if (read.refusal) read = await readPages(client, options);
  const listed = words.withoutCredentials(read.pages.flatMap((page) => entriesOf(page)));
  const { tools, leftOut } = readToolList(listed, client.getProtocolEra() === "modern");
  if (read.refusal) leftOut.push(restRefused(words.quote(read.refusal.said, 200)));
  return { tools, leftOut, ttlMs: ttlOf(read.pages[0] ?? {}) };
}

function restRefused(said: string): LeftOut {
  const itSaid = said === "" ? "" : ` It said: “${said}”`;
  return {
    name: "The rest of the list",
    reason: `The server refused to go on at the place that it had named.${itSaid}`,
  };
}

/** `refusal`: the server refused its own cursor, and these are the pages before it. */
type Pages = { pages: JsonObject[]; refusal: Refusal | null };

/** Of the next page, in the server's words. */
class Refusal {
  readonly said: string;

  constructor(said: string) {
    this.said = said;
  }
}

/** Until there is no cursor, a repeated one, or more than Usher accepts. */
async function readPages(
  client: Client,
  { signal }: { signal?: AbortSignal | undefined },
): Promise<Pages> {
  const pages: JsonObject[] = [];
  const seen = new Set<string>();
  let cursor: string | undefined;
  let room = MAX_LIST_CHARACTERS;
  let entries = 0;
  let empty = 0;
  do {
    const page = await readPage(client, cursor, signal);
    if (page instanceof Refusal) return { pages, refusal: page };
    if (page === null) break;
    pages.push(page);
    const { length } = entriesOf(page);
    entries += length;
    empty = length === 0 ? empty + 1 : 0;
    room -= JSON.stringify(page).length;
    cursor = nextCursor(page);
    if (cursor === undefined || seen.has(cursor)) break;
    seen.add(cursor);
  } while (room > 0 && entries <= toolListLimits.tools && empty < MAX_EMPTY_PAGES);
  return { pages, refusal: null };
}

/** Null: a server that does not declare tools refuses to list them. A refusal: of the cursor. */
async function readPage(
  client: Client,
  cursor: string | undefined,
  signal: AbortSignal | undefined,
): Promise<JsonObject | Refusal | null> {
  try {
    const page = await client.request(
      { method: "tools/list", ...(cursor === undefined ? {} : { params: { cursor } }) },
      asItCame,
      signal ? { signal } : {},
    );
    return fieldsOf(page);
  } catch (error) {
    const refusal = cursor === undefined ? null : refusalIn(error);
    // Some name an empty one at the end, and mean none.
    if (refusal) return cursor === "" ? null : refusal;
    const refused = error instanceof ProtocolError || error instanceof SdkHttpError;
    if (refused && !client.getServerCapabilities()?.tools) return null;
    throw error;
  }
}

/** Of one page, by a server that works. Another failure may pass, and the whole list is read again then. */
function refusalIn(error: unknown): Refusal | null {
  if (error instanceof ProtocolError) return new Refusal(errorWords(error.message, error.data));
  if (error instanceof UnreadableAnswerError) return new Refusal(error.said);
  const isRefused = error instanceof SdkHttpError && [400, 404, 410, 422].includes(error.status);
  return isRefused ? new Refusal(errorText(String(error.data.text ?? ""))) : null;
}

/** An object of tools by their names is a list too, and so is a list in JSON, or in another one. */
function entriesOf({ tools: given, data, result }: JsonObject): readonly unknown[] {
  const inner = [data, result].find((each) => isJsonObject(each) && "tools" in each);
  if (given === undefined && isJsonObject(inner)) return entriesOf(inner);
  const tools = typeof given === "string" ? jsonOrNull(given) : given;
  if (Array.isArray(tools)) return tools;
  if (!isJsonObject(tools)) return [];
  if (Array.isArray(tools.tools)) return tools.tools;
  return Object.entries(tools).map(([name, tool]) =>
    isJsonObject(tool) ? { name, ...tool } : tool,
  );
}

function nextCursor(page: JsonObject): string | undefined {
  const cursor = page.nextCursor ?? page.next_cursor;
  if (typeof cursor === "number") return String(cursor);
  return typeof cursor === "string" ? cursor : undefined;
}

/** What the server says about itself; null if it says nothing. */
export function serverInfo(client: Client): ServerInfo | null {
  const version = client.getServerVersion();
  const protocolVersion = client.getNegotiatedProtocolVersion() ?? null;
  const instructions = client.getInstructions()?.trim() || undefined;
  if (!version && protocolVersion === null) return null;
  return {
    name: oneLine(version?.name ?? "", 200) || "Unnamed server",
    version: oneLine(version?.version ?? "", 100),
    title: version?.title === undefined ? null : oneLine(version.title, 200),
    protocolVersion,
    instructions: instructions === undefined ? null : cutText(instructions, MAX_INSTRUCTIONS),
  };
}

/** @see https://modelcontextprotocol.io/specification/2026-07-28 — 0 only means that it is unknown. */
function ttlOf({ ttlMs }: JsonObject): number | null {
  if (typeof ttlMs !== "number" || !Number.isFinite(ttlMs) || ttlMs <= 0) return null;
  return Math.min(Math.round(ttlMs), MAX_TTL_MS);
}
