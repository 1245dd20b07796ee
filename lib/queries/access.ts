import { queryOptions } from "@tanstack/react-query";
import type { PersonAccess, ServerAccess } from "@/lib/contracts/people/effective-access";
import type {
  AccessInput,
  AccessSetting,
  GroupDetail,
  GroupInput,
  GroupList,
} from "@/lib/contracts/people/group";
import type { PeoplePage } from "@/lib/contracts/people/person";
import { fetchJson } from "./fetch-json";

/** For which: both have the same routes. */
export type AccessOf = { kind: "assistants" | "mcp-servers"; id: string };

const pathOf = ({ kind, id }: AccessOf) => `/api/${kind}/${encodeURIComponent(id)}/access`;

export const accessKey = ["access"] as const;

export function accessSettingQuery(of: AccessOf) {
  return queryOptions({
    queryKey: [...accessKey, of.kind, of.id],
    queryFn: ({ signal }) => fetchJson<AccessSetting>(pathOf(of), { signal }),
  });
}

export function saveAccess(of: AccessOf, input: AccessInput): Promise<AccessSetting> {
  return fetchJson(pathOf(of), { method: "PUT", body: input });
}

export function serverAccessQuery(serverId: string) {
  const path = `${pathOf({ kind: "mcp-servers", id: serverId })}/people`;
  return queryOptions({
    queryKey: [...accessKey, "people-of", serverId],
    queryFn: ({ signal }) => fetchJson<ServerAccess>(path, { signal }),
  });
}

export function personAccessQuery(userId: string) {
  return queryOptions({
    queryKey: [...accessKey, "person", userId],
    queryFn: ({ signal }) =>
      fetchJson<PersonAccess>(`/api/people/${encodeURIComponent(userId)}/access`, { signal }),
  });
}

export function groupsQuery() {
  return queryOptions({
    queryKey: [...accessKey, "groups"],
    queryFn: ({ signal }) => fetchJson<GroupList>("/api/groups", { signal }),
  });
}

export function groupQuery(groupId: string) {
  return queryOptions({
    queryKey: [...accessKey, "groups", groupId],
    queryFn: ({ signal }) =>
      fetchJson<GroupDetail>(`/api/groups/${encodeURIComponent(groupId)}`, { signal }),
  });
}

/** @param groupId null: a new group */
export function saveGroup(groupId: string | null, input: GroupInput): Promise<GroupDetail> {
  return groupId === null
    ? fetchJson("/api/groups", { method: "POST", body: input })
    : fetchJson(`/api/groups/${encodeURIComponent(groupId)}`, { method: "PUT", body: input });
}

export function deleteGroup(groupId: string): Promise<void> {
  return fetchJson(`/api/groups/${encodeURIComponent(groupId)}`, { method: "DELETE" });
}

/** The first people whose name or address contains this. */
export function foundPeopleQuery(search: string) {
  return queryOptions({
    queryKey: ["people", "found", search],
    queryFn: async ({ signal }) => {
      const query = new URLSearchParams({ search });
      return (await fetchJson<PeoplePage>(`/api/people?${query}`, { signal })).people;
    },
    enabled: search !== "",
  });
}
