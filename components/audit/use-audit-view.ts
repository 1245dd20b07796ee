"use client";

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { actionKinds } from "@/components/audit/action-words";
import { useUrlPages } from "@/components/ui/list/use-loaded-pages";
import { type SetUrlState, useUrlState } from "@/components/ui/list/use-url-state";
import {
  type AuditFilters,
  type AuditGroups,
  type AuditPage,
  auditOutcomes,
} from "@/lib/contracts/audit";
import { fetchJson, withPerson } from "@/lib/queries/fetch-json";

/** The server's limit. */
export const longestPart = 254;

type Name = "action" | "person" | "group" | "server" | "account" | "outcome" | "from" | "to";

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
  const [group, setGroup] = useUrlState("group");
  const [server, setServer] = useUrlState("server");
  const [account, setAccount] = useUrlState("account");
  const [outcome, setOutcome] = useUrlState("outcome");
  const [from, setFrom] = useUrlState("from");
  const [to, setTo] = useUrlState("to");
  const [pages, setPages] = useUrlPages("pages");
  const kind = actionKinds.find(({ value }) => value === action)?.value ?? "all";
  const ended = auditOutcomes.find((each) => each === outcome);

  const fromTheFirst =
    (set: SetUrlState): SetUrlState =>
    (value, how) => {
      set(value, how);
      setPages(1);
    };
  return {
    fields: { action: kind, person, group, server, account, outcome: ended ?? "", from, to },
    set: {
      action: fromTheFirst(setAction),
      person: fromTheFirst(setPerson),
      group: fromTheFirst(setGroup),
      server: fromTheFirst(setServer),
      account: fromTheFirst(setAccount),
      outcome: fromTheFirst(setOutcome),
      from: fromTheFirst(setFrom),
      to: fromTheFirst(setTo),
    },
    clear: () => {
      const texts = [setPerson, setServer, setAccount, setFrom, setTo];
      for (const set of [setAction, setGroup, setOutcome, ...texts]) set("");
      setPages(1);
    },
    filters: {
      action: kind === "all" ? undefined : kind,
      person: part(person),
      group: part(group),
      server: part(server),
      account: part(account),
      outcome: ended,
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

export function auditGroupsQuery() {
  return queryOptions({
    queryKey: ["audit", "groups"],
    queryFn: ({ signal }) => fetchJson<AuditGroups>("/api/audit/groups", { signal }),
    staleTime: 60_000,
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
