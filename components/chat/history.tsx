"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { cn } from "@/components/ui/class-names";
import { Skeleton } from "@/components/ui/skeleton";
import type { ConversationSummary } from "@/lib/contracts/chat";
import { formatTime } from "@/lib/contracts/format";
import { conversationListQuery } from "@/lib/queries/chat";
import { ConversationMenu } from "./conversation-menu";
import { groupByDay } from "./history-groups";

/** The viewer's own conversations, by day. */
export function History({
  openId,
  onOpen,
}: {
  openId: string | null;
  onOpen: (id: string | null) => void;
}) {
  const { data, error, refetch, isFetching } = useQuery(conversationListQuery());
  if (data) {
    return data.length === 0 ? (
      <p className="px-4 py-3 text-muted text-sm">Your conversations will be listed here.</p>
    ) : (
      <Groups conversations={data} openId={openId} onOpen={onOpen} />
    );
  }
  if (error) {
    return (
      <Callout
        tone="danger"
        title="The history could not be loaded"
        className="m-3"
        action={
          <Button size="sm" loading={isFetching} onClick={() => void refetch()}>
            Try again
          </Button>
        }
      >
        {error.message}
      </Callout>
    );
  }
  return <HistorySkeleton />;
}

function Groups({
  conversations,
  openId,
  onOpen,
}: {
  conversations: readonly ConversationSummary[];
  openId: string | null;
  onOpen: (id: string | null) => void;
}) {
  const [now] = useState(() => new Date());
  return (
    <div className="grid gap-4 px-2 py-3">
      {groupByDay(conversations, now).map((group) => (
        <section key={group.title}>
          <h3 className="px-2 pb-1 font-medium text-faint text-xs">{group.title}</h3>
          <ul className="grid gap-px">
            {group.conversations.map((conversation) => (
              <HistoryLine
                key={conversation.id}
                conversation={conversation}
                here={conversation.id === openId}
                onOpen={onOpen}
              />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function HistoryLine({
  conversation: { id, title, assistantName, updatedAt },
  here,
  onOpen,
}: {
  conversation: ConversationSummary;
  here: boolean;
  onOpen: (id: string | null) => void;
}) {
  return (
    <li
      className={cn(
        "group/line relative flex items-center rounded-md transition-colors hover:bg-hover",
        here && "bg-pressed hover:bg-pressed",
      )}
    >
      <button
        type="button"
        aria-current={here ? "true" : undefined}
        onClick={() => onOpen(id)}
        className="grid min-h-11 min-w-0 flex-1 content-center rounded-md py-1 pr-9 pl-2 text-left"
      >
        <span className="truncate font-medium text-sm">{title}</span>
        <span className="truncate text-muted text-xs">
          {formatTime(updatedAt)} · {assistantName ?? "Its assistant was deleted"}
        </span>
      </button>
      <span className="absolute right-1 opacity-0 transition-opacity focus-within:opacity-100 group-hover/line:opacity-100 has-data-[state=open]:opacity-100 pointer-coarse:opacity-100">
        <ConversationMenu id={id} title={title} onDeleted={() => here && onOpen(null)} />
      </span>
    </li>
  );
}

function HistorySkeleton() {
  return (
    <div className="grid gap-1 px-4 py-3">
      <p role="status" className="sr-only">
        Loading the history
      </p>
      <Skeleton className="mb-2 h-3 w-12" />
      {["w-40", "w-28", "w-44", "w-36"].map((width) => (
        <div key={width} className="grid h-11 content-center gap-1.5">
          <Skeleton className={cn("h-3.5", width)} />
          <Skeleton className="h-3 w-20" />
        </div>
      ))}
    </div>
  );
}
