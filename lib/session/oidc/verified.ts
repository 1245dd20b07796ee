import type { OidcProfile } from "./claims";

/**
 * Whether an address from the identity provider may lead to an account or an invitation. The operator may
 * vouch for a provider that does not say so itself (OIDC_TRUST_EMAIL), never against its word.
 */
export function isEmailVerified(
  profile: Pick<OidcProfile, "email" | "emailVerified">,
  { trustEmail }: { trustEmail: boolean },
): boolean {
  if (profile.email === null) return false;
  return profile.emailVerified === "yes" || (trustEmail && profile.emailVerified === "unknown");
}

interface Described {
  email: string | null;
  name: string | null;
}

/**
 * What of an account changes with the provider's description of its person: what changed there since it
 * was last told. So a name or an address that was chosen here stays until it changes there.
 */
export function profileChanges(
  user: { email: string; name: string },
  last: Described,
  profile: Described & { emailIsVerified: boolean },
): { name?: string; email?: string } {
  const { name, email, emailIsVerified } = profile;
  return {
    ...(name !== null && name !== last.name && name !== user.name ? { name } : {}),
    ...(email !== null && emailIsVerified && email !== last.email && email !== user.email
      ? { email }
      : {}),
  };
}
