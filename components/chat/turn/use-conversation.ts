"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useSyncExternalStore } from "react";
import { useChatState } from "@/components/chat/shell/chat-state";
import {
  type ConversationSession,
  createConversationSession,
  type SessionState,
} from "@/components/chat/turn/conversation-session";
import type { ConversationDetail } from "@/lib/contracts/chat/chat";
import { conversationQuery } from "@/lib/queries/chat";
import { ProblemError } from "@/lib/queries/fetch-json";

/** How often a turn that runs somewhere else is polled, in ms. */
const watchEvery = 1_000;
/** How often a conversation whose calls wait for a person is polled, in ms. */
const waitEvery = 15_000;
/** Idle conversations kept in memory. */
const kept = 12;

/** An open conversation: what the server has stored, and what this tab is doing with it. */
export type Conversation = {
  detail: ConversationDetail;
  session: ConversationSession;
  state: SessionState;
  /** A turn is running, here or anywhere. */
  busy: boolean;
};

export type ConversationStatus =
  | { status: "none" | "loading" }
  | { status: "missing" }
  | { status: "failed"; error: Error; retry: () => void }
  | ({ status: "ready" } & Conversation);

const never = () => () => {};

export function useConversation(id: string | null): ConversationStatus {
  const { data, error, dataUpdatedAt, refetch } = useQuery({
    ...conversationQuery(id ?? ""),
    enabled: id !== null,
    refetchInterval: ({ state }) => pollEvery(state.data),
    retry: (count, problem) => count < 2 && !isMissing(problem),
  });
  const session = useSession(data ?? null);
  const stateNow = () => session?.getState() ?? null;
  const state = useSyncExternalStore(session?.subscribe ?? never, stateNow, stateNow);

  useEffect(() => {
    if (session && data) session.adopt(data, dataUpdatedAt);
  }, [session, data, dataUpdatedAt]);

  const idle = state !== null && !state.working && data?.running === false;
  useEffect(() => {
    if (idle && session && data && session.shouldResume(data)) void session.resume();
  }, [idle, session, data]);

  if (id === null) return { status: "none" };
  if (isMissing(error)) return { status: "missing" };
  if (data && session && state) {
    return {
      status: "ready",
      detail: data,
      session,
      state,
      busy: state.working || data.running || state.connectionLost,
    };
  }
  if (error) return { status: "failed", error, retry: () => void refetch() };
  return { status: "loading" };
}

function useSession(detail: ConversationDetail | null): ConversationSession | null {
  const { sessions, drafts } = useChatState();
  const queryClient = useQueryClient();
  if (!detail) return null;
  const known = sessions.get(detail.id);
  if (known) return known;
  for (const [id, session] of sessions) {
    if (sessions.size < kept) break;
    if (!session.getState().working) sessions.delete(id);
  }
  const session = createConversationSession(detail, { queryClient, drafts });
  sessions.set(detail.id, session);
  return session;
}

function pollEvery(detail: ConversationDetail | undefined): number | false {
  if (!detail) return false;
  if (detail.running) return watchEvery;
  const waits = detail.pausedToolCalls.some((call) => call.state.startsWith("AWAITING"));
  return waits ? waitEvery : false;
}

function isMissing(error: Error | null): boolean {
  return error instanceof ProblemError && (error.status === 404 || error.status === 403);
}

/** The open conversation, for the cards that act on it. */
export const ConversationContext = createContext<Conversation | null>(null);

/** @throws Error outside an open conversation. */
export function useOpenConversation(): Conversation {
  const conversation = useContext(ConversationContext);
  if (!conversation) throw new Error("useOpenConversation works inside a conversation only.");
  return conversation;
}
