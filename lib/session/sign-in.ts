import { insertAuditEvent } from "@/lib/db/audit-event";
import type { Database } from "@/lib/db/client";
import { findUserByEmail, recordSignIn, type UserRow } from "@/lib/db/user";
import type { Env } from "@/lib/env";
import { UsherError } from "@/lib/errors";
import { clientNetwork, networkOf } from "./client";
import { verifyPassword } from "./password";
import {
  countAttempt,
  enforceRateLimit,
  forgiveOne,
  forgiveRateLimit,
  refuseBeyond,
  signInPerAccount,
  signInPerAddress,
  signInPerAddressUnderAttack,
  signInPerClient,
  signInPerDevice,
} from "./rate-limit";
import type { SignInMethod } from "./sessions";
import { type KnownDevice, readDeviceCookie } from "./sign-in-cookies";

interface SignInContext {
  db: Database;
  now: () => Date;
  env: Pick<Env, "nextAuthSecret" | "publicUrl">;
}

/** The password was right, and the person uses two-factor authentication: the caller asks for a code. */
export class CodeRequiredError extends UsherError {
  static override readonly kind = "CodeRequiredError";
  readonly code = "code_required";
  readonly user: UserRow;

  constructor(user: UserRow) {
    super("Enter the code from your authenticator app.");
    this.user = user;
  }
}

/**
 * Null: the address and password do not match, or the person is disabled. The same answer for all, so that it
 * does not reveal which addresses are known.
 * @throws RateLimitedError
 * @throws CodeRequiredError
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
  if (user.twoFactorSince !== null) throw new CodeRequiredError(user);
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

interface AttemptContext {
  db: Database;
  now: () => Date;
}

/** An allowed attempt. It counts as a failure until it succeeds. */
interface Attempt {
  succeeded(): Promise<void>;
}

/**
 * Whether a password may be tried for an address. A browser that has signed in to this account before
 * has its own tries, which no one else can use up. All others share those of their network, which
 * are fewer while failures for this address come from everywhere; no number of networks uses up those of
 * another one.
 * @throws RateLimitedError
 */
export async function admitAttempt(
  ctx: AttemptContext,
  attempt: { email: string; ipAddress: string | null; device: KnownDevice | null },
): Promise<Attempt> {
  const { email, ipAddress, device } = attempt;
  if (device) {
    const tries = await countAttempt(ctx, signInPerDevice, device.id);
    if (tries.count <= signInPerDevice.limit) {
      return { succeeded: () => forgiveRateLimit(ctx, signInPerDevice, device.id) };
    }
    // Used up by its owner or by a thief of the cookie: from here on treated like any browser.
  }
  const host = clientNetwork(ipAddress);
  const network = addressKey(email, ipAddress);
  await enforceRateLimit(ctx, signInPerClient, host);
  const fromHere = await countAttempt(ctx, signInPerAddress, network);
  refuseBeyond(ctx, signInPerAddress, fromHere);
  const fromEverywhere = await countAttempt(ctx, signInPerAccount, email);
  if (fromEverywhere.count > signInPerAccount.limit) {
    refuseBeyond(ctx, signInPerAddressUnderAttack, fromHere);
  }
  return {
    succeeded: async () => {
      await forgiveOne(ctx, signInPerClient, host);
      await forgiveOne(ctx, signInPerAccount, email);
      await forgiveRateLimit(ctx, signInPerAddress, network);
    },
  };
}

/**
 * A person who has just proven by a reset link whose account it is may sign in from where they are, however
 * often the old password was mistyped there.
 */
export function forgiveFailures(
  ctx: Pick<AttemptContext, "db">,
  email: string,
  ipAddress: string | null,
): Promise<void> {
  return forgiveRateLimit(ctx, signInPerAddress, addressKey(email, ipAddress));
}

function addressKey(email: string, ipAddress: string | null): string {
  return `${email} ${networkOf(ipAddress, { v4: 24, v6: 48 })}`;
}
