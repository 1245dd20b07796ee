import { by } from "@/lib/db/audit-event";
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
  if (!person) throw ended();
  const details = { email: person.email, sessions: 1 };
  const event = { action: "session.end", ...by(actor), details };
  const session = { userId, id: sessionId };
  if (!(await deleteSession(ctx.db, session, sessionTimes(ctx.now()), event))) throw ended();
}

function ended(): NotFoundError {
  return new NotFoundError("This session has already ended.");
}
