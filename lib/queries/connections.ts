import { queryOptions } from "@tanstack/react-query";
import type { z } from "zod";
import type {
  ConnectionListItem,
  ConnectionStanding,
  connectionList,
  RevokeInput,
  RevokeResult,
} from "@/lib/contracts/connections/connection";
import { fetchJson } from "./fetch-json";
import { withPerson } from "./page-person";

const connectionsKey = ["connections"] as const;

export function connectionsQuery() {
  return queryOptions({
    queryKey: [...connectionsKey, "list"],
    queryFn: ({ signal }) =>
      fetchJson<z.infer<typeof connectionList>>("/api/connections", { signal }),
    refetchInterval: ({ state }) =>
      untilStandingChanges(state.data?.connections.map(({ connection }) => connection) ?? []),
  });
}

/** How the viewer stands with one server. */
export function connectionQuery(serverId: string) {
  return queryOptions({
    queryKey: [...connectionsKey, "detail", serverId],
    queryFn: ({ signal }) =>
      fetchJson<ConnectionListItem>(`/api/connections/${encodeURIComponent(serverId)}`, { signal }),
  });
}

/** Ends every stored token of a server (`server`, admins) or the caller's own (`mine`). */
export function revokeConnection(
  serverId: string,
  what: RevokeInput["what"],
): Promise<RevokeResult> {
  return fetchJson(`/oauth/revoke/${encodeURIComponent(serverId)}`, {
    method: "POST",
    body: { what } satisfies RevokeInput,
  });
}

/** Where an authorization begins. `tab`: it ends on a page that closes its tab. */
export function authorizePath(
  serverId: string,
  { returnTo, tab }: { returnTo: string | null; tab: boolean },
): string {
  const query = new URLSearchParams({
    ...(returnTo === null ? {} : { returnTo }),
    ...(tab ? { tab: "1" } : {}),
  });
  return withPerson(`/oauth/authorize/${encodeURIComponent(serverId)}?${query}`);
}

/** Looked at less often only where nothing can change: a sweep or a call renews, at times that no page knows. */
const mostMs = 60_000;
const leastMs = 5_000;

/**
 * In ms, after which a page asks again, so that no status stands that time alone has ended. False: time
 * changes none of them.
 */
export function untilStandingChanges(
  shown: readonly { standing: ConnectionStanding | null }[],
): number | false {
  const left = shown.flatMap(({ standing }) => standing?.changesInMs ?? []);
  if (left.length === 0) return false;
  return Math.min(Math.max(Math.min(...left) + 500, leastMs), mostMs);
}
