import * as z from "zod";
import { parseUrl } from "@/lib/parse-url";

/** Why signing in with the identity provider, or linking it, failed. Part of the page's URL. */
export const signInFailure = z.enum([
  "OidcCancelled",
  "OidcUnreachable",
  "OidcRefused",
  "OidcExpired",
  "OidcOff",
  "NoEmail",
  "EmailNotVerified",
  "AccountDisabled",
  "LinkRequired",
  "OtherIdentity",
  "NotInvited",
  "NotSetUp",
  "LinkedElsewhere",
  "AlreadyLinked",
  "LinkOfSomebodyElse",
]);
export type SignInFailure = z.infer<typeof signInFailure>;

/** Where the browser goes next: the identity provider, or back with a failure. */
export const oidcStart = z.object({ url: z.string() });
export type OidcStart = z.infer<typeof oidcStart>;

export const singleSignOnView = z.object({
  /** The provider's name; null: this installation has none. */
  provider: z.string().nullable(),
  /** Null: this account is not linked to it. */
  linked: z
    .object({ email: z.string().nullable(), lastSignInAt: z.string().nullable() })
    .nullable(),
  /**
   * What the last sign-in left, with which Usher acts for the person at the provider. `since` null: there is none, or
   * it has ended; signing in again renews it. Null: Usher keeps no sign-ins.
   */
  kept: z.object({ since: z.string().nullable() }).nullable(),
  /** False: single sign-on is the only way in. */
  hasPassword: z.boolean(),
});
export type SingleSignOnView = z.infer<typeof singleSignOnView>;

export const sessionView = z.object({
  id: z.string(),
  /** Browser and system in words, such as `Firefox on Windows`. */
  device: z.string(),
  ipAddress: z.string().nullable(),
  method: z.enum(["password", "oidc"]),
  createdAt: z.string(),
  lastSeenAt: z.string(),
  /** The session of this browser. */
  current: z.boolean(),
});
export type SessionView = z.infer<typeof sessionView>;

export const sessionList = z.object({ sessions: z.array(sessionView) });
export type SessionList = z.infer<typeof sessionList>;

/**
 * Where to go after signing in: a path of `origin`, or `fallback`. Rejects other origins in every spelling
 * that browsers accept (`//host`, `/\host`, `/.//host`), and the sign-in page itself.
 */
export function callbackPath(value: unknown, origin: string, fallback = "/"): string {
  if (typeof value !== "string" || value === "" || value.length > 2048) return fallback;
  const url = parseUrl(value, origin);
  if (url?.origin !== origin || url.pathname.startsWith("//")) return fallback;
  if (url.pathname === "/sign-in") return fallback;
  return url.pathname + url.search + url.hash;
}
