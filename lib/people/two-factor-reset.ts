import { decideTwoFactorReset } from "@/lib/contracts/people/two-factor";
import { by } from "@/lib/db/audit-event";
import type { Database } from "@/lib/db/client";
import { deleteTwoFactorOf } from "@/lib/db/people/two-factor";
import { findUserById, type UserRow } from "@/lib/db/user";
import { ConflictError, NotFoundError } from "@/lib/errors";
import type { Actor } from "@/lib/session/session-user";
import { viewPerson } from "./view";

/**
 * For an admin, if a person lost their app and recovery codes: the password is enough again. Ends their sessions.
 * @throws ConflictError with the reason why not
 */
export async function resetTwoFactor(
  ctx: { db: Database },
  actor: Actor,
  userId: string,
): Promise<void> {
  const person = await findUserById(ctx.db, userId);
  if (!person) throw new NotFoundError("This person is no longer here.");
  const asker = person.id === actor.id ? "themselves" : "another admin";
  const decision = decideTwoFactorReset(viewPerson(person, false), asker);
  if (!decision.may) throw new ConflictError(decision.reason);
  const details = { email: person.email, by: "admin" };
  const event = { action: "two-factor.disable", ...by(actor), details };
  await deleteTwoFactorOf(ctx.db, userId, event);
}

/** For a person who may run commands on the server. @returns why not; null: it is removed */
export async function removeTwoFactorAsOperator(
  ctx: { db: Database },
  person: UserRow,
): Promise<string | null> {
  const decision = decideTwoFactorReset(viewPerson(person, false), "operator");
  if (!decision.may) return decision.reason;
  await deleteTwoFactorOf(ctx.db, person.id, {
    action: "two-factor.disable",
    actorId: null,
    actorEmail: null,
    details: { email: person.email, by: "command line" },
  });
  return null;
}
