import { queryOptions } from "@tanstack/react-query";
import type * as z from "zod";
import type {
  ConnectionDetail,
  ConnectionSummary,
  connectionList,
  PersonalKeyInput,
  RevokeInput,
  RevokeResult,
  ServerConnection,
} from "@/lib/contracts/connections/connection";
import type { AccountChange, AccountList } from "@/lib/contracts/connections/own-account";
import { fetchJson, withPerson } from "./fetch-json";
import { untilStandingChanges } from "./standing-changes";

const connectionsKey = ["connections"] as const;

export function connectionsQuery() {
  return queryOptions({
    queryKey: [...connectionsKey, "list"],
    queryFn: ({ signal }) =>
      fetchJson<z.infer<typeof connectionList>>("/api/connections", { signal }),
    refetchInterval: ({ state }) => {
      const connections = state.data?.connections.map(({ connection }) => connection) ?? [];
      return connections.some(nameMayCome) ? nameEveryMs : untilStandingChanges(connections);
    },
  });
}

/** The account's name may become known some seconds after the consent. In ms. */
const nameComesWithinMs = 20_000;
const nameEveryMs = 2000;

function nameMayCome({ accountName, obtainedAt }: ConnectionSummary): boolean {
  if (accountName !== null || obtainedAt === null) return false;
  return Date.now() - Date.parse(obtainedAt) < nameComesWithinMs;
}

/** Like `connectionQuery`, refetching as long as the account's name may still come. */
export function connectedAccountQuery(serverId: string) {
  return queryOptions({
    ...connectionQuery(serverId),
    staleTime: 0,
    retry: false,
    refetchInterval: ({ state }) =>
      state.data && nameMayCome(state.data.connection) ? nameEveryMs : false,
  });
}

export function connectionQuery(serverId: string) {
  return queryOptions({
    queryKey: [...connectionsKey, "detail", serverId],
    queryFn: ({ signal }) =>
      fetchJson<ConnectionDetail>(`/api/connections/${encodeURIComponent(serverId)}`, { signal }),
  });
}

/** Requests new tokens from the provider at once, if the last refresh failed. */
export function tryRefreshNow(serverId: string): Promise<ServerConnection> {
  return fetchJson(`/api/connections/${encodeURIComponent(serverId)}/refresh`, { method: "POST" });
}

/** @throws ProblemError with `fields` as `values.<header>` if a value needs a correction */
export function savePersonalKey(
  serverId: string,
  input: PersonalKeyInput,
): Promise<ServerConnection> {
  return fetchJson(`/api/connections/${encodeURIComponent(serverId)}/key`, {
    method: "PUT",
    body: input,
  });
}

/** The accounts that the viewer may choose from at a server. */
export function ownAccountsQuery(serverId: string) {
  return queryOptions({
    queryKey: [...connectionsKey, "accounts", serverId],
    queryFn: ({ signal }) => fetchJson<AccountList>(accountsPath(serverId), { signal }),
  });
}

export function changeAccount(
  serverId: string,
  account: string,
  change: AccountChange,
): Promise<AccountList> {
  const path = `${accountsPath(serverId)}/${encodeURIComponent(account)}`;
  return fetchJson(path, { method: "PATCH", body: change });
}

function accountsPath(serverId: string): string {
  return `/api/connections/${encodeURIComponent(serverId)}/accounts`;
}

/**
 * Ends every stored token of a server (`server`, admins), those of the team (`team`, admins), or the caller's own
 * (`mine`).
 * @param account which one, of several
 */
export function revokeConnection(
  serverId: string,
  what: RevokeInput["what"],
  account?: string,
): Promise<RevokeResult> {
  return fetchJson(`/oauth/revoke/${encodeURIComponent(serverId)}`, {
    method: "POST",
    body: { what, ...(account === undefined ? {} : { account }) } satisfies RevokeInput,
  });
}

/** `tab`: the flow ends on a page that closes its tab. */
export function authorizePath(
  serverId: string,
  {
    returnTo,
    tab,
    account,
    linkId,
  }: {
    returnTo: string | null;
    tab: boolean;
    /** The input of `askedAccount` (lib/contracts/connections/asked-account.ts). */
    account?: string | undefined;
    linkId?: string | undefined;
  },
): string {
  const query = new URLSearchParams({
    ...(returnTo === null ? {} : { returnTo }),
    ...(tab ? { tab: "1" } : {}),
    ...(account === undefined ? {} : { account }),
    ...(linkId ? { link: linkId } : {}),
  });
  return withPerson(`/oauth/authorize/${encodeURIComponent(serverId)}?${query}`);
}

/** For a link that a program requested: it can no longer be used. */
export function cancelAuthorization(serverId: string, authorizationId: string): Promise<void> {
  const server = `/api/mcp-servers/${encodeURIComponent(serverId)}`;
  return fetchJson(`${server}/authorizations/${encodeURIComponent(authorizationId)}`, {
    method: "DELETE",
  });
}
