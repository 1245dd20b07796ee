import type { OidcEnv } from "@/lib/env/sign-in";
import { withoutDeceptive } from "@/lib/untrusted-text";
import { readGroups } from "./groups";

/** A person as the identity provider describes them. */
export interface OidcProfile {
  issuer: string;
  subject: string;
  /** In lower case; null: no valid address. */
  email: string | null;
  /** Whether the provider verified the address. `unknown`: it does not say. */
  emailVerified: "yes" | "no" | "unknown";
  name: string | null;
  /** For a new person without a name. */
  username: string | null;
  /** The content of the groups claim; empty: nothing, or no claim is configured. */
  groups: string[];
}

type Claims = Readonly<Record<string, unknown>>;

/**
 * What the ID token says, and where it lacks something, userinfo. An address is taken together
 * with its verification, from one source: a verification of one address does not apply to another.
 * @see https://openid.net/specs/openid-connect-core-1_0.html#ScopeClaims §5.4: claims come from userinfo
 *   if an access token is issued
 */
export function readProfile(
  idToken: { iss: string; sub: string } & Claims,
  userinfo: Claims | null,
  groupsClaim: string | null = null,
): OidcProfile {
  const fromToken = has(idToken, "email") && has(idToken, "email_verified");
  const source = !fromToken && userinfo && has(userinfo, "email") ? userinfo : idToken;
  return {
    issuer: idToken.iss,
    subject: idToken.sub,
    email: readEmail(source.email),
    emailVerified: readVerified(source.email_verified),
    name: readName(idToken.name) ?? readName(userinfo?.name),
    username: readName(idToken.preferred_username) ?? readName(userinfo?.preferred_username),
    groups:
      groupsClaim === null
        ? []
        : readGroups(has(idToken, groupsClaim) ? idToken[groupsClaim] : userinfo?.[groupsClaim]),
  };
}

/**
 * The requested scopes. Some providers send groups only if a scope with the claim's name was requested, and refresh
 * tokens only with `offline_access` (OpenID Connect Core §11).
 * @param supported `scopes_supported` from the metadata
 */
export function scopeFor(
  { groupsClaim, keepTokens, scope }: Pick<OidcEnv, "groupsClaim" | "keepTokens" | "scope">,
  supported: readonly string[] = [],
): string {
  const scopes = ["openid", "email", "profile", ...(scope?.split(" ") ?? [])];
  if (groupsClaim !== null && supported.includes(groupsClaim)) scopes.push(groupsClaim);
  if (keepTokens && supported.includes("offline_access")) scopes.push("offline_access");
  return [...new Set(scopes)].join(" ");
}

export function lacksClaims(idToken: Claims, groupsClaim: string | null = null): boolean {
  const wanted = [
    "email",
    "email_verified",
    "name",
    ...(groupsClaim === null ? [] : [groupsClaim]),
  ];
  return wanted.some((claim) => !has(idToken, claim));
}

/** Only `true` means yes. Anything else except a no, such as the string "true", counts as unknown. */
function readVerified(claim: unknown): OidcProfile["emailVerified"] {
  if (claim === true) return "yes";
  const isNo = claim === false || claim === 0 || /^\s*(false|no|0)?\s*$/i.test(String(claim));
  return isNo ? "no" : "unknown";
}

function readEmail(claim: unknown): string | null {
  if (typeof claim !== "string") return null;
  const email = claim.trim().toLowerCase();
  return email.length <= 254 && /^[^\s@\p{C}]+@[^\s@\p{C}]+$/u.test(email) ? email : null;
}

function readName(claim: unknown): string | null {
  if (typeof claim !== "string") return null;
  const plain = withoutDeceptive(claim.slice(0, 1_000)).trim();
  return [...plain].slice(0, 80).join("").trim() || null;
}

function has(claims: Claims, name: string): boolean {
  return Object.hasOwn(claims, name) && claims[name] !== undefined && claims[name] !== null;
}

/**
 * Whether an address from the identity provider may lead to an account or an invitation. The operator may
 * vouch for a provider that does not say so itself (OIDC_TRUST_EMAIL), never against its answer.
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
 * What changes in an account with the provider's description of its person: what changed there since the
 * last sign-in. So a name or an address chosen here stays until it changes there.
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
