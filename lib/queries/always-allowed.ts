import { type QueryClient, queryOptions } from "@tanstack/react-query";
import type { AlwaysAllowedList } from "@/lib/contracts/chat/always-allow";
import { fetchJson } from "./fetch-json";

const key = ["always-allowed"] as const;

function pathOf(userId: string | null): string {
  const whose = userId === null ? "account" : `people/${encodeURIComponent(userId)}`;
  return `/api/${whose}/always-allowed`;
}

/** @param userId null: of the requesting person */
export function alwaysAllowedQuery(userId: string | null) {
  return queryOptions({
    queryKey: [...key, userId] as const,
    queryFn: ({ signal }) => fetchJson<AlwaysAllowedList>(pathOf(userId), { signal }),
  });
}

export function alwaysAllowedChanged(queryClient: QueryClient): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: key });
}

/** @throws ProblemError 404 if it was revoked before */
export function revokeAlwaysAllowed(userId: string | null, id: string): Promise<void> {
  return fetchJson(`${pathOf(userId)}/${encodeURIComponent(id)}`, { method: "DELETE" });
}
