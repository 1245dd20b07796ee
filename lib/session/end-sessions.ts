import { by, insertAuditEvent } from "@/lib/db/audit-event";
import { deleteSession, deleteSessionsOf } from "@/lib/db/session";
import { NotFoundError } from "@/lib/errors";
import type { Client } from "./client";
import { type Actor, type SessionContext, sessionUser } from "./session-user";

/** Signs this browser out, at every replica with the next request. Does nothing where it is not signed in. */
export async function endOwnSession(ctx: SessionContext, client: Client): Promise<void> {
  const user = await sessionUser(ctx, client.cookies);
  if (!user) return;
  await deleteSession(ctx.db, user.id, user.sessionId);
  const { ipAddress } = client;
  await insertAuditEvent(ctx.db, { action: "sign-out", ...by({ ...user, ipAddress }) });
}

/** @throws NotFoundError it has ended already, or is somebody else's */
export async function endSession(
  ctx: Pick<SessionContext, "db">,
  user: Actor,
  sessionId: string,
): Promise<void> {
  if (!(await deleteSession(ctx.db, user.id, sessionId))) {
    throw new NotFoundError("This session has already ended.");
  }
  await insertAuditEvent(ctx.db, { action: "session.end", ...by(user), details: { sessions: 1 } });
}

/** The one that asks, too. */
export async function endAllSessions(ctx: Pick<SessionContext, "db">, user: Actor): Promise<void> {
  const sessions = await deleteSessionsOf(ctx.db, user.id);
  await insertAuditEvent(ctx.db, { action: "session.end", ...by(user), details: { sessions } });
}
