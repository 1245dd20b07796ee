"use client";

import { createContext, type ReactNode, useContext, useState } from "react";
import { createDraftStore, type DraftStore } from "@/components/chat/composer/draft-store";
import type { ConversationSession } from "@/components/chat/turn/conversation-session";
import { createOpenConversation, type OpenConversation } from "./open-conversation";

/** What the panel and the page share, for as long as this browser tab shows the workspace. */
export type ChatState = {
  sessions: Map<string, ConversationSession>;
  drafts: DraftStore;
  openConversation: OpenConversation;
};

const ChatStateContext = createContext<ChatState | null>(null);

function newChatState(): ChatState {
  const storage = () => window.sessionStorage;
  return {
    sessions: new Map(),
    drafts: createDraftStore(storage),
    openConversation: createOpenConversation(storage),
  };
}

/** Around the workspace. It is on every page, so it brings none of the chat's own code. */
export function ChatStateProvider({ children }: { children: ReactNode }) {
  const [state] = useState(newChatState);
  return <ChatStateContext value={state}>{children}</ChatStateContext>;
}

/** @throws Error outside the workspace's pages. */
export function useChatState(): ChatState {
  const state = useContext(ChatStateContext);
  if (!state) throw new Error("useChatState works inside the workspace's layout only.");
  return state;
}
