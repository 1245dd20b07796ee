import type { ResetPasswordInput } from "@/lib/contracts/people/password-reset";
import { by, insertAuditEvent } from "@/lib/db/audit-event";
import type { Database } from "@/lib/db/client";
import { claimPasswordReset, findPasswordReset } from "@/lib/db/password-reset";
import { NotFoundError } from "@/lib/errors";
import type { Client } from "@/lib/session/client";
import { hashPassword } from "@/lib/session/password";
import { signInCookies } from "@/lib/session/session-cookie";
import type { SessionContext } from "@/lib/session/session-user";
import { recordSignedIn } from "@/lib/session/sign-in";
import { forgiveFailures } from "@/lib/session/sign-in-attempts";
import { startSession } from "@/lib/session/start-session";
import { hashOneTimeToken } from "./one-time-token";
import { isActiveAdmin } from "./view";

/** Whose password a link sets. Looking does not use it up: mail scanners open links, too. */
export interface OpenPasswordReset {
  userId: string;
  email: string;
  name: string;
}

/** @throws NotFoundError the link is unknown, used, replaced or expired, or counts no longer */
export async function openPasswordReset(
  ctx: { db: Database; now: () => Date },
  token: string,
): Promise<OpenPasswordReset> {
  const row = await findPasswordReset(ctx.db, hashOneTimeToken(token));
  const counts = row && (row.createdBy === null || isActiveAdmin(row.createdBy));
  if (!counts || row.user.disabledAt !== null || row.expiresAt <= ctx.now()) throw linkEnded();
  return { userId: row.userId, email: row.user.email, name: row.user.name };
}

/**
 * Sets the password, ends every session of this person, and signs this browser in: a valid link proves
 * more than a password does, so no limit on wrong passwords stands in its way.
 * @returns Set-Cookie headers
 * @throws NotFoundError as above
 */
export async function resetPassword(
  ctx: SessionContext,
  input: ResetPasswordInput,
  client: Client,
): Promise<string[]> {
  await openPasswordReset(ctx, input.token);
  const changed = await claimPasswordReset(ctx.db, {
    tokenHash: hashOneTimeToken(input.token),
    passwordHash: await hashPassword(input.password),
    now: ctx.now(),
  });
  if (!changed) throw linkEnded();
  const { ipAddress } = client;
  await insertAuditEvent(ctx.db, {
    action: "person.reset-password",
    ...by({ ...changed, ipAddress }),
  });
  await forgiveFailures(ctx, changed.email, ipAddress);
  const user = await recordSignedIn(ctx, changed, "password", ipAddress);
  const sessionId = await startSession(ctx, user, client, "password");
  return sessionId ? signInCookies(ctx, user.id, sessionId) : [];
}

function linkEnded(): NotFoundError {
  return new NotFoundError(
    "This reset link was used, replaced or has expired. Ask an admin for a new link.",
  );
}
