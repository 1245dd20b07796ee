import type { ChatContext, ChatUser } from "@/lib/chat/context";
import { viewPausedToolCalls } from "@/lib/chat/conversation-view";
import { conversationNotFound } from "@/lib/chat/conversations";
import type { PausedToolCallView } from "@/lib/contracts/chat/chat";
import { type ConversationRow, findConversation } from "@/lib/db/conversation";
import { findPausedToolCall, type PausedToolCallRow } from "@/lib/db/paused-tool-call";
import { NotFoundError } from "@/lib/errors";

export interface PausedToolCallAddress {
  conversationId: string;
  pausedToolCallId: string;
}

/** @throws NotFoundError no such call in a conversation of this person */
export async function findOwnPausedToolCall(
  ctx: ChatContext,
  user: ChatUser,
  { conversationId, pausedToolCallId: id }: PausedToolCallAddress,
): Promise<{ conversation: ConversationRow; row: PausedToolCallRow }> {
  const conversation = await findConversation(ctx.db, { id: conversationId, userId: user.id });
  if (!conversation) throw conversationNotFound();
  const row = await findPausedToolCall(ctx.db, { id, conversationId });
  if (!row) throw callNotFound();
  return { conversation, row };
}

/** Its state after a decision of this person, whose next turn carries it out. @throws NotFoundError */
export async function viewOwnPausedToolCall(
  ctx: ChatContext,
  user: ChatUser,
  where: PausedToolCallAddress,
): Promise<PausedToolCallView> {
  const { conversation, row } = await findOwnPausedToolCall(ctx, user, where);
  const { assistantId, accounts } = conversation;
  const around = { assistantId, accounts, messages: [], turnState: "running" as const };
  const [view] = await viewPausedToolCalls(ctx, user, [row], around);
  if (!view) throw callNotFound();
  return view;
}

function callNotFound(): NotFoundError {
  return new NotFoundError("That tool call is not there any more. Reload the page.");
}
