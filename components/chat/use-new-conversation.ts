"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, useSyncExternalStore } from "react";
import type { ChatAssistant } from "@/lib/contracts/chat";
import { chatAssistantsQuery, conversationKey, startConversation } from "@/lib/queries/chat";
import { useChatState } from "./chat-state";
import { createConversationSession } from "./conversation-session";
import { newConversationDraft } from "./draft-store";

/** The assistant that was last talked to, in this browser. */
const lastAssistantKey = "usher-chat-assistant";

export type NewConversation = {
  assistants: readonly ChatAssistant[] | null;
  /** The assistants could not be loaded. */
  error: Error | null;
  retry: () => void;
  assistant: ChatAssistant | null;
  choose: (id: string) => void;
  /** Makes the conversation and sends its first message. */
  begin: (text: string) => void;
  beginning: boolean;
  /** Why it could not be made; the text is back in the composer. */
  failure: string | null;
  dismissFailure: () => void;
};

export function useNewConversation(onOpen: (id: string) => void): NewConversation {
  const { sessions, drafts } = useChatState();
  const queryClient = useQueryClient();
  const { data: assistants = null, error, refetch } = useQuery(chatAssistantsQuery());
  const [chosen, setChosen] = useState<string | null>(null);
  const last = useSyncExternalStore(never, readLastAssistant, () => null);
  const find = (id: string | null) => assistants?.find((each) => each.id === id);
  const assistant = find(chosen) ?? find(last) ?? assistants?.[0] ?? null;

  const {
    mutate,
    isPending,
    error: failure,
    reset,
  } = useMutation({
    mutationFn: ({ assistantId }: { assistantId: string; text: string }) =>
      startConversation(assistantId),
    onMutate: () => drafts.write(newConversationDraft, ""),
    onError: (_, { text }) => drafts.restore(newConversationDraft, text),
    onSuccess: (detail, { assistantId, text }) => {
      storeLastAssistant(assistantId);
      queryClient.setQueryData(conversationKey(detail.id), detail);
      const session = createConversationSession(detail, { queryClient, drafts });
      sessions.set(detail.id, session);
      onOpen(detail.id);
      void session.send(text);
    },
  });

  return {
    assistants,
    error: assistants ? null : error,
    retry: () => void refetch(),
    assistant,
    choose: setChosen,
    begin: (text) => assistant && mutate({ assistantId: assistant.id, text }),
    beginning: isPending,
    failure: failure?.message ?? null,
    dismissFailure: reset,
  };
}

const never = () => () => {};

function readLastAssistant(): string | null {
  try {
    return window.localStorage.getItem(lastAssistantKey);
  } catch {
    return null;
  }
}

function storeLastAssistant(id: string): void {
  try {
    window.localStorage.setItem(lastAssistantKey, id);
  } catch {
    // Switched off: the choice is not remembered.
  }
}
