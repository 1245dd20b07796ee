import { type QueryClient, queryOptions } from "@tanstack/react-query";
import type { DeletedPerson, PersonPage } from "@/lib/contracts/people/person-page";
import { fetchJson } from "./fetch-json";

const pathOf = (userId: string) => `/api/people/${encodeURIComponent(userId)}`;

/** How often a page that shows a pending revocation refetches, in ms. */
const pendingMs = 15_000;

/** Everything an admin sees of one person. Kept below the list's key: what changes people changes it. */
export function personQuery(userId: string) {
  return queryOptions({
    queryKey: ["people", "one", userId] as const,
    queryFn: ({ signal }) => fetchJson<PersonPage>(pathOf(userId), { signal }),
    refetchInterval: ({ state }) =>
      state.data?.receipts.some(({ outcome }) => outcome === "pending") ? pendingMs : false,
  });
}

export function personPageChanged(queryClient: QueryClient, userId: string): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: personQuery(userId).queryKey });
}

/** Signs one of their browsers out. */
export function endSessionOf(userId: string, sessionId: string): Promise<void> {
  return fetchJson(`${pathOf(userId)}/sessions/${encodeURIComponent(sessionId)}`, {
    method: "DELETE",
  });
}

/** @throws ProblemError 409 if no admin would be left, or it is oneself */
export function deletePerson(userId: string, erase: boolean): Promise<DeletedPerson> {
  return fetchJson(`${pathOf(userId)}?erase=${erase}`, { method: "DELETE" });
}

export function receiptsUrl(userId: string): string {
  return `${pathOf(userId)}/receipts`;
}
