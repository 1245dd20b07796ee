"use client";

import { createContext, type ReactNode, useContext, useState, useSyncExternalStore } from "react";
import { createDraftStore, type DraftStore } from "@/components/chat/composer/draft-store";
import type { ConversationSession } from "@/components/chat/turn/conversation-session";

/** What the panel and the page share, for as long as this browser tab shows the workspace. */
type ChatState = {
  sessions: Map<string, ConversationSession>;
  drafts: DraftStore;
  openConversation: OpenConversation;
  /** The person may connect a language model. */
  managesModels: boolean;
};

const ChatStateContext = createContext<ChatState | null>(null);

function newChatState(managesModels: boolean): ChatState {
  const storage = () => window.sessionStorage;
  return {
    sessions: new Map(),
    drafts: createDraftStore(storage),
    openConversation: createOpenConversation(storage),
    managesModels,
  };
}

/** Wraps the workspace. It is on every page, so it contains none of the chat's own code. */
export function ChatStateProvider({
  managesModels,
  children,
}: {
  managesModels: boolean;
  children: ReactNode;
}) {
  const [state] = useState(() => newChatState(managesModels));
  return <ChatStateContext value={state}>{children}</ChatStateContext>;
}

/** @throws Error outside the workspace's pages. */
export function useChatState(): ChatState {
  const state = useContext(ChatStateContext);
  if (!state) throw new Error("useChatState works inside the workspace's layout only.");
  return state;
}

/** Which conversation this browser tab has open, in the panel and on the page alike. */
type OpenConversation = {
  /** Null: a new one that has not started. */
  read(): string | null;
  open(id: string | null): void;
  subscribe(listener: () => void): () => void;
};

const key = "usher-chat-conversation";

/** `storage` is accessed lazily, and may refuse: then the choice lives only in memory. */
export function createOpenConversation(storage: () => Storage): OpenConversation {
  let current: string | null | undefined;
  const listeners = new Set<() => void>();

  function stored(): string | null {
    try {
      return storage().getItem(key);
    } catch {
      return null;
    }
  }

  return {
    read() {
      if (current === undefined) current = stored();
      return current;
    },
    open(id) {
      if (id === current) return;
      current = id;
      try {
        if (id === null) storage().removeItem(key);
        else storage().setItem(key, id);
      } catch {
        // Full, or disabled.
      }
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

const subscribeToNothing = () => () => {};

/** False on the server and at the first paint, which have to match. */
export function useIsInBrowser(): boolean {
  return useSyncExternalStore(
    subscribeToNothing,
    () => true,
    () => false,
  );
}
