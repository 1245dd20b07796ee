import { boundedJsonOrNull } from "@/lib/bounded-json";
import type { RegistryPage, RegistryServer } from "@/lib/contracts/catalogue/registry";
import { NotFoundError } from "@/lib/errors";
import { unreachable } from "@/lib/net/failure";
import type { OutboundFetch } from "@/lib/net/fetch";
import { type ReadEntry, readRegistryEntry } from "./read-entry";

/** The operator's MCP registry: the official one, or a company's. */
export interface RegistryContext {
  /** Its base URL, above `/v0.1/servers`. Null: none is configured, and nothing is requested. */
  registryUrl: string | null;
  /** Within 20 s, and at most 1 MiB. */
  outbound: OutboundFetch;
}

const pageSize = 30;
const mostVersions = 50;

/**
 * Servers whose name or title contains this text, the latest version of each.
 *
 * @throws NotFoundError no registry is configured; OutboundRefusedError | UnreachableError no usable response
 * @see https://github.com/modelcontextprotocol/registry/blob/main/docs/reference/api/generic-registry-api.md
 */
export async function searchRegistry(
  ctx: RegistryContext,
  { search, cursor }: { search: string; cursor?: string | undefined },
): Promise<RegistryPage> {
  const query = new URLSearchParams({ limit: `${pageSize}`, version: "latest" });
  if (search !== "") query.set("search", search);
  if (cursor !== undefined) query.set("cursor", cursor);
  const { entries, nextCursor } = await ask(ctx, `/v0.1/servers?${query}`);
  const read = entries.slice(0, 2 * pageSize).map(readRegistryEntry);
  return { servers: latestOfEach(serversOf(read)), nextCursor, leftOut: reasonsOf(read) };
}

/** All versions of a server, in the registry's order: newest first. @throws like `searchRegistry` */
export async function registryVersions(ctx: RegistryContext, name: string): Promise<RegistryPage> {
  const path = `/v0.1/servers/${encodeURIComponent(name)}/versions`;
  const { entries } = await ask(ctx, path);
  const read = entries.slice(0, mostVersions).map(readRegistryEntry);
  const ofThisName = serversOf(read).filter((server) => server.name === name);
  return { servers: ofThisName, nextCursor: null, leftOut: reasonsOf(read) };
}

async function ask(
  { registryUrl, outbound }: RegistryContext,
  path: string,
): Promise<{ entries: unknown[]; nextCursor: string | null }> {
  if (registryUrl === null) {
    throw new NotFoundError("No registry is set up. An operator sets MCP_REGISTRY_URL.");
  }
  const { host } = new URL(registryUrl);
  const failed = (explanation: string) => unreachable("reset", host, { explanation });
  const response = await outbound(registryUrl + path, { headers: { accept: "application/json" } });
  if (response.status === 404 && path.endsWith("/versions")) {
    await response.body?.cancel();
    throw new NotFoundError("The registry no longer lists this server.");
  }
  if (response.status !== 200) {
    await response.body?.cancel();
    throw failed(
      `answered with status ${response.status}. Check that MCP_REGISTRY_URL is the address of an MCP registry, or try again later.`,
    );
  }
  const answer = parsed(await response.text());
  if (!Array.isArray(answer?.servers)) {
    throw failed(
      "did not answer as an MCP registry does. Check that MCP_REGISTRY_URL is its base URL, without /v0.1.",
    );
  }
  const { nextCursor, next_cursor: older } = (answer.metadata ?? {}) as Record<string, unknown>;
  const next = nextCursor ?? older;
  return {
    entries: answer.servers,
    nextCursor: typeof next === "string" && next !== "" && next.length <= 2000 ? next : null,
  };
}

function parsed(text: string): { servers?: unknown; metadata?: unknown } | null {
  const value = boundedJsonOrNull(text);
  return typeof value === "object" ? value : null;
}

function serversOf(read: readonly ReadEntry[]): RegistryServer[] {
  return read.flatMap((entry) => (entry && "server" in entry ? [entry.server] : []));
}

function reasonsOf(read: readonly ReadEntry[]): string[] {
  return read.flatMap((entry) => (entry && "leftOut" in entry ? [entry.leftOut] : []));
}

/** Some registries do not know `version=latest`. */
function latestOfEach(servers: readonly RegistryServer[]): RegistryServer[] {
  const byName = new Map<string, RegistryServer>();
  for (const server of servers) {
    const before = byName.get(server.name);
    if (!before || (server.isLatest && !before.isLatest)) byName.set(server.name, server);
  }
  return [...byName.values()];
}
