import { infiniteQueryOptions, keepPreviousData, type QueryClient } from "@tanstack/react-query";
import type { InviteManyInput, InviteManyResult } from "@/lib/contracts/people/invite-many";
import type {
  ForgotPasswordInput,
  ResetLink,
  ResetPasswordInput,
} from "@/lib/contracts/people/password-reset";
import type {
  AcceptInvitationInput,
  ChangePasswordInput,
  FirstAdminInput,
  InviteInput,
  InviteResult,
  PeoplePage,
  PeopleQuery,
  Person,
  PersonChange,
} from "@/lib/contracts/people/person";
import { fetchJson } from "./fetch-json";

const base = "/api/people";
const peopleKey = ["people"] as const;

/** Everyone with an account, page by page, and with the first page the open invitations. Admins only. */
export function peopleListQuery(filter: Pick<PeopleQuery, "search" | "show">) {
  const { search = "", show } = filter;
  return infiniteQueryOptions({
    queryKey: [...peopleKey, { search, show }],
    queryFn: ({ signal, pageParam }) => {
      const query = new URLSearchParams({
        ...(search ? { search } : {}),
        ...(show === "all" ? {} : { show }),
        ...(pageParam ? { after: pageParam } : {}),
      });
      return fetchJson<PeoplePage>(query.size > 0 ? `${base}?${query}` : base, { signal });
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
  });
}

/** Refetches; resolves when the response is shown. */
export function peopleChanged(queryClient: QueryClient): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: peopleKey });
}

/** @throws ProblemError 409 if no admin would be left */
export function changePerson(userId: string, change: PersonChange): Promise<Person> {
  return fetchJson(`${base}/${encodeURIComponent(userId)}`, { method: "PATCH", body: change });
}

/** Ends an open invitation to the same address. The response contains the link, once. */
export function invitePerson(input: InviteInput): Promise<InviteResult> {
  return fetchJson(`${base}/invitations`, { method: "POST", body: input });
}

/** Everyone who can be invited, or no one. The response contains the links, once. */
export function inviteMany(input: InviteManyInput): Promise<InviteManyResult> {
  return fetchJson(`${base}/invitations/batch`, { method: "POST", body: input });
}

/** Ends the previous link for the same person. The response contains the new one, once. */
export function createResetLink(userId: string): Promise<ResetLink> {
  return fetchJson(`${base}/${encodeURIComponent(userId)}/reset-link`, { method: "POST" });
}

export function withdrawInvitation(invitationId: string): Promise<void> {
  return fetchJson(`${base}/invitations/${encodeURIComponent(invitationId)}`, {
    method: "DELETE",
  });
}

/** Creates the account; the caller then signs in with the returned address. */
export function acceptInvitation(input: AcceptInvitationInput): Promise<{ email: string }> {
  return fetchJson("/api/invitations/accept", { method: "POST", body: input });
}

/** Resolves for every address, even one without an account. */
export function askForResetMail(input: ForgotPasswordInput): Promise<void> {
  return fetchJson("/api/forgot-password", { method: "POST", body: input });
}

/** Sets the password with a reset link, and signs this browser in, unless they use two-factor authentication. */
export function resetPassword(input: ResetPasswordInput): Promise<{ signedIn: boolean }> {
  return fetchJson("/api/reset-password", { method: "POST", body: input });
}

/** Works only while no one has an account. */
export function makeFirstAdmin(input: FirstAdminInput): Promise<{ email: string }> {
  return fetchJson("/api/setup", { method: "POST", body: input });
}

/** Ends every other session of the requesting person. */
export function changePassword(input: ChangePasswordInput): Promise<void> {
  return fetchJson("/api/account/password", { method: "POST", body: input });
}
