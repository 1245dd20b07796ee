"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { Search } from "lucide-react";
import { memo, useDeferredValue, useMemo, useState } from "react";
import { ConversationMenu } from "@/components/chat/history/conversation-menu";
import { Older } from "@/components/chat/history/older";
import { counted } from "@/components/mcp-servers/server-words";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { cn } from "@/components/ui/class-names";
import { Input } from "@/components/ui/fields/input";
import { longestSearch } from "@/components/ui/list/search";
import { useLoadedPages } from "@/components/ui/list/use-loaded-pages";
import { Skeleton } from "@/components/ui/loading";
import type { ConversationSummary } from "@/lib/contracts/chat/chat";
import { formatTime } from "@/lib/contracts/format";
import { formatDay, formatWeekday } from "@/lib/contracts/format-day";
import { conversationListQuery, conversationsOf } from "@/lib/queries/chat";

/** The state of the history: on the page it is in the URL, in the panel it is kept here. */
type HistoryView = {
  search: string;
  onSearch: (search: string) => void;
  pages: number;
  onPages: (pages: number) => void;
};

export function History({
  openId,
  onOpen,
  view,
}: {
  openId: string | null;
  onOpen: (id: string | null) => void;
  view: HistoryView;
}) {
  const sought = useDeferredValue(view.search).slice(0, longestSearch).trim();
  const query = useInfiniteQuery(conversationListQuery(sought));
  useLoadedPages(query, view.pages);
  const { data, error, refetch, isFetching } = query;
  const conversations = useMemo(() => data && conversationsOf(data.pages), [data]);

  return (
    <>
      {view.search || conversations?.length !== 0 ? (
        <div className="sticky top-0 z-10 bg-inherit px-3 pt-3 pb-1">
          <Input
            type="search"
            aria-label="Search conversations"
            placeholder="Search conversations"
            maxLength={longestSearch}
            leading={<Search aria-hidden="true" />}
            value={view.search}
            onChange={({ target }) => {
              view.onSearch(target.value);
              view.onPages(1);
            }}
          />
        </div>
      ) : null}
      {!conversations ? (
        error ? (
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
        ) : (
          <HistorySkeleton />
        )
      ) : conversations.length > 0 ? (
        <>
          <Groups conversations={conversations} openId={openId} onOpen={onOpen} />
          {query.hasNextPage ? (
            <Older
              query={query}
              onOlder={() => {
                view.onPages((data?.pages.length ?? 0) + 1);
                return query.fetchNextPage();
              }}
            />
          ) : null}
        </>
      ) : sought ? (
        <NothingFound onClear={() => view.onSearch("")} />
      ) : (
        <p className="px-4 py-3 text-muted text-sm">Your conversations appear here.</p>
      )}
      <p role="status" className="sr-only">
        {sought && conversations && !query.isPlaceholderData
          ? conversations.length === 0
            ? "No conversation found"
            : `${counted(conversations.length, "conversation", "conversations")}${query.hasNextPage ? " and more" : ""} found`
          : null}
      </p>
    </>
  );
}

function NothingFound({ onClear }: { onClear: () => void }) {
  return (
    <div className="grid justify-items-start gap-2 px-4 py-3">
      <p className="text-muted text-sm">No title contains this text.</p>
      <Button size="sm" onClick={onClear}>
        Clear search
      </Button>
    </div>
  );
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

/** Memoized: there may be hundreds while an answer streams beside them. */
const HistoryLine = memo(function HistoryLine({
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
        data-conversation
        aria-current={here ? "true" : undefined}
        onClick={() => onOpen(id)}
        className="grid min-h-11 min-w-0 flex-1 content-center rounded-md py-1 pr-9 pl-2 text-left"
      >
        <span className="truncate font-medium text-sm">{title}</span>
        <span className="truncate text-muted text-xs">
          {formatTime(updatedAt)} · {assistantName ?? "Assistant deleted"}
        </span>
      </button>
      <span className="absolute right-1 opacity-0 transition-opacity focus-within:opacity-100 group-hover/line:opacity-100 has-data-[state=open]:opacity-100 pointer-coarse:opacity-100">
        <ConversationMenu id={id} title={title} onDeleted={() => here && onOpen(null)} />
      </span>
    </li>
  );
});

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

type HistoryGroup = { title: string; conversations: ConversationSummary[] };

/** By the day of their last change, in the reader's own time zone; the order is kept. */
export function groupByDay(
  conversations: readonly ConversationSummary[],
  now: Date,
): HistoryGroup[] {
  const groups: HistoryGroup[] = [];
  for (const conversation of conversations) {
    const title = dayTitle(new Date(conversation.updatedAt), now);
    const last = groups.at(-1);
    if (last?.title === title) last.conversations.push(conversation);
    else groups.push({ title, conversations: [conversation] });
  }
  return groups;
}

function dayTitle(day: Date, now: Date): string {
  const days = calendarDays(day, now);
  if (days <= 0) return "Today";
  if (days === 1) return "Yesterday";
  if (days < 7) return formatWeekday(day);
  return formatDay(day, now);
}

/** Midnights between the two; a day with a clock change is a day too. */
function calendarDays(from: Date, to: Date): number {
  const day = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((day(to) - day(from)) / 86_400_000);
}
