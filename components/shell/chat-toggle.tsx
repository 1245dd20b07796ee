"use client";

import { MessageSquareText } from "lucide-react";
import { type ComponentProps, useSyncExternalStore } from "react";
import { useChatPanel } from "@/components/shell/chat-panel-state";
import { railHidden } from "@/components/shell/navigation";
import { IconButton } from "@/components/ui/button";
import { cn } from "@/components/ui/class-names";

/** Opens and closes the chat beside the page; if the page is the chat, it focuses the message field. */
export function ChatToggle() {
  const { open, absent, toggle } = useChatPanel();
  return (
    <button
      type="button"
      onClick={toggle}
      {...(absent ? {} : { "aria-expanded": open, "aria-controls": "chat-panel" })}
      aria-keyshortcuts="Control+J Meta+J"
      className={cn(
        "flex h-8 w-full items-center gap-2 rounded-md border border-border-strong bg-surface px-2 font-medium text-sm shadow-control transition-colors hover:bg-sunken dark:bg-raised dark:hover:bg-pressed",
        "aria-expanded:border-accent-border aria-expanded:bg-accent-subtle aria-expanded:text-accent-text",
      )}
    >
      <MessageSquareText aria-hidden="true" className="size-4 shrink-0" />
      <span className={cn("flex-1 text-left", railHidden)}>Ask</span>
      <span className={railHidden}>
        <ShortcutHint letter="J" />
      </span>
    </button>
  );
}

export function ChatToggleIcon() {
  const { covering, absent, toggle } = useChatPanel();
  if (absent) return <span className="w-10" />;
  return (
    <IconButton
      label="Ask"
      size="lg"
      onClick={toggle}
      aria-expanded={covering}
      aria-controls="chat-panel"
    >
      <MessageSquareText aria-hidden="true" />
    </IconButton>
  );
}

const never = () => () => {};

/** "Ctrl J", or "⌘ J" on Apple's systems. */
function ShortcutHint({ letter }: { letter: string }) {
  const apple = useSyncExternalStore(
    never,
    () => /Mac|iPhone|iPad/.test(navigator.userAgent),
    () => false,
  );
  return (
    <span aria-hidden="true" className="flex gap-0.5">
      <Kbd>{apple ? "⌘" : "Ctrl"}</Kbd>
      <Kbd>{letter}</Kbd>
    </span>
  );
}

function Kbd({ className, ...props }: ComponentProps<"kbd">) {
  return (
    <kbd
      {...props}
      className={cn(
        "inline-flex h-4.5 min-w-4.5 items-center justify-center whitespace-nowrap rounded-xs border border-border bg-sunken px-1 font-sans text-2xs text-muted",
        className,
      )}
    />
  );
}
