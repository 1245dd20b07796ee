"use client";

import { ArrowUp, Square } from "lucide-react";
import {
  type FormEvent,
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import type { DraftStore } from "@/components/chat/composer/draft-store";
import { useChatState } from "@/components/chat/shell/chat-state";
import { IconButton } from "@/components/ui/button";
import { cn } from "@/components/ui/class-names";
import { formatNumber } from "@/lib/contracts/format";

/** The server's limit. */
const longestMessage = 32_000;

type ComposerProps = {
  /** A conversation's id, or `newConversationDraft`. */
  draftKey: string;
  placeholder: string;
  /** A turn runs: the stop button replaces the send button. */
  busy: boolean;
  stopping: boolean;
  /** Why nothing can be sent now. Typing still works. */
  blocked: string | null;
  /** Shown under the text. */
  hint?: ReactNode;
  /** Shown in the lower left corner. */
  assistant: ReactNode;
  onSend: (text: string) => void;
  onStop: () => void;
};

/** Enter sends, Shift+Enter breaks the line, Escape stops the answer. */
export function Composer(props: ComposerProps) {
  const { draftKey, busy, stopping, blocked, onSend, onStop } = props;
  const { drafts } = useChatState();
  const text = useSyncExternalStore(
    drafts.subscribe,
    () => drafts.read(draftKey),
    () => "",
  );
  const input = useAutoHeight(text);
  useEarlyText(input, draftKey, drafts);
  const hintId = useId();
  const tooLong =
    text.length > longestMessage
      ? `${formatNumber(text.length - longestMessage)} characters too many.`
      : null;
  const reason = blocked ?? tooLong;
  const ready = !busy && reason === null && text.trim() !== "";

  const awaited = useAwaitedSend({ text, loading: blocked === "", send });

  function submit(event?: FormEvent) {
    event?.preventDefault();
    if (blocked === "") awaited.await();
    else send();
  }

  function send() {
    if (!ready) return;
    onSend(text.trim());
    writeOn();
  }

  // The pressed button disappears when a turn starts or ends. On touch, focus would open the keyboard.
  function writeOn() {
    if (window.matchMedia("(pointer: fine)").matches) input.current?.focus();
  }

  function onKeyDown(event: KeyboardEvent) {
    // During composition with an input method, Enter accepts its suggestion; Safari then reports 229.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      submit();
    }
    if (event.key === "Escape" && busy && !stopping) {
      event.preventDefault();
      onStop();
    }
  }

  return (
    <form
      onSubmit={submit}
      className={cn(
        "rounded-xl border border-border-strong bg-surface shadow-control transition-[border-color,box-shadow]",
        "focus-within:border-ring focus-within:ring-3 focus-within:ring-ring/20 hover:border-faint/60 dark:bg-background",
      )}
    >
      <textarea
        ref={input}
        data-chat-input
        aria-label="Message"
        aria-describedby={reason || props.hint ? hintId : undefined}
        aria-invalid={tooLong ? true : undefined}
        rows={1}
        enterKeyHint="send"
        autoComplete="off"
        placeholder={props.placeholder}
        value={text}
        onChange={(event) => drafts.write(draftKey, event.target.value)}
        onKeyDown={onKeyDown}
        className="block max-h-[min(14rem,35dvh)] min-h-11 w-full resize-none overflow-y-auto bg-transparent px-3.5 pt-2.5 pb-1 text-base leading-6 outline-none max-sm:text-lg"
      />
      <div className="flex min-h-10 items-center gap-2 pr-1.5 pb-1.5 pl-1.5">
        <div className="flex min-w-0 flex-1 items-center gap-2">
          {props.assistant}
          <p
            id={hintId}
            className={cn(
              "min-w-0 text-xs first:pl-2",
              reason ? null : "truncate",
              tooLong ? "text-danger-text" : "text-muted",
            )}
          >
            {reason || props.hint}
          </p>
        </div>
        {busy ? (
          <IconButton
            label="Stop the answer"
            variant="secondary"
            loading={stopping}
            onClick={() => {
              onStop();
              writeOn();
            }}
            className="rounded-lg"
          >
            <Square aria-hidden="true" className="size-3.5! fill-current" />
          </IconButton>
        ) : (
          <IconButton
            type="submit"
            label="Send"
            variant="primary"
            disabled={!ready}
            loading={awaited.isAwaited}
            title={reason || undefined}
            className="rounded-lg"
          >
            <ArrowUp aria-hidden="true" />
          </IconButton>
        )}
      </div>
    </form>
  );
}

/** Grows with the text, up to the height that its style allows. */
function useAutoHeight(text: string) {
  const input = useRef<HTMLTextAreaElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: measured again whenever the text changes
  useLayoutEffect(() => {
    const area = input.current;
    if (!area) return;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
  }, [text]);
  return input;
}

/**
 * Text typed before hydration is in the DOM only; React would clear it. It goes to the conversation that is open once
 * the browser has said which, and an early press of "New conversation" has taken effect.
 */
function useEarlyText(
  input: RefObject<HTMLTextAreaElement | null>,
  draftKey: string,
  drafts: DraftStore,
): void {
  const key = useRef(draftKey);
  useLayoutEffect(() => {
    key.current = draftKey;
  }, [draftKey]);
  useLayoutEffect(() => {
    const typed = input.current?.value ?? "";
    if (typed === "") return;
    const timer = setTimeout(() => {
      const stored = drafts.read(key.current);
      if (stored.startsWith(typed)) return;
      drafts.write(key.current, stored === "" ? typed : `${stored}\n\n${typed}`);
    });
    return () => clearTimeout(timer);
  }, [input, drafts]);
}

/** Enter pressed while the chat loads is not lost: the text is sent as soon as possible. */
function useAwaitedSend({
  text,
  loading,
  send,
}: {
  text: string;
  /** Sending is not possible yet. */
  loading: boolean;
  send: () => void;
}) {
  const [awaited, setAwaited] = useState<string | null>(null);
  const isAwaited = awaited !== null && awaited.trim() !== "" && awaited === text;

  useEffect(() => {
    if (awaited === null || (loading && isAwaited)) return;
    setAwaited(null);
    // Typing again cancels it.
    if (isAwaited) send();
  });

  return { isAwaited, await: () => setAwaited(text) };
}
