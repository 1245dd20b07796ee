import { insertAuditEvent } from "@/lib/db/audit-event";
import type { Database } from "@/lib/db/client";
import { findUserByEmail, recordSignIn, type UserRow } from "@/lib/db/user";
import type { Env } from "@/lib/env";
import { readDeviceCookie } from "./device-cookie";
import { verifyPassword } from "./password";
import { admitAttempt } from "./sign-in-attempts";
import type { SignInMethod } from "./start-session";

interface SignInContext {
  db: Database;
  now: () => Date;
  env: Pick<Env, "nextAuthSecret" | "publicUrl">;
}

/**
 * Null when address and password do not belong together, or the person is disabled: one answer for
 * all, so that it does not tell which addresses are known.
 * @throws RateLimitedError
 */
export async function signInWithPassword(
  ctx: SignInContext,
  given: {
    email: string;
    password: string;
    ipAddress: string | null;
    cookies?: Readonly<Record<string, string>>;
  },
): Promise<UserRow | null> {
  const { ipAddress, cookies = {} } = given;
  const email = given.email.trim().toLowerCase();
  const user = await findUserByEmail(ctx.db, email);
  const device = user && readDeviceCookie(ctx.env, cookies, user.id, ctx.now());
  const attempt = await admitAttempt(ctx, { email, ipAddress, device });
  const right = await verifyPassword(user?.passwordHash ?? null, given.password);
  if (!user || !right || user.disabledAt !== null) {
    await insertAuditEvent(ctx.db, {
      action: "sign-in.refused",
      actorId: user?.id ?? null,
      actorEmail: email.slice(0, 254),
      ipAddress,
    });
    return null;
  }
  await attempt.succeeded();
  return recordSignedIn(ctx, user, "password", ipAddress);
}

export async function recordSignedIn(
  ctx: Pick<SignInContext, "db" | "now">,
  user: UserRow,
  method: SignInMethod,
  ipAddress: string | null,
): Promise<UserRow> {
  await insertAuditEvent(ctx.db, {
    action: "sign-in",
    actorId: user.id,
    actorEmail: user.email,
    ipAddress,
    details: { by: method },
  });
  return recordSignIn(ctx.db, user.id, ctx.now());
}
