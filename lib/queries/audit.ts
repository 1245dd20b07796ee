import { infiniteQueryOptions, keepPreviousData } from "@tanstack/react-query";
import type { AuditFilters, AuditPage } from "@/lib/contracts/audit";
import { fetchJson, withPerson } from "./fetch-json";

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
