import { insertAuditEvent } from "@/lib/db/audit-event";
import type { Database } from "@/lib/db/client";
import { acceptInvitation, findOpenInvitation } from "@/lib/db/invitation";
import { countUsers, findUserByEmail, insertUser, recordSignIn, type UserRow } from "@/lib/db/user";
import { verifyPassword } from "./password";
import {
  enforceRateLimit,
  forgiveRateLimit,
  signInPerAddress,
  signInPerClient,
} from "./rate-limit";

interface SignInContext {
  db: Database;
  now: () => Date;
}

/**
 * Null when address and password do not belong together, or the person is disabled: one answer for
 * all, so that it does not tell which addresses are known.
 * @throws RateLimitedError
 */
export async function signInWithPassword(
  ctx: SignInContext,
  attempt: { email: string; password: string; ipAddress: string | null },
): Promise<UserRow | null> {
  const email = attempt.email.trim().toLowerCase();
  if (attempt.ipAddress) await enforceRateLimit(ctx, signInPerClient, attempt.ipAddress);
  await enforceRateLimit(ctx, signInPerAddress, email);

  const user = await findUserByEmail(ctx.db, email);
  const right = await verifyPassword(user?.passwordHash ?? null, attempt.password);
  if (!user || !right || user.disabledAt !== null) {
    await insertAuditEvent(ctx.db, {
      action: "sign-in.refused",
      actorId: user?.id ?? null,
      actorEmail: email.slice(0, 254),
      ipAddress: attempt.ipAddress,
    });
    return null;
  }
  await forgiveRateLimit(ctx, signInPerAddress, email);
  return signedIn(ctx, user, "password", attempt.ipAddress);
}

/**
 * The team's own identity provider vouches for the address. Somebody new becomes a Member, or what
 * their invitation says. Null when disabled, when the provider says the address is not verified, or before Usher is set up.
 */
export async function signInWithOidc(
  ctx: SignInContext,
  profile: {
    email: string;
    name: string;
    emailVerified: boolean | undefined;
    ipAddress: string | null;
  },
): Promise<UserRow | null> {
  if (profile.emailVerified === false) return null;
  const email = profile.email.trim().toLowerCase();
  const known = await findUserByEmail(ctx.db, email);
  if (known)
    return known.disabledAt === null ? signedIn(ctx, known, "oidc", profile.ipAddress) : null;
  // The first person here has to be the admin, whom only the set-up makes.
  if ((await countUsers(ctx.db)) === 0) return null;

  const invitation = await findOpenInvitation(ctx.db, email, ctx.now());
  const person = { name: profile.name || email, passwordHash: null };
  const accepted = invitation
    ? await acceptInvitation(ctx.db, invitation.id, person, ctx.now())
    : null;
  const user = accepted ?? (await insertUser(ctx.db, { ...person, email, role: "MEMBER" }));
  return signedIn(ctx, user, "oidc", profile.ipAddress);
}

async function signedIn(
  ctx: SignInContext,
  user: UserRow,
  by: "password" | "oidc",
  ipAddress: string | null,
): Promise<UserRow> {
  await insertAuditEvent(ctx.db, {
    action: "sign-in",
    actorId: user.id,
    actorEmail: user.email,
    ipAddress,
    details: { by },
  });
  return recordSignIn(ctx.db, user.id, ctx.now());
}
