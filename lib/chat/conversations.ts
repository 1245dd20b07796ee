import { randomUUID } from "node:crypto";
import { readAccess } from "@/lib/access/read-access";
import {
  type ConversationDetail,
  type ConversationList,
  type ConversationListQuery,
  conversationId,
  type MessagePage,
  type TurnInput,
} from "@/lib/contracts/chat/chat";
import { newConversationTitle, titleFrom } from "@/lib/contracts/chat/conversation";
import { readTimeCursor, writeTimeCursor } from "@/lib/contracts/time-cursor";
import {
  type ConversationRow,
  deleteConversation as deleteRow,
  findConversation,
  insertConversation,
  listConversations as listRows,
  readTurnState,
  renameConversation as renameRow,
  requestStop,
} from "@/lib/db/conversation";
import { InvalidInputError, NotFoundError } from "@/lib/errors";
import type { ChatContext, ChatUser } from "./context";
import { viewConversation, viewConversationSummary, viewMessages } from "./conversation-view";

const pageSize = 50;

/**
 * A page of this person's conversations. One that changes in the meantime moves to the top: it is then on the
 * first page, and on none of the later ones.
 */
export async function listConversations(
  ctx: ChatContext,
  user: ChatUser,
  { search = "", after }: ConversationListQuery = {},
): Promise<ConversationList> {
  const rows = await listRows(
    ctx.db,
    { userId: user.id, search, after: after === undefined ? null : readTimeCursor(after) },
    pageSize + 1,
  );
  const shown = rows.slice(0, pageSize);
  const last = shown.at(-1);
  const next =
    last && rows.length > pageSize ? writeTimeCursor({ at: last.updatedAt, id: last.id }) : null;
  return { conversations: shown.map(viewConversationSummary), next };
}

/** @throws InvalidInputError (field `assistantId`) there is no such assistant, or it is not for this person */
export async function createConversation(
  ctx: ChatContext,
  user: ChatUser,
  assistantId: string,
): Promise<ConversationDetail> {
  const columns = { id: randomUUID(), assistantId, title: newConversationTitle };
  const made = await begin(ctx, user, columns);
  if (!made) throw new Error("A new random UUID is taken.");
  return viewConversation(ctx, user, made);
}

/**
 * The conversation of a turn. A first message starts it, under the id that the browser generated; the same
 * message again finds it.
 * @throws NotFoundError it does not exist, or is not this person's
 * @throws InvalidInputError (field `assistantId`) there is no such assistant, or it is not for this person
 */
export async function openConversation(
  ctx: ChatContext,
  user: ChatUser,
  id: string,
  input: TurnInput,
): Promise<ConversationRow> {
  const where = { id, userId: user.id };
  const found = await findConversation(ctx.db, where);
  if (found) return found;
  if (input.kind !== "send" || input.assistantId === undefined) throw conversationNotFound();
  if (!conversationId.safeParse(id).success) throw conversationNotFound();
  const { assistantId, text } = input;
  const made = await begin(ctx, user, { id, assistantId, title: titleFrom(text) });
  if (made) return made;
  // Another person's; or the same message, sent twice at once.
  const existing = await findConversation(ctx.db, where);
  if (!existing) throw conversationNotFound();
  return existing;
}

async function begin(
  ctx: ChatContext,
  user: ChatUser,
  columns: { id: string; assistantId: string; title: string },
): Promise<ConversationRow | null> {
  const { assistantId } = columns;
  const access = await readAccess(ctx.db, user, { assistantId, servers: [] });
  if (!access.mayUseAssistant(assistantId)) throw noSuchAssistant();
  const made = await insertConversation(ctx.db, { ...columns, userId: user.id });
  if (made === "no_assistant") throw noSuchAssistant();
  return made === "id_taken" ? null : made;
}

function noSuchAssistant(): InvalidInputError {
  return new InvalidInputError({ assistantId: "There is no such assistant. Choose another one." });
}

/** @throws NotFoundError it does not exist, or is not this person's */
export async function readConversation(
  ctx: ChatContext,
  user: ChatUser,
  id: string,
): Promise<ConversationDetail> {
  const row = await findConversation(ctx.db, { id, userId: user.id });
  if (!row) throw conversationNotFound();
  return viewConversation(ctx, user, row);
}

/**
 * Older messages of a conversation, page by page.
 *
 * @throws NotFoundError it does not exist, or is not this person's
 */
export async function readOlderMessages(
  ctx: ChatContext,
  user: ChatUser,
  id: string,
  { before }: { before: string },
): Promise<MessagePage> {
  const row = await findConversation(ctx.db, { id, userId: user.id });
  if (!row) throw conversationNotFound();
  const turnState = await readTurnState(ctx.db, id);
  return viewMessages(ctx, user, row, { before: Number(before), turnState });
}

/** @throws NotFoundError it does not exist, or is not this person's */
export async function renameConversation(
  ctx: ChatContext,
  user: ChatUser,
  id: string,
  title: string,
): Promise<ConversationDetail> {
  if (!(await renameRow(ctx.db, { id, userId: user.id }, title))) throw conversationNotFound();
  return readConversation(ctx, user, id);
}

/** Ends a running turn. */
export async function deleteConversation(
  ctx: ChatContext,
  user: ChatUser,
  id: string,
): Promise<void> {
  if (!(await deleteRow(ctx.db, { id, userId: user.id }))) throw conversationNotFound();
  ctx.turns.stop(id);
}

/**
 * Stops the running turn, on any replica; without one it does nothing.
 * @throws NotFoundError it does not exist, or is not this person's
 */
export async function stopTurn(ctx: ChatContext, user: ChatUser, id: string): Promise<void> {
  if (!(await findConversation(ctx.db, { id, userId: user.id }))) throw conversationNotFound();
  await requestStop(ctx.db, id, ctx.now());
  ctx.turns.stop(id);
}

/** The same response for another person's: no one learns that it exists. */
export function conversationNotFound(): NotFoundError {
  return new NotFoundError("There is no such conversation. It may have been deleted.");
}
