"use client";

import { infiniteQueryOptions, keepPreviousData } from "@tanstack/react-query";
import { actionKinds } from "@/components/audit/action-words";
import { useUrlPages } from "@/components/ui/list/use-loaded-pages";
import { type SetUrlState, useUrlState } from "@/components/ui/list/use-url-state";
import type { AuditFilters, AuditPage } from "@/lib/contracts/audit";
import { fetchJson, withPerson } from "@/lib/queries/fetch-json";

/** The server's limit. */
export const longestPart = 254;

type Name = "action" | "person" | "server" | "from" | "to";

export type AuditView = {
  fields: Record<Name, string>;
  set: Record<Name, SetUrlState>;
  clear: () => void;
  /** The filters; invalid values are ignored. */
  filters: AuditFilters;
  pages: number;
  setPages: (pages: number) => void;
};

/** The state of the audit page, from its address. */
export function useAuditView(): AuditView {
  const [action, setAction] = useUrlState("action");
  const [person, setPerson] = useUrlState("person");
  const [server, setServer] = useUrlState("server");
  const [from, setFrom] = useUrlState("from");
  const [to, setTo] = useUrlState("to");
  const [pages, setPages] = useUrlPages("pages");
  const kind = actionKinds.find(({ value }) => value === action)?.value ?? "all";

  const fromTheFirst =
    (set: SetUrlState): SetUrlState =>
    (value, how) => {
      set(value, how);
      setPages(1);
    };
  return {
    fields: { action: kind, person, server, from, to },
    set: {
      action: fromTheFirst(setAction),
      person: fromTheFirst(setPerson),
      server: fromTheFirst(setServer),
      from: fromTheFirst(setFrom),
      to: fromTheFirst(setTo),
    },
    clear: () => {
      for (const set of [setAction, setPerson, setServer, setFrom, setTo]) set("");
      setPages(1);
    },
    filters: {
      action: kind === "all" ? undefined : kind,
      person: part(person),
      server: part(server),
      from: startOfDay(from),
      to: endOfDay(to),
    },
    pages,
    setPages,
  };
}

function part(text: string): string | undefined {
  return text.slice(0, longestPart).trim() || undefined;
}

/** The first moment of a day of this browser's time zone, as ISO 8601. @param day YYYY-MM-DD */
export function startOfDay(day: string): string | undefined {
  return momentOf(day, 0);
}

/** The end of the day, exclusive. */
export function endOfDay(day: string): string | undefined {
  return momentOf(day, 1);
}

/** Undefined for an incomplete or impossible date. */
function momentOf(day: string, shift: number): string | undefined {
  if (!/^[12]\d{3}-\d\d-\d\d$/.test(day)) return undefined;
  const date = new Date(`${day}T00:00:00`);
  if (Number.isNaN(date.getTime())) return undefined;
  date.setDate(date.getDate() + shift);
  return date.toISOString();
}

export function auditQuery(filters: AuditFilters) {
  return infiniteQueryOptions({
    queryKey: ["audit", filters],
    queryFn: ({ signal, pageParam }) =>
      fetchJson<AuditPage>(`/api/audit?${search({ ...filters, after: pageParam })}`, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
  });
}

/** For a download by the browser. */
export function auditExportUrl(format: "csv" | "jsonl", filters: AuditFilters): string {
  return withPerson(`/api/audit/export?${search({ ...filters, format })}`);
}

function search(values: Record<string, string | undefined>): string {
  const given = Object.entries(values).filter((pair): pair is [string, string] => Boolean(pair[1]));
  return new URLSearchParams(given).toString();
}
