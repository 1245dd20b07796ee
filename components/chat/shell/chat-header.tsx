"use client";

import { ChevronDown, History, SquarePen } from "lucide-react";
import { ConversationMenu } from "@/components/chat/history/conversation-menu";
import type { ConversationStatus } from "@/components/chat/turn/use-conversation";
import { Button, IconButton } from "@/components/ui/button";
import { cn } from "@/components/ui/class-names";
import { Skeleton } from "@/components/ui/loading";
import { Tooltip } from "@/components/ui/overlay/tooltip";

/** The line above a conversation: its title with what one can do with it, the history, a new one. */
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
      <Tooltip content="History" side="bottom">
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
      <Tooltip content="New conversation" side="bottom">
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
