import { Chat } from "@ai-sdk/react";
import type { QueryClient } from "@tanstack/react-query";
import { generateId } from "ai";
import type { DraftStore } from "@/components/chat/composer/draft-store";
import {
  type EarlierMessages,
  keepEqualMessages,
  messagesBefore,
  nothingEarlier,
  withPageBefore,
} from "@/components/chat/turn/earlier-messages";
import { createResumeOnce } from "@/components/chat/turn/resume-once";
import { TurnTransport } from "@/components/chat/turn/turn-transport";
import type { ChatMessage, ConversationDetail, TurnInput } from "@/lib/contracts/chat/chat";
import { titleFrom } from "@/lib/contracts/chat/conversation";
import { conversationKey, conversationListKey, stopTurn } from "@/lib/queries/chat";
import { ProblemError } from "@/lib/queries/fetch-json";

/** A turn that the server did not accept. The text of a `send` is back in the composer. */
type TurnFailure = { turn: TurnInput["kind"]; message: string };

export type SessionState = {
  working: boolean;
  /** A stop was requested and is pending. */
  stopping: boolean;
  failure: TurnFailure | null;
  /** The stream broke off; the server continues, and its answer is fetched. */
  connectionLost: boolean;
  earlier: EarlierMessages;
  /** Chosen for the coming turns; null: as the server remembers. */
  model: { chosen: string | null } | null;
};

/**
 * One conversation as held by this tab. It outlives the component that shows it: an answer continues
 * streaming while the person moves between the panel and the page.
 */
export type ConversationSession = {
  readonly id: string;
  /** The messages from the first message of the initially loaded page. */
  readonly chat: Chat<ChatMessage>;
  getState(): SessionState;
  subscribe(listener: () => void): () => void;
  send(text: string): Promise<void>;
  /** Continues after a consent, a confirmation or a skip. */
  resume(): Promise<void>;
  retry(): Promise<void>;
  /** @throws ProblemError the server could not be asked */
  stop(): Promise<void>;
  dismissFailure(): void;
  /** @param model null: the assistant's */
  chooseModel(model: string | null): void;
  /** @param beforeShown runs right before the loaded messages are rendered */
  loadEarlier(beforeShown?: () => void): Promise<void>;
  /** Adopts what the server has stored, unless something newer is in progress here. */
  adopt(detail: ConversationDetail, fetchedAt: number): void;
  /** True once each time that a paused call's consent arrives: the caller then resumes. */
  shouldResume(detail: ConversationDetail): boolean;
};

/** How long a stopped stream may still deliver its last text, in ms. */
const lastWords = 4_000;

const idle = { working: false, stopping: false, failure: null, connectionLost: false };

export function createConversationSession(
  { id, messages, older }: Pick<ConversationDetail, "id" | "messages" | "older">,
  { queryClient, drafts }: { queryClient: QueryClient; drafts: DraftStore },
  /** For a conversation that its first message starts. */
  beginning?: { assistantId: string; model: string | null; onBegun: () => void },
): ConversationSession {
  const listeners = new Set<() => void>();
  const queryKey = conversationKey(id);
  const begins = beginning?.model ? { chosen: beginning.model } : null;
  let state: SessionState = { ...idle, earlier: nothingEarlier(older), model: begins };
  let accepted = false;
  let begun = beginning === undefined;
  let turnEndedAt = 0;
  let adoptedAt = 0;
  /** Sent, but not known to have arrived. */
  let unsure: { messageId: string; text: string } | null = null;

  const chat = new Chat<ChatMessage>({
    id,
    messages,
    transport: new TurnTransport(() => {
      accepted = true;
      if (!begun) beginning?.onBegun();
      begun = true;
      if (state.model) remember(state.model.chosen);
      // It now has its title, and its place at the top of the history.
      void queryClient.invalidateQueries({ queryKey: conversationListKey });
    }),
  });

  function change(next: Partial<SessionState>): void {
    state = { ...state, ...next };
    for (const listener of listeners) listener();
  }

  function remember(model: string | null): void {
    queryClient.setQueryData<ConversationDetail>(queryKey, (old) => old && { ...old, model });
    change({ model: null });
  }

  const withModel = () => (state.model ? { model: state.model.chosen } : {});

  function nameAfter(text: string): void {
    const title = titleFrom(text);
    queryClient.setQueryData<ConversationDetail>(queryKey, (old) => old && { ...old, title });
  }

  /** @returns what prevented the turn from starting; null if it started */
  async function run(begin: () => Promise<void>): Promise<Error | null> {
    change({ working: true, stopping: false, failure: null, connectionLost: false });
    accepted = false;
    // A response requested before this turn would remove the start of its answer.
    await queryClient.cancelQueries({ queryKey });
    await begin();
    const error = chat.error ?? null;
    chat.clearError();
    return error;
  }

  function end(next: Partial<SessionState>): void {
    turnEndedAt = Date.now();
    change({ working: false, stopping: false, ...next });
    void queryClient.invalidateQueries({ queryKey });
    void queryClient.invalidateQueries({ queryKey: conversationListKey });
  }

  async function loadEarlier(beforeShown?: () => void): Promise<void> {
    const { earlier } = state;
    if (earlier.older === null || earlier.loading) return;
    const loading = { ...earlier, loading: true, problem: null };
    change({ earlier: loading });
    const loaded = await withPageBefore(id, earlier);
    // The conversation may have continued elsewhere for so long that it starts over here.
    if (state.earlier !== loading) return;
    beforeShown?.();
    change({ earlier: loaded });
  }

  async function turn(input: TurnInput, begin: () => Promise<void>): Promise<void> {
    if (state.working) return;
    const before = chat.messages;
    const error = await run(begin);
    if (!error) return end({});
    if (accepted) return end({ connectionLost: true });
    chat.messages = before;
    if (input.kind === "send") {
      drafts.restore(id, input.text);
      if (mayHaveArrived(error)) unsure = input;
    }
    // Another turn is running, most likely the same one from another tab: it is followed.
    const expected = input.kind === "resume" && statusOf(error) === 409;
    end({ failure: expected ? null : { turn: input.kind, message: error.message } });
  }

  return {
    id,
    chat,
    getState: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    send(text) {
      // The same message again keeps its id: the server then answers it once.
      const messageId = unsure?.text === text ? unsure.messageId : generateId();
      const input = {
        ...({ kind: "send", messageId, text } as const),
        ...(begun ? {} : { assistantId: beginning?.assistantId }),
        ...withModel(),
      };
      drafts.write(id, "");
      if (chat.messages.length === 0) nameAfter(text);
      return turn(input, () =>
        chat.sendMessage(
          { id: input.messageId, role: "user", parts: [{ type: "text", text }] },
          { body: input },
        ),
      );
    },
    resume() {
      const input = { kind: "resume" } as const;
      return turn(input, () => chat.sendMessage(undefined, { body: input }));
    },
    retry() {
      const input = { kind: "retry", ...withModel() } as const;
      return turn(input, () => chat.regenerate({ body: input }));
    },
    async stop() {
      change({ stopping: true });
      try {
        await stopTurn(id);
      } catch (error) {
        change({ stopping: false });
        throw error;
      }
      if (state.working) setTimeout(() => state.stopping && void chat.stop(), lastWords);
      else void queryClient.invalidateQueries({ queryKey });
    },
    dismissFailure: () => change({ failure: null }),
    chooseModel: (chosen) => change({ model: { chosen } }),
    loadEarlier,
    adopt(detail, fetchedAt) {
      if (state.working || fetchedAt < turnEndedAt || fetchedAt === adoptedAt) return;
      adoptedAt = fetchedAt;
      const kept = messagesBefore(chat.messages, detail.messages[0]);
      const stored = keepEqualMessages(chat.messages, detail.messages);
      chat.messages = [...(kept ?? []), ...stored];
      if (kept === null) change({ earlier: nothingEarlier(detail.older) });
      if (!detail.running && (state.stopping || state.connectionLost)) {
        change({ stopping: false, connectionLost: false });
      }
      if (unsure && detail.messages.some((message) => message.id === unsure?.messageId)) {
        if (drafts.read(id) === unsure.text) drafts.write(id, "");
        change({ failure: null });
      }
      unsure = null;
    },
    shouldResume: createResumeOnce(),
  };
}

function statusOf(error: Error): number | null {
  return error instanceof ProblemError ? error.status : null;
}

function mayHaveArrived(error: Error): boolean {
  const status = statusOf(error);
  return status === null || status === 0 || status >= 500;
}
