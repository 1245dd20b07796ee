import { type QueryClient, queryOptions } from "@tanstack/react-query";
import type { NoticeMailChoice } from "@/lib/contracts/notices/notice-mail";
import type { OidcStart, SessionList, SingleSignOnView } from "@/lib/contracts/people/sign-in";
import { fetchJson } from "./fetch-json";

const sessionsPath = "/api/account/sessions";
const noticeMailPath = "/api/account/notice-mail";
const singleSignOnPath = "/api/account/single-sign-on";

/** For the requesting person. */
export function sessionsQuery() {
  return queryOptions({
    queryKey: ["account", "sessions"],
    queryFn: ({ signal }) => fetchJson<SessionList>(sessionsPath, { signal }),
  });
}

export function sessionsChanged(queryClient: QueryClient): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: sessionsQuery().queryKey });
}

export function endSession(sessionId: string): Promise<void> {
  return fetchJson(`${sessionsPath}/${encodeURIComponent(sessionId)}`, { method: "DELETE" });
}

/** The requesting session ends too. */
export function endAllSessions(): Promise<void> {
  return fetchJson(sessionsPath, { method: "DELETE" });
}

export function noticeMailQuery() {
  return queryOptions({
    queryKey: ["account", "notice-mail"],
    queryFn: ({ signal }) => fetchJson<NoticeMailChoice>(noticeMailPath, { signal }),
  });
}

export function changeNoticeMail(choice: NoticeMailChoice): Promise<void> {
  return fetchJson(noticeMailPath, { method: "PUT", body: choice });
}

export function singleSignOnQuery() {
  return queryOptions({
    queryKey: ["account", "single-sign-on"],
    queryFn: ({ signal }) => fetchJson<SingleSignOnView>(singleSignOnPath, { signal }),
  });
}

export function singleSignOnChanged(queryClient: QueryClient): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: singleSignOnQuery().queryKey });
}

/** Where the browser goes to sign in with the identity provider. */
export function startSingleSignOn(callbackUrl: string): Promise<OidcStart> {
  return fetchJson("/api/auth/signin/oidc", { method: "POST", body: { callbackUrl } });
}

/** Where the browser goes to link the requesting person's account. */
export function startLinking(): Promise<OidcStart> {
  return fetchJson(singleSignOnPath, { method: "POST", body: {} });
}

export function unlinkSingleSignOn(): Promise<void> {
  return fetchJson(singleSignOnPath, { method: "DELETE" });
}

/** For an admin: the person's next sign-in at the identity provider links their account again. */
export function resetSingleSignOn(userId: string): Promise<void> {
  return fetchJson(`/api/people/${encodeURIComponent(userId)}/single-sign-on`, {
    method: "DELETE",
  });
}

/**
 * Signs in with a password that was just chosen and loads `path`. If that fails the account still
 * exists, so it ends on the sign-in page.
 */
export async function enterWithNewPassword(
  email: string,
  password: string,
  path: string,
): Promise<void> {
  const { signIn } = await import("next-auth/react");
  const answer = await signIn("credentials", { email, password, redirect: false }).catch(
    () => undefined,
  );
  const signInPath = `/sign-in?${new URLSearchParams({ callbackUrl: path })}`;
  // A full load: everything on the page then belongs to this person.
  window.location.assign(answer?.ok && !answer.error ? path : signInPath);
}
