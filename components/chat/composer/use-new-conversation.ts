"use client";

import { type QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import { useRef, useState, useSyncExternalStore } from "react";
import { useChatState } from "@/components/chat/shell/chat-state";
import {
  type ConversationSession,
  createConversationSession,
} from "@/components/chat/turn/conversation-session";
import type { ConversationDetail } from "@/lib/contracts/chat/chat";
import type { ChatAssistant } from "@/lib/contracts/chat/chat-assistant";
import { titleFrom } from "@/lib/contracts/chat/conversation";
import { chatAssistantsQuery, conversationKey } from "@/lib/queries/chat";
import { type DraftStore, newConversationDraft } from "./draft-store";

const lastAssistantKey = "usher-chat-assistant";

export type NewConversation = {
  assistants: readonly ChatAssistant[] | null;
  error: Error | null;
  retry: () => void;
  assistant: ChatAssistant | null;
  choose: (id: string) => void;
  /** Null: the assistant's. */
  model: string | null;
  chooseModel: (name: string | null) => void;
  begin: (text: string) => void;
  beginning: boolean;
  /** Why it failed; the text is back in the composer. */
  failure: string | null;
  dismissFailure: () => void;
};

export function useNewConversation(onOpen: (id: string) => void): NewConversation {
  const { sessions, drafts } = useChatState();
  const queryClient = useQueryClient();
  const { data: assistants = null, error, refetch } = useQuery(chatAssistantsQuery());
  const [chosen, setChosen] = useState<string | null>(null);
  const [model, chooseModel] = useState<string | null>(null);
  const attempt = useRef<Attempt | null>(null);
  const last = useSyncExternalStore(never, readLastAssistant, () => null);
  const find = (id: string | null) => assistants?.find((each) => each.id === id);
  const asked = useSearchParams().get("assistant");
  const assistant = find(chosen) ?? find(asked) ?? find(last) ?? assistants?.[0] ?? null;

  const {
    mutate,
    isPending,
    error: failure,
    reset,
  } = useMutation({
    mutationFn: (first: FirstMessage) => {
      const again = isSame(attempt.current?.first, first) ? attempt.current : null;
      const now = again ?? { first, ...beginConversation(first, { queryClient, drafts }) };
      attempt.current = now;
      return now.send();
    },
    onMutate: () => drafts.write(newConversationDraft, ""),
    onError: (_, { text }) => drafts.restore(newConversationDraft, text),
    onSuccess: ({ detail, session }, { assistant }) => {
      attempt.current = null;
      storeLastAssistant(assistant.id);
      queryClient.setQueryData(conversationKey(detail.id), detail);
      sessions.set(detail.id, session);
      onOpen(detail.id);
    },
  });

  return {
    assistants,
    error: assistants ? null : error,
    retry: () => void refetch(),
    assistant,
    choose: (id) => {
      setChosen(id);
      chooseModel(null);
    },
    ...{ model, chooseModel },
    begin: (text) => assistant && mutate({ assistant, text, model }),
    beginning: isPending,
    failure: failure?.message ?? null,
    dismissFailure: reset,
  };
}

type FirstMessage = { assistant: ChatAssistant; text: string; model: string | null };
type Begun = { detail: ConversationDetail; session: ConversationSession };
/** A first message that did not get through. Sending the same one again keeps its ids: it is answered once. */
type Attempt = { first: FirstMessage; send: () => Promise<Begun> };

function isSame(one: FirstMessage | undefined, other: FirstMessage): boolean {
  if (one?.assistant.id !== other.assistant.id) return false;
  return one.text === other.text && one.model === other.model;
}

function beginConversation(
  { assistant, text, model }: FirstMessage,
  stores: { queryClient: QueryClient; drafts: DraftStore },
): { send: () => Promise<Begun> } {
  const detail: ConversationDetail = {
    id: randomId(),
    title: titleFrom(text),
    assistantId: assistant.id,
    assistantName: assistant.name,
    updatedAt: new Date().toISOString(),
    messages: [],
    running: false,
    pausedToolCalls: [],
    older: null,
    model,
  };
  let onBegun = () => {};
  const session = createConversationSession(detail, stores, {
    ...{ assistantId: assistant.id, model },
    onBegun: () => onBegun(),
  });
  return {
    /** Resolves once the server has the message; the answer continues. */
    send: () =>
      new Promise((resolve, reject) => {
        onBegun = () => resolve({ detail, session });
        void session.send(text).then(() => {
          stores.drafts.write(detail.id, "");
          reject(new Error(session.getState().failure?.message ?? "The message was not sent."));
        });
      }),
  };
}

/** A UUID; `crypto.randomUUID` is missing on a page served over plain HTTP. */
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const versioned = bytes.map((byte, at) =>
    at === 6 ? (byte & 0x0f) | 0x40 : at === 8 ? (byte & 0x3f) | 0x80 : byte,
  );
  const hex = [...versioned].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
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
    // Storage is disabled: the choice is not remembered.
  }
}
