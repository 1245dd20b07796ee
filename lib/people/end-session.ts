import { by, insertAuditEvent } from "@/lib/db/audit-event";
import type { Database } from "@/lib/db/client";
import { deleteSession } from "@/lib/db/session";
import { findUserById } from "@/lib/db/user";
import { NotFoundError } from "@/lib/errors";
import { type Actor, sessionTimes } from "@/lib/session/session-user";

/** An admin signs a person's browser out. @throws NotFoundError it has already ended */
export async function endSessionOf(
  ctx: { db: Database; now: () => Date },
  actor: Actor,
  { userId, sessionId }: { userId: string; sessionId: string },
): Promise<void> {
  const person = await findUserById(ctx.db, userId);
  if (!person || !(await deleteSession(ctx.db, userId, sessionId, sessionTimes(ctx.now())))) {
    throw new NotFoundError("This session has already ended.");
  }
  const details = { email: person.email, sessions: 1 };
  await insertAuditEvent(ctx.db, { action: "session.end", ...by(actor), details });
}
