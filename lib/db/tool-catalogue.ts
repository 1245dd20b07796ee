import { type Database, storableJson } from "./client";
import type { ToolCatalogue } from "./generated/client";
import * as Prisma from "./generated/internal/prismaNamespace";

export type ToolCatalogueRow = ToolCatalogue;

type Json = Prisma.InputJsonValue;

/** Saves a server's answer. A configuration newer than `serverVersion` is left alone: it will be queried again. */
export async function saveCatalogue(
  db: Database,
  serverId: string,
  read: {
    tools: unknown[];
    leftOut: unknown[];
    serverInfo: unknown;
    discovery: unknown;
    ttlMs: number | null;
    serverVersion: number;
    /** By the names of the tools. */
    toolFingerprints?: Readonly<Record<string, string>>;
  },
  now: Date,
): Promise<void> {
  const columns = {
    tools: storableJson(read.tools) as Json,
    toolFingerprints: read.toolFingerprints ?? Prisma.DbNull,
    leftOut: storableJson(read.leftOut) as Json,
    serverInfo: (storableJson(read.serverInfo) as Json | null) ?? Prisma.DbNull,
    discovery: (storableJson(read.discovery) as Json | null) ?? Prisma.DbNull,
    ttlMs: read.ttlMs,
    serverVersion: read.serverVersion,
    fetchedAt: now,
    lastError: null,
    lastErrorAt: null,
  };
  await db.toolCatalogue.upsert({
    where: { serverId },
    create: { serverId, ...columns },
    update: columns,
  });
}

/** Known tools stay: an outage removes nothing. */
export async function saveCatalogueError(
  db: Database,
  serverId: string,
  serverVersion: number,
  message: string,
  now: Date,
): Promise<void> {
  const error = { lastError: message, lastErrorAt: now };
  await db.toolCatalogue.upsert({
    where: { serverId },
    create: { serverId, serverVersion, ...error },
    update: error,
  });
}

export function findCatalogue(db: Database, serverId: string): Promise<ToolCatalogueRow | null> {
  return db.toolCatalogue.findUnique({ where: { serverId } });
}

/** By name. Servers that are switched off are left out. */
export async function listServersWithTools(
  db: Database,
  ids: readonly string[],
): Promise<{ id: string; name: string; tools: unknown }[]> {
  const rows = await db.mcpServer.findMany({
    where: { id: { in: [...ids] }, switchedOffAt: null },
    select: { id: true, name: true, catalogue: { select: { tools: true } } },
    orderBy: { name: "asc" },
  });
  return rows.map(({ id, name, catalogue }) => ({ id, name, tools: catalogue?.tools ?? [] }));
}
