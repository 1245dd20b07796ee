import type { ConversationDetail, ConversationSummary } from "@/lib/contracts/chat";
import {
  deleteConversation as deleteRow,
  findConversation,
  insertConversation,
  listConversations as listRows,
  renameConversation as renameRow,
} from "@/lib/db/conversation";
import { requestStop } from "@/lib/db/conversation-turn";
import { InvalidInputError } from "@/lib/errors";
import type { ChatContext, ChatUser } from "./context";
import { conversationNotFound } from "./conversation-not-found";
import { newConversationTitle } from "./conversation-title";
import { viewConversation, viewConversationSummary } from "./conversation-view";

const mostListed = 100;

export async function listConversations(
  ctx: ChatContext,
  user: ChatUser,
): Promise<ConversationSummary[]> {
  return (await listRows(ctx.db, user.id, mostListed)).map(viewConversationSummary);
}

/** @throws InvalidInputError (field `assistantId`) there is no such assistant */
export async function createConversation(
  ctx: ChatContext,
  user: ChatUser,
  assistantId: string,
): Promise<ConversationDetail> {
  const row = await insertConversation(ctx.db, {
    userId: user.id,
    assistantId,
    title: newConversationTitle,
  });
  if (!row) {
    throw new InvalidInputError({ assistantId: "There is no such assistant. Choose another one." });
  }
  return viewConversation(ctx, user, row);
}

/** @throws NotFoundError it is not there, or not this person's */
export async function readConversation(
  ctx: ChatContext,
  user: ChatUser,
  id: string,
): Promise<ConversationDetail> {
  const row = await findConversation(ctx.db, { id, userId: user.id });
  if (!row) throw conversationNotFound();
  return viewConversation(ctx, user, row);
}

/** @throws NotFoundError it is not there, or not this person's */
export async function renameConversation(
  ctx: ChatContext,
  user: ChatUser,
  id: string,
  title: string,
): Promise<ConversationDetail> {
  if (!(await renameRow(ctx.db, { id, userId: user.id }, title))) throw conversationNotFound();
  return readConversation(ctx, user, id);
}

/** A turn that runs in it ends. @throws NotFoundError it is not there, or not this person's */
export async function deleteConversation(
  ctx: ChatContext,
  user: ChatUser,
  id: string,
): Promise<void> {
  if (!(await deleteRow(ctx.db, { id, userId: user.id }))) throw conversationNotFound();
  ctx.turns.stop(id);
}

/**
 * Stops the turn that runs, on whatever replica; without one it does nothing.
 * @throws NotFoundError it is not there, or not this person's
 */
export async function stopTurn(ctx: ChatContext, user: ChatUser, id: string): Promise<void> {
  if (!(await findConversation(ctx.db, { id, userId: user.id }))) throw conversationNotFound();
  await requestStop(ctx.db, id, ctx.now());
  ctx.turns.stop(id);
}
