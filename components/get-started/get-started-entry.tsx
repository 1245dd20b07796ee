"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { usePathname } from "next/navigation";
import { type ComponentProps, useEffect, useRef } from "react";
import { type Place, PlaceLink, railHidden } from "@/components/shell/navigation";
import { cn } from "@/components/ui/class-names";
import type { GetStartedView } from "@/lib/contracts/get-started";
import { getStartedQuery } from "@/lib/queries/get-started";

/** Leads to the first steps until they are done or dismissed. @param first as delivered with the page */
export default function GetStartedEntry({
  first,
  onNavigate,
}: {
  first: GetStartedView;
  onNavigate?: (() => void) | undefined;
}) {
  const { data } = useQuery({
    ...getStartedQuery(),
    initialData: first,
    // Something may have changed before this script was loaded.
    initialDataUpdatedAt: 0,
    refetchOnWindowFocus: "always",
  });
  useFreshSteps();
  if (!data.shown) return null;
  const { doneCount, steps } = data;
  return (
    <PlaceLink
      place={{ href: "/get-started", label: "Get started", icon: ProgressIcon }}
      onNavigate={onNavigate}
    >
      <span className={cn("ml-auto font-normal text-muted text-xs tabular-nums", railHidden)}>
        {doneCount} of {steps.length}
        <span className="sr-only"> done</span>
      </span>
    </PlaceLink>
  );
}

/** Query key prefixes whose data can complete a step. */
const changes: readonly unknown[] = [
  "assistants",
  "connections",
  "mcp-servers",
  "models",
  "people",
];

/** Reloads on each page, and after each change on the same page. */
function useFreshSteps(): void {
  const queryClient = useQueryClient();
  const pathname = usePathname();
  const before = useRef(pathname);

  useEffect(() => {
    if (before.current === pathname) return;
    before.current = pathname;
    void queryClient.invalidateQueries(getStartedQuery());
  }, [pathname, queryClient]);

  useEffect(() => {
    let due = false;
    return queryClient.getQueryCache().subscribe((event) => {
      if (due || event.type !== "updated" || !changes.includes(event.query.queryKey[0])) return;
      const { action } = event;
      // Refetched after a change, or set from the response to one.
      if (action.type !== "invalidate" && !(action.type === "success" && action.manual)) return;
      due = true;
      // One change makes several lists refetch.
      queueMicrotask(() => {
        due = false;
        void queryClient.invalidateQueries(getStartedQuery());
      });
    });
  }, [queryClient]);
}

const circumference = 2 * Math.PI * 6;

/** A ring, filled according to the steps that are done. */
function ProgressIcon({ className }: ComponentProps<Place["icon"]>) {
  const { data } = useQuery({ ...getStartedQuery(), enabled: false });
  const part = data ? data.doneCount / data.steps.length : 0;
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      className={className}
    >
      <circle cx="8" cy="8" r="6" opacity="0.35" />
      <circle
        cx="8"
        cy="8"
        r="6"
        strokeDasharray={`${part * circumference} ${circumference}`}
        transform="rotate(-90 8 8)"
        className="stroke-accent"
      />
    </svg>
  );
}
