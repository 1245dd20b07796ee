import type { Database } from "./client";
import type { Assistant, Conversation } from "./generated/client";

export type ConversationRow = Conversation & {
  assistant: Pick<Assistant, "id" | "name"> | null;
};

const withAssistant = { assistant: { select: { id: true, name: true } } } as const;

/** Null when there is no such assistant. @throws a unique violation: there is one with this id */
export async function insertConversation(
  db: Database,
  columns: { id?: string; userId: string; assistantId: string; title: string },
): Promise<ConversationRow | null> {
  const assistant = await db.assistant.findUnique({
    where: { id: columns.assistantId },
    select: { id: true },
  });
  if (!assistant) return null;
  return db.conversation.create({ data: columns, include: withAssistant });
}

/** One person's own, the newest first. */
export function listConversations(
  db: Database,
  userId: string,
  limit: number,
): Promise<ConversationRow[]> {
  return db.conversation.findMany({
    where: { userId },
    include: withAssistant,
    orderBy: [{ updatedAt: "desc" }, { id: "asc" }],
    take: limit,
  });
}

/** Null when there is none, or when it is somebody else's. */
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

/** Names a conversation that still has the title it was made with. */
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
