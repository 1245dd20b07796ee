import { type Database, storableJson } from "./client";
import type { TurnKey } from "./conversation";
import type { Message } from "./generated/client";

export type MessageRow = Message;

export function listMessages(db: Database, conversationId: string): Promise<MessageRow[]> {
  return db.message.findMany({ where: { conversationId }, orderBy: { position: "asc" } });
}

export function findMessage(db: Database, id: string): Promise<MessageRow | null> {
  return db.message.findUnique({ where: { id } });
}

/**
 * Writes a message for as long as the turn holds the conversation: a new one at the end, a known
 * one in place. The row lock lets no other turn claim the conversation between look and write.
 * @returns false when the turn no longer holds it; nothing was written
 */
export async function saveMessage(
  db: Database,
  { conversationId, turnId }: TurnKey,
  message: { id: string; role: "user" | "assistant"; parts: unknown[] },
): Promise<boolean> {
  const parts = JSON.stringify(storableJson(message.parts));
  const written = await db.$executeRaw`
    WITH held AS (
      SELECT "id" FROM "Conversation"
      WHERE "id" = ${conversationId} AND "turnId" = ${turnId}
      FOR NO KEY UPDATE
    )
    INSERT INTO "Message" ("id", "conversationId", "position", "role", "parts", "updatedAt")
    SELECT ${message.id}, held."id",
      (SELECT coalesce(max("position") + 1, 0) FROM "Message" WHERE "conversationId" = held."id"),
      ${message.role}, ${parts}::jsonb, now()
    FROM held
    ON CONFLICT ("id") DO UPDATE SET "parts" = EXCLUDED."parts", "updatedAt" = now()
      WHERE "Message"."conversationId" = EXCLUDED."conversationId"`;
  return written > 0;
}
