import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import type * as z from "zod";
import type {
  ConversationDetail,
  ConversationList,
  ConversationSummary,
  MessagePage,
  PausedToolCallDecision,
  PausedToolCallView,
} from "@/lib/contracts/chat/chat";
import type { chatAssistantList } from "@/lib/contracts/chat/chat-assistant";
import type { InputAnswer } from "@/lib/contracts/elicitation/elicitation";
import { fetchJson } from "./fetch-json";

const conversations = "/api/chat/conversations";

function conversationPath(id: string): string {
  return `${conversations}/${encodeURIComponent(id)}`;
}

export const conversationListKey = ["chat", "conversations"] as const;
export function conversationKey(id: string) {
  return ["chat", "conversation", id] as const;
}

/** The viewer's own, last changed first, page by page. @param search part of the title */
export function conversationListQuery(search: string) {
  return infiniteQueryOptions({
    queryKey: [...conversationListKey, search],
    queryFn: ({ signal, pageParam }) =>
      fetchJson<ConversationList>(conversationsPath(search, pageParam), { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
  });
}

function conversationsPath(search: string, after: string | null): string {
  const query = new URLSearchParams();
  if (search) query.set("search", search);
  if (after) query.set("after", after);
  return query.size > 0 ? `${conversations}?${query}` : conversations;
}

/**
 * All of the pages in one list, each conversation once: one that moved to the top between two requests
 * may also be on a later page, where it was before.
 */
export function conversationsOf(
  pages: readonly { conversations: readonly ConversationSummary[] }[],
): ConversationSummary[] {
  const byId = new Map<string, ConversationSummary>();
  for (const conversation of pages.flatMap((page) => page.conversations)) {
    if (!byId.has(conversation.id)) byId.set(conversation.id, conversation);
  }
  return [...byId.values()];
}

export function conversationQuery(id: string) {
  return queryOptions({
    queryKey: conversationKey(id),
    queryFn: ({ signal }) => fetchJson<ConversationDetail>(conversationPath(id), { signal }),
  });
}

/** @param before `older` of the page that follows @throws ProblemError */
export function fetchOlderMessages(id: string, before: string): Promise<MessagePage> {
  return fetchJson(`${conversationPath(id)}/messages?${new URLSearchParams({ before })}`);
}

export function chatAssistantsQuery() {
  return queryOptions({
    queryKey: ["chat", "assistants"] as const,
    queryFn: ({ signal }) =>
      fetchJson<z.infer<typeof chatAssistantList>>("/api/chat/assistants", { signal }),
    select: (answer) => answer.assistants,
    staleTime: 60_000,
  });
}

/** @throws ProblemError, as all below */
export function renameConversation(id: string, title: string): Promise<unknown> {
  return fetchJson(conversationPath(id), { method: "PATCH", body: { title } });
}

export function deleteConversation(id: string): Promise<void> {
  return fetchJson(conversationPath(id), { method: "DELETE" });
}

export function stopTurn(id: string): Promise<void> {
  return fetchJson(`${conversationPath(id)}/stop`, { method: "POST" });
}

export function turnPath(id: string): string {
  return `${conversationPath(id)}/turn`;
}

/** Only stored; a `resume` turn carries it out. */
export function decidePausedToolCall(
  conversationId: string,
  pausedToolCallId: string,
  body: PausedToolCallDecision,
): Promise<PausedToolCallView> {
  return fetchJson(pausedToolCallPath(conversationId, pausedToolCallId), { method: "POST", body });
}

export function askAdmin(
  conversationId: string,
  pausedToolCallId: string,
): Promise<PausedToolCallView> {
  const path = `${pausedToolCallPath(conversationId, pausedToolCallId)}/ask-admin`;
  return fetchJson(path, { method: "POST" });
}

export function answerInput(
  conversationId: string,
  pausedToolCallId: string,
  body: InputAnswer,
): Promise<PausedToolCallView> {
  const path = `${pausedToolCallPath(conversationId, pausedToolCallId)}/input`;
  return fetchJson(path, { method: "POST", body });
}

function pausedToolCallPath(conversationId: string, id: string): string {
  return `${conversationPath(conversationId)}/paused-tool-calls/${encodeURIComponent(id)}`;
}
