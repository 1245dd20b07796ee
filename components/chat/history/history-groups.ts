import type { ConversationSummary } from "@/lib/contracts/chat/chat";
import { formatDay, formatWeekday } from "@/lib/contracts/format";

export type HistoryGroup = { title: string; conversations: ConversationSummary[] };

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
