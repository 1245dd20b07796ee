import {
  decideResetLink,
  type ResetLink,
  resetLinkHours,
} from "@/lib/contracts/people/password-reset";
import { by, insertAuditEvent } from "@/lib/db/audit-event";
import type { Database } from "@/lib/db/client";
import { storePasswordReset } from "@/lib/db/password-reset";
import { findUserById, type UserRow } from "@/lib/db/user";
import type { Env } from "@/lib/env";
import { ConflictError, NotFoundError } from "@/lib/errors";
import type { Actor } from "@/lib/session/session-user";
import { createOneTimeToken } from "./one-time-token";
import { viewPerson } from "./view";

export interface ResetLinkContext {
  db: Database;
  now: () => Date;
  env: Pick<Env, "publicUrl">;
}

const hourMs = 60 * 60 * 1000;

/**
 * For an admin, who passes the link on. It ends the one that was created before.
 * @throws ConflictError this account is given none, and why
 */
export async function createResetLink(
  ctx: ResetLinkContext,
  actor: Actor,
  userId: string,
): Promise<ResetLink> {
  const person = await findUserById(ctx.db, userId);
  if (!person) throw new NotFoundError("This person is no longer here.");
  const asker = person.id === actor.id ? "themselves" : "another admin";
  const decision = decideResetLink(viewPerson(person, false), asker);
  if (!decision.may) throw new ConflictError(decision.reason);
  const link = await storeResetLink(ctx, person, actor.id);
  await insertAuditEvent(ctx.db, {
    action: "person.create-reset-link",
    ...by(actor),
    details: { email: person.email },
  });
  return link;
}

/** The one before ends. @param createdById null: the server's command line */
export async function storeResetLink(
  ctx: ResetLinkContext,
  person: UserRow,
  createdById: string | null,
): Promise<ResetLink> {
  const { token, tokenHash } = createOneTimeToken();
  const createdAt = ctx.now();
  const expiresAt = new Date(createdAt.getTime() + resetLinkHours * hourMs);
  const reset = { userId: person.id, tokenHash, expiresAt, createdById, createdAt };
  if (!(await storePasswordReset(ctx.db, reset))) {
    throw new ConflictError(`${person.name} was disabled just now.`);
  }
  const link = `${ctx.env.publicUrl}/reset-password/${token}`;
  return { email: person.email, link, expiresAt: expiresAt.toISOString() };
}
