import * as z from "zod";
import { emailAddress, type Person, password } from "./person";

/** The link contains the token; it is shown once and only its hash is stored. */
export const resetLink = z.object({ email: z.string(), link: z.string(), expiresAt: z.string() });
export type ResetLink = z.infer<typeof resetLink>;

export const resetPasswordInput = z.object({ token: z.string().min(1).max(200), password });
export type ResetPasswordInput = z.infer<typeof resetPasswordInput>;

/** Requests a mail with a reset link. */
export const forgotPasswordInput = z.object({ email: emailAddress });
export type ForgotPasswordInput = z.infer<typeof forgotPasswordInput>;

export const resetLinkHours = 24;

/**
 * The requester: an admin for another account or their own, the operator on the server, or anyone, for a link sent to
 * the account's own address.
 */
export type ResetLinkAsker = "another admin" | "themselves" | "operator" | "email";

export type ResetLinkDecision = { may: true } | { may: false; reason: string };

/**
 * Whether a reset link may be created for an account. An admin's own would change the password without
 * the current one, which a stolen session must not be able to do. Only the operator can give a first password to an
 * account with single sign-on, for the day when the identity provider is gone.
 */
export function decideResetLink(
  person: Pick<Person, "name" | "email" | "role" | "disabled" | "hasPassword">,
  asker: ResetLinkAsker,
): ResetLinkDecision {
  const refuse = (reason: string): ResetLinkDecision => ({ may: false, reason });
  if (asker === "themselves") {
    return refuse("Change your own password in Settings, under Your account.");
  }
  if (person.disabled) {
    return asker === "operator"
      ? refuse(`${person.email} is disabled. Another admin can enable the account, in People.`)
      : refuse(`${person.name} is disabled. Enable the account first, then create the link.`);
  }
  if (asker === "operator") {
    return person.role === "ADMIN"
      ? { may: true }
      : refuse(`${person.email} is not an admin. An admin can create the link, in People.`);
  }
  if (!person.hasPassword) {
    return refuse(
      `${person.name} has no password here. They sign in with single sign-on, and reset their password at the identity provider.`,
    );
  }
  return { may: true };
}
