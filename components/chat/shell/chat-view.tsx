"use client";

import { WifiOff, X } from "lucide-react";
import { useEffect, useState, useSyncExternalStore } from "react";
import { ErrorBoundary } from "react-error-boundary";
import { toast } from "sonner";
import { AssistantName, AssistantPicker } from "@/components/chat/composer/assistant-picker";
import { Composer } from "@/components/chat/composer/composer";
import { composerBlock } from "@/components/chat/composer/composer-block";
import { newConversationDraft } from "@/components/chat/composer/draft-store";
import {
  ConversationModelPicker,
  ModelPicker,
  RemovedModel,
} from "@/components/chat/composer/model-picker";
import { NewConversationView } from "@/components/chat/composer/new-conversation-view";
import { useNewConversation } from "@/components/chat/composer/use-new-conversation";
import { useChatState, useIsInBrowser } from "@/components/chat/shell/chat-state";
import { Thread, ThreadPreview } from "@/components/chat/turn/thread";
import { ThreadFailure, ThreadProblem } from "@/components/chat/turn/thread-problem";
import { ThreadSkeleton } from "@/components/chat/turn/thread-skeleton";
import type { ConversationStatus } from "@/components/chat/turn/use-conversation";
import { Button, IconButton } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";

export function ChatView({
  id,
  conversation,
  onOpen,
}: {
  /** Null: a new conversation; undefined: not known until the browser has reported it. */
  id: string | null | undefined;
  conversation: ConversationStatus;
  onOpen: (id: string | null) => void;
}) {
  const { drafts } = useChatState();
  const start = useNewConversation(onOpen);
  const online = useOnline();
  const keyboard = useKeyboardInset();
  const open = conversation.status === "ready" ? conversation : null;
  const failure = open?.state.failure ?? null;
  const draftKey = id ?? newConversationDraft;
  const name = open ? open.detail.assistantName : start.assistant?.name;

  function send(text: string) {
    if (open) void open.session.send(text);
    else start.begin(text);
  }

  function stop() {
    open?.session.stop().catch((error: Error) => toast.error(error.message));
  }

  return (
    <div className="flex min-h-0 flex-1 flex-col" style={{ paddingBottom: keyboard }}>
      <Upper id={id} conversation={conversation} start={start} onOpen={onOpen} onExample={send} />
      <div className="relative mx-auto grid w-full max-w-3xl grid-cols-1 shrink-0 gap-2 px-3 pt-1 pb-3 before:pointer-events-none before:absolute before:inset-x-0 before:-top-6 before:h-6 before:bg-linear-to-t before:from-surface before:to-transparent sm:px-4">
        {online ? null : <OfflineNotice />}
        {failure ? (
          <SendFailure
            message={failure.message}
            retryLabel={failure.turn === "send" ? "Send again" : "Try again"}
            onRetry={() => {
              if (failure.turn === "retry") void open?.session.retry();
              else if (failure.turn === "resume") void open?.session.resume();
              else send(drafts.read(draftKey).trim());
            }}
            onDismiss={() => open?.session.dismissFailure()}
          />
        ) : null}
        {start.failure && !open ? (
          <SendFailure
            message={start.failure}
            retryLabel="Send again"
            onRetry={() => start.begin(drafts.read(draftKey).trim())}
            onDismiss={start.dismissFailure}
          />
        ) : null}
        {open ? <RemovedModel conversation={open} assistants={start.assistants} /> : null}
        <Composer
          draftKey={draftKey}
          placeholder={name ? `Ask ${name}…` : "Ask…"}
          busy={(open?.busy ?? false) || start.beginning}
          stopping={(open?.state.stopping ?? false) || start.beginning}
          {...composerBlock({
            online,
            status: conversation.status,
            detail: open?.detail ?? null,
            busy: open?.busy ?? false,
            start,
          })}
          assistant={
            open ? (
              <>
                <AssistantName name={open.detail.assistantName ?? "Deleted assistant"} />
                <ConversationModelPicker conversation={open} assistants={start.assistants} />
              </>
            ) : id === null && start.assistants && start.assistant ? (
              <>
                <AssistantPicker
                  assistants={start.assistants}
                  value={start.assistant.id}
                  onChange={start.choose}
                />
                <ModelPicker
                  assistant={start.assistant}
                  value={start.model}
                  onChange={start.chooseModel}
                />
              </>
            ) : null
          }
          onSend={send}
          onStop={stop}
        />
      </div>
    </div>
  );
}

function Upper({
  id,
  conversation,
  start,
  onOpen,
  onExample,
}: {
  id: string | null | undefined;
  conversation: ConversationStatus;
  start: ReturnType<typeof useNewConversation>;
  onOpen: (id: string | null) => void;
  onExample: (text: string) => void;
}) {
  const isInBrowser = useIsInBrowser();
  switch (conversation.status) {
    case "ready":
      if (!isInBrowser) return <ThreadPreview conversation={conversation} />;
      return (
        <ErrorBoundary
          key={conversation.session.id}
          resetKeys={[conversation.detail]}
          fallbackRender={({ resetErrorBoundary }) => (
            <ThreadFailure onRetry={resetErrorBoundary} onNew={() => onOpen(null)} />
          )}
        >
          <Thread conversation={conversation} />
        </ErrorBoundary>
      );
    case "missing":
    case "failed":
      return <ThreadProblem conversation={conversation} onNew={() => onOpen(null)} />;
    case "loading":
      return <ThreadSkeleton />;
    case "none":
      return id === null ? (
        <NewConversationView start={start} onExample={onExample} />
      ) : (
        <ThreadSkeleton />
      );
  }
}

function subscribe(listener: () => void): () => void {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}

/** False while the device reports that it has no network. */
function useOnline(): boolean {
  return useSyncExternalStore(
    subscribe,
    () => navigator.onLine,
    () => true,
  );
}

/**
 * How many px at the bottom of the window an on-screen keyboard covers: Safari and Chrome put it over the
 * page without resizing the page.
 */
function useKeyboardInset(): number {
  const [inset, setInset] = useState(0);
  useEffect(() => {
    const viewport = window.visualViewport;
    if (!viewport) return;
    function measure() {
      if (!viewport || viewport.scale > 1.05) return;
      const covered = window.innerHeight - viewport.height - viewport.offsetTop;
      setInset(covered > 80 ? Math.round(covered) : 0);
    }
    measure();
    viewport.addEventListener("resize", measure);
    viewport.addEventListener("scroll", measure);
    return () => {
      viewport.removeEventListener("resize", measure);
      viewport.removeEventListener("scroll", measure);
    };
  }, []);
  return inset;
}

/** Says above the composer why a turn did not start; the message's text is restored there. */
function SendFailure({
  message,
  retryLabel,
  onRetry,
  onDismiss,
}: {
  message: string;
  retryLabel: string;
  onRetry: () => void;
  onDismiss: () => void;
}) {
  return (
    <Callout
      tone="danger"
      announce
      title={message}
      action={
        <>
          <Button size="sm" onClick={onRetry}>
            {retryLabel}
          </Button>
          <IconButton label="Dismiss" size="sm" onClick={onDismiss}>
            <X aria-hidden="true" />
          </IconButton>
        </>
      }
    />
  );
}

function OfflineNotice() {
  return (
    <p
      role="status"
      className="flex items-center gap-2 rounded-lg border border-warning-border bg-warning-subtle px-3 py-2 text-sm"
    >
      <WifiOff aria-hidden="true" className="size-4 shrink-0 text-warning-text" />
      You are offline. Your text is kept, and a running answer continues once you are back.
    </p>
  );
}
