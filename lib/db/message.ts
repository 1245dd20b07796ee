import { storableJson } from "@/lib/untrusted-text";
import type { Database } from "./client";
import type { TurnKey } from "./conversation";
import type { Message } from "./generated/client";

export type MessageRow = Message;

export function listMessages(db: Database, conversationId: string): Promise<MessageRow[]> {
  return db.message.findMany({ where: { conversationId }, orderBy: { position: "asc" } });
}

/** The newest ones that fit, and at least the last turn: a message and its answer. */
const page = { messages: 50, characters: 200_000, atLeast: 2 };

/**
 * A page of a conversation, oldest first.
 *
 * @param before the position that the page ends before; null: the end
 * @returns `older`: the position that the page before this one ends before; null: there is none
 */
export async function listMessagePage(
  db: Database,
  conversationId: string,
  before: number | null,
): Promise<{ rows: MessageRow[]; older: number | null }> {
  const found = await db.$queryRaw<(MessageRow & { isFirst: boolean })[]>`
    SELECT "id", "conversationId", "position", "role", "parts", "createdAt", "updatedAt", "isFirst"
    FROM (
      SELECT newest.*,
        row_number() OVER back AS place,
        sum(length("parts"::text)) OVER back AS characters,
        lead("position") OVER back IS NULL AS "isFirst"
      FROM (
        SELECT * FROM "Message"
        WHERE "conversationId" = ${conversationId} AND "position" < ${before ?? 2 ** 31 - 1}
        ORDER BY "position" DESC LIMIT ${page.messages + 1}
      ) newest
      WINDOW back AS (ORDER BY "position" DESC)
    ) counted
    WHERE place <= ${page.atLeast} OR (place <= ${page.messages} AND characters <= ${page.characters})
    ORDER BY "position"`;
  const rows = found.map(({ isFirst: _, ...row }) => row);
  const [oldest] = found;
  return { rows, older: oldest && !oldest.isFirst ? oldest.position : null };
}

export function findMessage(db: Database, id: string): Promise<MessageRow | null> {
  return db.message.findUnique({ where: { id } });
}

const messageWrite = `
  WITH held AS (
    SELECT "id" FROM "Conversation" WHERE "id" = $1 AND "turnId" = $2 FOR NO KEY UPDATE
  )
  INSERT INTO "Message" ("id", "conversationId", "position", "role", "parts", "updatedAt")
  SELECT $3, held."id",
    (SELECT coalesce(max("position") + 1, 0) FROM "Message" WHERE "conversationId" = held."id"),
    $4, $5::jsonb, now()
  FROM held
  ON CONFLICT ("id") DO UPDATE SET "parts" = EXCLUDED."parts", "updatedAt" = now()
    WHERE "Message"."conversationId" = EXCLUDED."conversationId"`;

/**
 * Writes a message as long as the turn holds the conversation: a new one at the end, a known
 * one in place. The row lock keeps other turns from claiming the conversation between check and write.
 * @returns false when the turn no longer holds it; nothing was written
 */
export async function saveMessage(
  db: Database,
  { conversationId, turnId }: TurnKey,
  message: { id: string; role: "user" | "assistant"; parts: unknown[] },
): Promise<boolean> {
  const parts = JSON.stringify(storableJson(message.parts));
  const written = await db.$statement(messageWrite, [
    ...[conversationId, turnId],
    ...[message.id, message.role, parts],
  ]);
  return written.count > 0;
}
