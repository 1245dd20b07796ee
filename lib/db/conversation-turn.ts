import type { Database } from "./client";

/**
 * The lease of a turn: one turn at a time writes to a conversation, whatever the replica. The
 * database's clock decides, so that replicas need not agree on the time.
 */
export type TurnKey = { conversationId: string; turnId: string };

/** How a conversation's turn stands. `interrupted`: its lease ran out before it said that it was over. */
export type TurnState = "none" | "running" | "interrupted";

/** True when this turn now holds the conversation; false while another one does. */
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

/** Lengthens the lease. Null: another turn holds the conversation, or it is gone. */
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

/** Whether a stop was asked for, or the person was disabled. Null: another turn holds the conversation, or it is gone. */
export async function readStopRequest(
  db: Database,
  { conversationId, turnId }: TurnKey,
): Promise<{ stopRequested: boolean } | null> {
  const row = await db.conversation.findFirst({
    where: { id: conversationId, turnId },
    select: { stopRequestedAt: true, user: { select: { disabledAt: true } } },
  });
  return row && { stopRequested: row.stopRequestedAt !== null || row.user.disabledAt !== null };
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

/** Asks the turn that runs, on whatever replica, to stop. */
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
