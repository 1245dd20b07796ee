import { type QueryClient, queryOptions } from "@tanstack/react-query";
import type { ApiKeyCreated, ApiKeyInput, ApiKeyList } from "@/lib/contracts/api-keys";
import { fetchJson } from "./fetch-json";

const base = "/api/api-keys";

/** The requesting person's; for admins also those of services and of other people. */
export function apiKeysQuery() {
  return queryOptions({
    queryKey: ["api-keys"],
    queryFn: ({ signal }) => fetchJson<ApiKeyList>(base, { signal }),
  });
}

export function apiKeysChanged(queryClient: QueryClient): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: apiKeysQuery().queryKey });
}

/** The response contains the key, once. */
export function createApiKey(input: ApiKeyInput): Promise<ApiKeyCreated> {
  return fetchJson(base, { method: "POST", body: input });
}

export function revokeApiKey(id: string): Promise<void> {
  return fetchJson(`${base}/${encodeURIComponent(id)}`, { method: "DELETE" });
}
