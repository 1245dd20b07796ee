import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { RegistryPage } from "@/lib/contracts/catalogue/registry";
import { fetchJson } from "./fetch-json";

const base = "/api/registry/servers";
/** Its entries change a few times a day, and the registry belongs to someone else. */
const staleTime = 5 * 60_000;

/** @param search not empty: nothing is requested until a person searches */
export function registrySearchQuery(search: string) {
  return infiniteQueryOptions({
    queryKey: ["registry", "search", search],
    queryFn: ({ signal, pageParam }) => {
      const query = new URLSearchParams({ search, ...(pageParam ? { cursor: pageParam } : {}) });
      return fetchJson<RegistryPage>(`${base}?${query}`, { signal });
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    enabled: search !== "",
    ...{ staleTime, retry: false },
  });
}

/** The versions of one server, newest first. */
export function registryVersionsQuery(name: string) {
  return queryOptions({
    queryKey: ["registry", "versions", name],
    queryFn: ({ signal }) =>
      fetchJson<RegistryPage>(`${base}/versions?${new URLSearchParams({ name })}`, { signal }),
    ...{ staleTime, retry: false },
  });
}
