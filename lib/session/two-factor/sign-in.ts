import { by, insertAuditEvent } from "@/lib/db/audit-event";
import { findUserById, type UserRow } from "@/lib/db/user";
import { ConflictError, InvalidInputError } from "@/lib/errors";
import type { Client } from "../client";
import type { SessionContext } from "../session-user";
import { startSession } from "../sessions";
import { recordSignedIn } from "../sign-in";
import { signInCookies } from "../sign-in-cookies";
import { clearPendingCookie, readPendingCookie } from "./pending-cookie";
import { type CodeContext, takeCode } from "./take-code";

/**
 * Takes the code, in the browser in which the password was right. Only it starts the session.
 * @returns Set-Cookie headers
 * @throws ConflictError the password has to be entered first, or again
 * @throws InvalidInputError the code is wrong
 * @throws RateLimitedError
 */
export async function signInWithCode(
  ctx: SessionContext & CodeContext,
  code: string,
  client: Client,
): Promise<string[]> {
  const user = await personWithRightPassword(ctx, client);
  if (!user) throw enterPassword();
  const { ipAddress } = client;
  const taken = await takeCode(ctx, user.id, code, ipAddress);
  const actor = by({ ...user, ipAddress });
  if (!taken) {
    const details = { by: "two-factor authentication" };
    await insertAuditEvent(ctx.db, { action: "sign-in.refused", ...actor, details });
    throw new InvalidInputError({ code: "That code is incorrect or has already been used." });
  }
  if (taken.kind === "recovery code") {
    const details = { left: taken.left };
    await insertAuditEvent(ctx.db, { action: "two-factor.recovery-code", ...actor, details });
  }
  const sessionId = await startSession(ctx, user, client, "password");
  if (!sessionId) throw enterPassword();
  await recordSignedIn(ctx, user, "password", ipAddress);
  const cookies = await signInCookies(ctx, user.id, sessionId);
  return [...cookies, clearPendingCookie(ctx.env)];
}

async function personWithRightPassword(
  ctx: SessionContext,
  { cookies }: Client,
): Promise<UserRow | null> {
  const pending = readPendingCookie(ctx.env, cookies, ctx.now());
  const user = pending && (await findUserById(ctx.db, pending.userId));
  if (!user || user.disabledAt !== null || user.twoFactorSince === null) return null;
  return user.sessionVersion === pending.sessionVersion ? user : null;
}

function enterPassword(): ConflictError {
  return new ConflictError(
    "Enter your password first. After that you have 5 minutes for the code.",
  );
}
