import { infiniteQueryOptions, keepPreviousData } from "@tanstack/react-query";
import type {
  AuthorizeAgainLink,
  ConsolePage,
  ConsoleQuery,
  ConsoleRevokeInput,
  ConsoleRevokeResult,
} from "@/lib/contracts/connections/connection-console";
import { fetchJson } from "./fetch-json";

const base = "/api/connections/everyone";
/** Refetched so that no status that time has ended stays for long. In ms. */
const againMs = 60_000;

/** Everyone's connections, page by page. Admins only. */
export function connectionConsoleQuery(filter: Omit<ConsoleQuery, "after">) {
  const { search, show, sort, person, server } = filter;
  return infiniteQueryOptions({
    // A change to a connection refetches all lists of connections.
    queryKey: ["connections", "everyone", filter],
    queryFn: ({ signal, pageParam }) => {
      const query = new URLSearchParams({
        ...(search ? { search } : {}),
        ...(show === "all" ? {} : { show }),
        ...(sort === "newest" ? {} : { sort }),
        ...(person ? { person } : {}),
        ...(server ? { server } : {}),
        ...(pageParam ? { after: pageParam } : {}),
      });
      return fetchJson<ConsolePage>(query.size > 0 ? `${base}?${query}` : base, { signal });
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.pages.length === 1 ? againMs : false),
  });
}

/** @param connectionIds at most 20 */
export function revokeConnections(
  connectionIds: ConsoleRevokeInput["connectionIds"],
): Promise<ConsoleRevokeResult> {
  return fetchJson(`${base}/revoke`, {
    method: "POST",
    body: { connectionIds } satisfies ConsoleRevokeInput,
  });
}

/** @throws ProblemError 409 if the person it is for cannot sign in */
export function askToAuthorizeAgain(connectionId: string): Promise<AuthorizeAgainLink> {
  return fetchJson(`${base}/${encodeURIComponent(connectionId)}/ask-again`, { method: "POST" });
}
