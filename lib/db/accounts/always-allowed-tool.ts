import { randomUUID } from "node:crypto";
import type { Database, DatabaseTransaction } from "../client";
import type { AlwaysAllowedTool, AlwaysAllowPolicy, ToolPolicy } from "../generated/client";
import * as Prisma from "../generated/internal/prismaNamespace";

export interface AlwaysAllowKey {
  userId: string;
  assistantId: string;
  serverId: string;
  toolName: string;
}

/** A tool of an assistant for one person, with everything now stored about it. */
export interface AlwaysAllowRow extends AlwaysAllowKey {
  assistantName: string;
  serverName: string;
  policy: AlwaysAllowPolicy;
  /** The assistant has it, and its server is switched on. */
  isOffered: boolean;
  toolsAcceptedAt: Date | null;
  toolPolicy: ToolPolicy | null;
  acceptedFingerprint: string | null;
  /** A CatalogueTool. Null: the server does not list it. */
  tool: unknown;
  /** Where the server is, and whose account its calls use. */
  endpoint: object;
  consentId: string | null;
  accountName: string | null;
  /** In the form of `AlwaysAllowedTool`. Null: this person did not allow it. */
  allowed: StoredAllowed | null;
}

type StoredAllowed = Omit<AlwaysAllowedTool, keyof AlwaysAllowKey | "createdAt" | "endedAt"> & {
  createdAt: string;
};

/** Null: this assistant does not use this server, or one of them is gone. */
export async function findAlwaysAllow(
  db: Database,
  { userId, assistantId, serverId, toolName }: AlwaysAllowKey,
): Promise<AlwaysAllowRow | null> {
  const wanted = Prisma.sql`
    SELECT ${userId}::text, ${assistantId}::text, ${serverId}::text, ${toolName}::text, now()`;
  return (await read(db, wanted))[0] ?? null;
}

/** Everything that a person always allowed, newest first. */
export function listAlwaysAllowed(db: Database, userId: string): Promise<AlwaysAllowRow[]> {
  return read(
    db,
    Prisma.sql`
      SELECT "userId", "assistantId", "serverId", "toolName", "createdAt" FROM "AlwaysAllowedTool"
      WHERE "userId" = ${userId}`,
  );
}

function read(db: Database, wanted: Prisma.Sql): Promise<AlwaysAllowRow[]> {
  return db.$queryRaw<AlwaysAllowRow[]>`
    SELECT w."userId", w."assistantId", w."serverId", w."toolName",
      a."name" AS "assistantName", s."name" AS "serverName", a."alwaysAllow"::text AS "policy",
      s."switchedOffAt" IS NULL AND (l."allTools" OR w."toolName" = ANY(l."toolNames")) AS "isOffered",
      l."toolsAcceptedAt", d."policy"::text AS "toolPolicy", d."acceptedFingerprint",
      (SELECT listed."tool" FROM jsonb_array_elements(o."tools") WITH ORDINALITY AS listed ("tool", "place")
        WHERE listed."tool"->>'name' = w."toolName" ORDER BY listed."place" LIMIT 1) AS "tool",
      jsonb_build_object('transport', s."transport", 'url', s."url", 'command', s."command",
        'args', s."args", 'authentication', s."authentication", 'headerSharing', s."headerSharing",
        'tokenSharing', c."tokenSharing", 'tokenEndpoint', c."tokenEndpoint", 'issuer', c."issuer"
      ) AS "endpoint",
      coalesce(t."consentId", t."id", k."id" || ' ' || extract(epoch FROM k."savedAt")) AS "consentId",
      coalesce(t."accountName", k."accountName") AS "accountName",
      CASE WHEN p."id" IS NOT NULL THEN to_jsonb(p) END AS "allowed"
    FROM (${wanted}) AS w ("userId", "assistantId", "serverId", "toolName", "at")
    JOIN "AssistantServer" l ON l."assistantId" = w."assistantId" AND l."serverId" = w."serverId"
    JOIN "Assistant" a ON a."id" = w."assistantId"
    JOIN "McpServer" s ON s."id" = w."serverId"
    LEFT JOIN "OAuthClient" c ON c."serverId" = s."id"
    LEFT JOIN "ToolCatalogue" o ON o."serverId" = s."id"
    LEFT JOIN "AssistantTool" d ON d."assistantId" = w."assistantId" AND d."serverId" = w."serverId"
      AND d."toolName" = w."toolName"
    LEFT JOIN LATERAL (
      SELECT t.* FROM "StoredTokenSet" t
      WHERE t."serverId" = s."id" AND CASE c."tokenSharing" WHEN 'SHARED' THEN t."ownerKey" = 'shared'
        ELSE (t."userId" = w."userId" AND t."isDefault")
          OR (t."ownerKey" = 'shared' AND NOT EXISTS (
            SELECT 1 FROM "StoredTokenSet" o WHERE o."serverId" = s."id" AND o."userId" = w."userId")) END
      ORDER BY t."ownerKey" LIMIT 1
    ) t ON true
    LEFT JOIN "PersonalKey" k ON c."id" IS NULL AND s."authentication" = 'HEADERS'
      AND s."headerSharing" = 'PER_USER' AND k."serverId" = s."id" AND k."userId" = w."userId"
    LEFT JOIN "AlwaysAllowedTool" p ON p."userId" = w."userId" AND p."assistantId" = w."assistantId"
      AND p."serverId" = w."serverId" AND p."toolName" = w."toolName"
    ORDER BY w."at" DESC, w."toolName"`;
}

/** @returns false if exactly this was already allowed and still is */
export async function allowAlways(
  tx: DatabaseTransaction,
  key: AlwaysAllowKey,
  seen: Pick<
    AlwaysAllowedTool,
    "toolTitle" | "fingerprint" | "endpoint" | "consentId" | "accountName" | "createdAt"
  >,
): Promise<boolean> {
  const columns = { ...seen, endedAt: null, endedBecause: null };
  const where = { userId_assistantId_serverId_toolName: key };
  const { fingerprint, endpoint, consentId } = seen;
  const same = await tx.alwaysAllowedTool.count({
    where: { ...key, fingerprint, endpoint, consentId, endedAt: null },
  });
  if (same > 0) return false;
  await tx.alwaysAllowedTool.upsert({
    where,
    create: { id: randomUUID(), ...key, ...columns },
    update: columns,
  });
  return true;
}

/** What the audit says about one that has ended. */
export interface EndedAlwaysAllowed {
  toolName: string;
  serverId: string;
  serverName: string;
  assistantName: string;
  email: string;
}

const named = {
  toolName: true,
  serverId: true,
  user: { select: { email: true } },
  assistantServer: {
    select: { assistant: { select: { name: true } }, server: { select: { name: true } } },
  },
} satisfies Prisma.AlwaysAllowedToolSelect;

function endedOf(
  row: Prisma.AlwaysAllowedToolGetPayload<{ select: typeof named }>,
): EndedAlwaysAllowed {
  const { toolName, serverId, user, assistantServer } = row;
  const [serverName, assistantName] = [assistantServer.server.name, assistantServer.assistant.name];
  return { toolName, serverId, serverName, assistantName, email: user.email };
}

/** Those still valid, by server. */
export function listAllowedOfServer(
  db: Database,
  serverId: string,
): Promise<Pick<AlwaysAllowedTool, "id" | "toolName" | "fingerprint">[]> {
  return db.alwaysAllowedTool.findMany({
    where: { serverId, endedAt: null },
    select: { id: true, toolName: true, fingerprint: true },
  });
}

/** From now on it asks again. Null: it already did, or the permission has changed. */
export async function endAlwaysAllowed(
  tx: DatabaseTransaction,
  seen: Pick<AlwaysAllowedTool, "id" | "fingerprint"> &
    Partial<Pick<AlwaysAllowedTool, "endpoint" | "consentId">>,
  end: { endedAt: Date; endedBecause: string },
): Promise<EndedAlwaysAllowed | null> {
  const { count } = await tx.alwaysAllowedTool.updateMany({
    where: { ...seen, endedAt: null },
    data: end,
  });
  if (count === 0) return null;
  const row = await tx.alwaysAllowedTool.findUnique({ where: { id: seen.id }, select: named });
  return row && endedOf(row);
}

/** Null: this person has none with that id. */
export async function deleteAlwaysAllowed(
  tx: DatabaseTransaction,
  { id, userId }: Pick<AlwaysAllowedTool, "id" | "userId">,
): Promise<EndedAlwaysAllowed | null> {
  const row = await tx.alwaysAllowedTool.findFirst({ where: { id, userId }, select: named });
  const { count } = await tx.alwaysAllowedTool.deleteMany({ where: { id, userId } });
  return row && count > 0 ? endedOf(row) : null;
}

export function countAlwaysAllowedOf(db: Database, userId: string): Promise<number> {
  return db.alwaysAllowedTool.count({ where: { userId, endedAt: null } });
}
