"use client";

import { createContext, useContext } from "react";
import type { Conversation } from "./use-conversation";

/** The open conversation, for the cards that act on it. */
export const ConversationContext = createContext<Conversation | null>(null);

/** @throws Error outside an open conversation. */
export function useOpenConversation(): Conversation {
  const conversation = useContext(ConversationContext);
  if (!conversation) throw new Error("useOpenConversation works inside a conversation only.");
  return conversation;
}
