"use client";

import { ChevronDown, History, SquarePen } from "lucide-react";
import { Tooltip as RadixTooltip } from "radix-ui";
import type { ReactNode } from "react";
import { ConversationMenu } from "@/components/chat/history/conversation-menu";
import type { ConversationStatus } from "@/components/chat/turn/use-conversation";
import { Button, IconButton } from "@/components/ui/button";
import { cn } from "@/components/ui/class-names";
import { Skeleton } from "@/components/ui/loading";

/** The line above a conversation: its title with its actions, the history, a new one. */
export function ChatHeader({
  conversation,
  headingLevel: Heading,
  historyOpen,
  onHistory,
  historyClassName,
  onNew,
}: {
  conversation: ConversationStatus;
  headingLevel: "h1" | "h2";
  historyOpen: boolean;
  onHistory: () => void;
  historyClassName?: string | undefined;
  onNew: () => void;
}) {
  return (
    <>
      <Heading className="flex h-7 min-w-0 flex-1 items-center font-medium text-base">
        <Title conversation={conversation} onDeleted={onNew} />
      </Heading>
      <Tooltip content="History">
        <IconButton
          label="History"
          size="sm"
          aria-expanded={historyOpen}
          onClick={onHistory}
          className={cn("aria-expanded:bg-pressed aria-expanded:text-text", historyClassName)}
        >
          <History aria-hidden="true" />
        </IconButton>
      </Tooltip>
      <Tooltip content="New conversation">
        <IconButton label="New conversation" size="sm" onClick={onNew}>
          <SquarePen aria-hidden="true" />
        </IconButton>
      </Tooltip>
    </>
  );
}

function Title({
  conversation,
  onDeleted,
}: {
  conversation: ConversationStatus;
  onDeleted: () => void;
}) {
  if (conversation.status === "loading") {
    return (
      <span className="flex h-7 items-center">
        <span className="sr-only">Loading the conversation</span>
        <Skeleton className="w-36" />
      </span>
    );
  }
  if (conversation.status !== "ready") {
    return <span className="truncate">Chat</span>;
  }
  const { id, title } = conversation.detail;
  return (
    <ConversationMenu
      id={id}
      title={title}
      onDeleted={onDeleted}
      trigger={
        <Button variant="ghost" className="-ml-2 h-7 max-w-full px-2 text-base text-text">
          <span className="truncate">{title}</span>
          <ChevronDown aria-hidden="true" className="size-3.5! text-faint" />
        </Button>
      }
    />
  );
}

/** Includes its own provider, so that only pages with a tooltip load one. */
function Tooltip({ content, children }: { content: string; children: ReactNode }) {
  return (
    <RadixTooltip.Provider delayDuration={300}>
      <RadixTooltip.Root>
        <RadixTooltip.Trigger asChild>{children}</RadixTooltip.Trigger>
        <RadixTooltip.Portal>
          <RadixTooltip.Content
            side="bottom"
            sideOffset={6}
            collisionPadding={8}
            className="z-50 max-w-72 select-none rounded-md bg-text px-2 py-1 text-background text-xs data-[state=delayed-open]:animate-fade-in"
          >
            {content}
          </RadixTooltip.Content>
        </RadixTooltip.Portal>
      </RadixTooltip.Root>
    </RadixTooltip.Provider>
  );
}
