import { insertAuditEvent } from "@/lib/db/audit-event";
import type { DatabaseTransaction } from "@/lib/db/client";
import { claimInvitation, findOpenInvitation } from "@/lib/db/invitation";
import {
  findOidcIdentity,
  findOidcIdentityOf,
  insertOidcIdentity,
  insertUserWithIdentity,
  recordOidcSignIn,
} from "@/lib/db/people/oidc-identity";
import {
  changeProfile,
  countUsers,
  findUserByEmail,
  insertUser,
  type UserRow,
} from "@/lib/db/user";
import type { OidcEnv } from "@/lib/env/sign-in";
import { recordSignedIn } from "../sign-in";
import { isEmailVerified, type OidcProfile, profileChanges } from "./claims";
import { OidcFailure } from "./failure";
import { followGroups, type GroupsContext } from "./groups";

type OidcSignInContext = GroupsContext & {
  now: () => Date;
  env: { oidc: Pick<OidcEnv, "trustEmail" | "joinDomains"> | null };
};

/**
 * The person that issuer and `sub` name. If they name no one yet, a verified address leads to an account
 * that is not linked at this issuer, or to an invitation, or creates a member, and is linked from then on.
 * @throws OidcFailure
 */
export async function signInWithOidc(
  ctx: OidcSignInContext,
  profile: OidcProfile,
  ipAddress: string | null,
): Promise<UserRow> {
  const identity = await findOidcIdentity(ctx.db, profile.issuer, profile.subject);
  if (!identity) return firstSignIn(ctx, profile, ipAddress);
  const { user } = identity;
  if (user.disabledAt !== null) throw new OidcFailure("AccountDisabled");
  const changed = await takeOver(ctx, user, identity, profile, ipAddress);
  await recordOidcSignIn(ctx.db, identity.id, {
    name: profile.name ?? identity.name,
    // An address that was not taken over, because it is not verified or not free, may be next time.
    email: changed.email === profile.email ? profile.email : identity.email,
    lastSignInAt: ctx.now(),
  });
  return signedIn(ctx, changed, profile, ipAddress);
}

/** In the groups that the provider currently reports. */
async function signedIn(
  ctx: OidcSignInContext,
  user: UserRow,
  { groups }: OidcProfile,
  ipAddress: string | null,
): Promise<UserRow> {
  const followed = await followGroups(ctx, user, groups, ipAddress);
  return recordSignedIn(ctx, followed, "oidc", ipAddress);
}

async function firstSignIn(
  ctx: OidcSignInContext,
  profile: OidcProfile,
  ipAddress: string | null,
): Promise<UserRow> {
  const { email, issuer, subject } = profile;
  if (email === null) throw new OidcFailure("NoEmail");
  if (!isEmailVerified(profile, trust(ctx))) throw new OidcFailure("EmailNotVerified");
  const known = await findUserByEmail(ctx.db, email);
  if (known) {
    if (known.disabledAt !== null) throw new OidcFailure("AccountDisabled");
    const linkedBefore = await findOidcIdentityOf(ctx.db, known.id, issuer);
    // Another tab created it in the meantime.
    if (linkedBefore?.subject === subject) return signInWithOidc(ctx, profile, ipAddress);
    if (linkedBefore) throw new OidcFailure("OtherIdentity");
    // Setting an address at the provider must not make anyone an admin.
    if (known.role === "ADMIN" && known.passwordHash !== null) {
      throw new OidcFailure("LinkRequired");
    }
    const linked = { ...identityOf(ctx, profile), userId: known.id };
    if ((await insertOidcIdentity(ctx.db, linked)) === "taken") {
      return signInWithOidc(ctx, profile, ipAddress);
    }
    await recordLink(ctx, known, profile, ipAddress);
    // An account without a password came from the provider, with its name.
    const last = known.passwordHash === null ? { email, name: null } : profile;
    const changed = await takeOver(ctx, known, last, profile, ipAddress);
    return signedIn(ctx, changed, profile, ipAddress);
  }
  // The first person must be the admin, whom only the setup creates.
  if ((await countUsers(ctx.db)) === 0) throw new OidcFailure("NotSetUp");
  const made = await join(ctx, { ...profile, email });
  if (made === "taken") return signInWithOidc(ctx, profile, ipAddress);
  await recordLink(ctx, made, profile, ipAddress);
  return signedIn(ctx, made, profile, ipAddress);
}

/** A new person gets their invitation's role, or becomes a member if their address permits it. */
async function join(
  ctx: OidcSignInContext,
  profile: OidcProfile & { email: string },
): Promise<UserRow | "taken"> {
  const { email } = profile;
  const person = { name: profile.name ?? profile.username ?? email, passwordHash: null };
  const invitation = await findOpenInvitation(ctx.db, email, ctx.now());
  const domains = ctx.env.oidc?.joinDomains ?? null;
  const mayJoin = domains?.includes(email.slice(email.lastIndexOf("@") + 1)) ?? true;
  if (!invitation && !mayJoin) throw new OidcFailure("NotInvited");
  return insertUserWithIdentity(
    ctx.db,
    async (tx) =>
      (invitation && (await claimInvitation(tx, invitation.id, person, ctx.now()))) ??
      insertMember(tx, { ...person, email }, mayJoin),
    identityOf(ctx, profile),
  );
}

/** @throws OidcFailure the invitation that let them join has just ended */
function insertMember(
  tx: DatabaseTransaction,
  person: { name: string; email: string; passwordHash: null },
  mayJoin: boolean,
): Promise<UserRow> {
  if (!mayJoin) throw new OidcFailure("NotInvited");
  return insertUser(tx, { ...person, role: "MEMBER" });
}

/** Takes over a changed name and address; an address only if verified and free. */
async function takeOver(
  ctx: OidcSignInContext,
  user: UserRow,
  last: { email: string | null; name: string | null },
  profile: OidcProfile,
  ipAddress: string | null,
): Promise<UserRow> {
  const emailIsVerified = isEmailVerified(profile, trust(ctx));
  const changes = profileChanges(user, last, { ...profile, emailIsVerified });
  if (changes.name === undefined && changes.email === undefined) return user;
  const changed = await changeProfile(ctx.db, user.id, changes);
  await insertAuditEvent(ctx.db, {
    action: "person.follow-provider",
    actorId: user.id,
    actorEmail: user.email,
    ipAddress,
    details: { name: changed.name, email: changed.email, before: user.email },
  });
  return changed;
}

function trust({ env }: OidcSignInContext): { trustEmail: boolean } {
  return { trustEmail: env.oidc?.trustEmail ?? false };
}

function identityOf(ctx: OidcSignInContext, profile: OidcProfile) {
  const { issuer, subject, email, name } = profile;
  return { issuer, subject, email, name, lastSignInAt: ctx.now(), createdAt: ctx.now() };
}

async function recordLink(
  ctx: OidcSignInContext,
  user: UserRow,
  { issuer, subject }: OidcProfile,
  ipAddress: string | null,
): Promise<void> {
  await insertAuditEvent(ctx.db, {
    action: "person.link",
    actorId: user.id,
    actorEmail: user.email,
    ipAddress,
    details: { issuer, subject, by: "first sign-in" },
  });
}
