import type { Database } from "@/lib/db/client";
import { deleteSession, insertSession } from "@/lib/db/session";
import type { UserRow } from "@/lib/db/user";
import type { Client } from "./client";
import { type SessionContext, sessionLongestMs, sessionUser } from "./session-user";

export type SignInMethod = "password" | "oidc";

/**
 * Signs this browser in, and out of the session that it held before. Resolves to the session's id; null
 * where the person was disabled, or all their sessions were ended, since `user` was read.
 */
export async function startSession(
  ctx: SessionContext & { db: Database },
  user: Pick<UserRow, "id" | "sessionVersion">,
  client: Client,
  method: SignInMethod,
): Promise<string | null> {
  const now = ctx.now();
  const before = await sessionUser(ctx, client.cookies);
  const row = await insertSession(ctx.db, {
    userId: user.id,
    sessionVersion: user.sessionVersion,
    method,
    ipAddress: client.ipAddress,
    userAgent: client.userAgent,
    lastSeenAt: now,
    expiresAt: new Date(now.getTime() + sessionLongestMs),
    createdAt: now,
  });
  if (row && before) await deleteSession(ctx.db, before.id, before.sessionId);
  return row?.id ?? null;
}
