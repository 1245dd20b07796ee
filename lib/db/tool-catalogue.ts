import { storableJson } from "@/lib/untrusted-text";
import type { Database } from "./client";
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

/** What decides whether a list is read again. */
export type CatalogueReading = Pick<
  ToolCatalogue,
  "fetchedAt" | "ttlMs" | "serverVersion" | "lastErrorAt"
>;

const readingColumns = { fetchedAt: true, ttlMs: true, serverVersion: true, lastErrorAt: true };

export function findCatalogueReading(
  db: Database,
  serverId: string,
): Promise<CatalogueReading | null> {
  return db.toolCatalogue.findUnique({ where: { serverId }, select: readingColumns });
}

const readingsOfConversation = `
  SELECT s."id" AS "serverId", s."version", s."updatedAt", c."serverId" IS NOT NULL AS "isRead",
    c."fetchedAt", c."ttlMs", c."serverVersion", c."lastErrorAt"
  FROM "Conversation" v
  JOIN "AssistantServer" a ON a."assistantId" = v."assistantId"
  JOIN "McpServer" s ON s."id" = a."serverId"
  LEFT JOIN "ToolCatalogue" c ON c."serverId" = s."id"
  WHERE v."id" = $1 AND v."userId" = $2`;

/** Of the servers of a conversation's assistant; `reading` is null for a server that was never read. */
export async function listCatalogueReadings(
  db: Database,
  conversation: { id: string; userId: string },
): Promise<
  { serverId: string; version: number; updatedAt: Date; reading: CatalogueReading | null }[]
> {
  type Row = { serverId: string; version: number; updatedAt: Date; isRead: boolean };
  // Each turn asks, and seldom is a list due.
  const rows = await db.$prepared.run<Row & CatalogueReading>(readingsOfConversation, [
    conversation.id,
    conversation.userId,
  ]);
  return rows.map(({ serverId, version, updatedAt, isRead, ...reading }) => ({
    ...{ serverId, version, updatedAt },
    reading: isRead ? reading : null,
  }));
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
