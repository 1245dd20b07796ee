import { queryOptions } from "@tanstack/react-query";
import type { RefreshOverview } from "@/lib/contracts/connections/refresh";
import { fetchJson } from "./fetch-json";

/** The sweep runs every 5 minutes; its result shows soon after. */
const pollMs = 30_000;

export function refreshesQuery() {
  return queryOptions({
    queryKey: ["refreshes"],
    queryFn: ({ signal }) => fetchJson<RefreshOverview>("/api/refreshes", { signal }),
    refetchInterval: pollMs,
  });
}

/** Runs the sweep now and resolves to the result. */
export function refreshNow(): Promise<RefreshOverview> {
  return fetchJson("/api/refreshes", { method: "POST" });
}
