import type { Database, DatabaseTransaction } from "./client";
import type { Assistant, Conversation, Prisma } from "./generated/client";
import { escapedForLike } from "./like";
import { keysOf } from "./read-by-key";

export type ConversationRow = Conversation & {
  assistant: Pick<Assistant, "id" | "name"> | null;
};

const withAssistant = { assistant: { select: { id: true, name: true } } } as const;

/** In one statement: the first word of an answer waits for it. */
export async function insertConversation(
  db: Database,
  { id, userId, assistantId, title }: NewConversation,
): Promise<ConversationRow | "no_assistant" | "id_taken"> {
  const [row] = await db.$queryRaw<{ name: string; createdAt: Date | null }[]>`
    WITH chosen AS (
      SELECT "id", "name" FROM "Assistant" WHERE "id" = ${assistantId} FOR KEY SHARE
    ), made AS (
      INSERT INTO "Conversation" ("id", "userId", "assistantId", "title", "updatedAt")
      SELECT ${id}, ${userId}, chosen."id", ${title}, now() FROM chosen
      ON CONFLICT ("id") DO NOTHING
      RETURNING "createdAt"
    )
    SELECT chosen."name", made."createdAt" FROM chosen LEFT JOIN made ON true`;
  if (!row) return "no_assistant";
  const { name, createdAt } = row;
  if (createdAt === null) return "id_taken";
  return {
    ...{ id, userId, assistantId, title, createdAt, updatedAt: createdAt },
    ...{ model: null, accounts: {}, turnId: null, turnUntil: null, stopRequestedAt: null },
    assistant: { id: assistantId, name },
  };
}

type NewConversation = { id: string; userId: string; assistantId: string; title: string };

type ConversationPosition = { at: Date; id: string };

/**
 * One person's own, last changed first.
 *
 * @param search part of the title, case-insensitive; empty: all
 * @param after the last one of the previous page; null starts
 */
export function listConversations(
  db: Database,
  where: { userId: string; search: string; after: ConversationPosition | null },
  limit: number,
): Promise<ConversationRow[]> {
  const { userId, search, after } = where;
  return db.conversation.findMany({
    where: {
      userId,
      ...(search ? { title: { contains: escapedForLike(search), mode: "insensitive" } } : {}),
      ...(after ? beyond(after) : {}),
    },
    include: withAssistant,
    orderBy: [{ updatedAt: "desc" }, { id: "desc" }],
    take: limit,
  });
}

/** The first condition alone lets Postgres start at the right place in the index. */
function beyond({ at, id }: ConversationPosition): Prisma.ConversationWhereInput {
  return {
    updatedAt: { lte: at },
    OR: [{ updatedAt: { lt: at } }, { id: { lt: id } }],
  };
}

/** Null: there is none, or it is another person's. */
export function findConversation(
  db: Database,
  where: { id: string; userId: string },
): Promise<ConversationRow | null> {
  return db.conversation.findFirst({ where, include: withAssistant });
}

export async function renameConversation(
  db: Database,
  where: { id: string; userId: string },
  title: string,
): Promise<boolean> {
  const { count } = await db.conversation.updateMany({ where, data: { title } });
  return count > 0;
}

/** Sets the title unless someone has changed it. */
export async function titleConversation(
  db: Database,
  id: string,
  change: { from: string; to: string },
): Promise<void> {
  await db.conversation.updateMany({
    where: { id, title: change.from },
    data: { title: change.to },
  });
}

export async function deleteConversation(
  db: Database,
  where: { id: string; userId: string },
): Promise<boolean> {
  const { count } = await db.conversation.deleteMany({ where });
  return count > 0;
}

/** The oldest, `most` of them; none in which an answer is being written. */
export function deleteConversationsBefore(
  db: Database,
  before: Date,
  most: number,
): Promise<number> {
  return db.$executeRaw`
    DELETE FROM "Conversation" WHERE "id" IN (
      SELECT "id" FROM "Conversation"
      WHERE "updatedAt" < ${before} AND ("turnUntil" IS NULL OR "turnUntil" < now())
      ORDER BY "updatedAt" LIMIT ${most})`;
}

/**
 * The lease of a turn: one turn at a time writes to a conversation, whatever the replica. The
 * database's clock decides, so that replicas need not agree on the time.
 */
export type TurnKey = { conversationId: string; turnId: string };

/** `interrupted`: the lease expired before the turn said that it had ended. */
export type TurnState = "none" | "running" | "interrupted";

export async function claimTurn(
  db: Database,
  { conversationId, turnId }: TurnKey,
  leaseMs: number,
): Promise<boolean> {
  const claimed = await db.$queryRaw<unknown[]>`
    UPDATE "Conversation"
    SET "turnId" = ${turnId},
        "turnUntil" = now() + ${leaseMs} * interval '1 millisecond',
        "stopRequestedAt" = NULL,
        "updatedAt" = now()
    WHERE "id" = ${conversationId} AND ("turnId" IS NULL OR "turnUntil" <= now())
    RETURNING "id"`;
  return claimed.length > 0;
}

/** The person's choice for the coming turns; null: the assistant's. */
export async function rememberModel(
  db: Database,
  { conversationId, turnId }: TurnKey,
  model: string | null,
): Promise<void> {
  await db.conversation.updateMany({ where: { id: conversationId, turnId }, data: { model } });
}

/** The account that the person chose at a server for the rest of a conversation. Null: none. */
export function keptAccount(accounts: unknown, serverId: string): string | null {
  const kept = (accounts as Record<string, unknown> | null)?.[serverId];
  return typeof kept === "string" ? kept : null;
}

/** @param account null: from now on as without a choice */
export async function keepAccount(
  tx: DatabaseTransaction,
  id: string,
  { serverId, account }: { serverId: string; account: string | null },
): Promise<void> {
  const kept = account === null ? {} : { [serverId]: account };
  await tx.$executeRaw`
    UPDATE "Conversation" SET "accounts" = ("accounts" - ${serverId}) || ${kept}::jsonb
    WHERE "id" = ${id}`;
}

/** Extends the lease. Null: another turn holds the conversation, or it is gone. */
export async function keepTurn(
  db: Database,
  { conversationId, turnId }: TurnKey,
  leaseMs: number,
): Promise<{ stopRequested: boolean } | null> {
  const kept = await db.$queryRaw<{ stopRequested: boolean }[]>`
    UPDATE "Conversation"
    SET "turnUntil" = now() + ${leaseMs} * interval '1 millisecond'
    WHERE "id" = ${conversationId} AND "turnId" = ${turnId}
    RETURNING "stopRequestedAt" IS NOT NULL OR EXISTS (
      SELECT 1 FROM "User" u WHERE u."id" = "userId" AND u."disabledAt" IS NOT NULL
    ) AS "stopRequested"`;
  return kept[0] ?? null;
}

const stopRequests = `
  SELECT wanted.place,
    c."stopRequestedAt" IS NOT NULL OR u."disabledAt" IS NOT NULL AS "stopRequested"
  FROM ${keysOf.twoParts} AS wanted ("conversationId", "turnId", place)
  JOIN "Conversation" c ON c."id" = wanted."conversationId" AND c."turnId" = wanted."turnId"
  JOIN "User" u ON u."id" = c."userId"`;

/**
 * Whether a stop was requested, or the person disabled. Null: another turn holds the conversation, or it is gone. Each
 * turn asks every second, all that ask in the same moment by one statement.
 */
export function readStopRequest(
  db: Pick<Database, "$byKey">,
  { conversationId, turnId }: TurnKey,
): Promise<{ stopRequested: boolean } | null> {
  return db.$byKey.find(stopRequests, [conversationId, turnId]);
}

export async function releaseTurn(
  db: Database,
  { conversationId, turnId }: TurnKey,
): Promise<void> {
  await db.conversation.updateMany({
    where: { id: conversationId, turnId },
    data: { turnId: null, turnUntil: null, stopRequestedAt: null },
  });
}

export async function requestStop(db: Database, conversationId: string, now: Date): Promise<void> {
  await db.conversation.updateMany({
    where: { id: conversationId, turnId: { not: null } },
    data: { stopRequestedAt: now },
  });
}

export async function readTurnState(db: Database, conversationId: string): Promise<TurnState> {
  const rows = await db.$queryRaw<{ state: TurnState }[]>`
    SELECT CASE
      WHEN "turnId" IS NULL THEN 'none'
      WHEN "turnUntil" > now() THEN 'running'
      ELSE 'interrupted'
    END AS "state"
    FROM "Conversation" WHERE "id" = ${conversationId}`;
  return rows[0]?.state ?? "none";
}
