import type { ChangePasswordInput, Person, PersonChange } from "@/lib/contracts/person";
import { by, insertAuditEvent } from "@/lib/db/audit-event";
import type { Database } from "@/lib/db/client";
import { changeUser, findUserById, setPasswordHash } from "@/lib/db/user";
import { ConflictError, InvalidInputError, NotFoundError } from "@/lib/errors";
import { hashPassword, verifyPassword } from "@/lib/session/password";
import { enforceRateLimit, signInPerAddress } from "@/lib/session/rate-limit";
import type { Actor } from "@/lib/session/session-user";
import { viewPerson } from "./view";

interface PeopleContext {
  db: Database;
  now: () => Date;
}

/** Takes effect at the person's next request: the session is asked of the database each time. */
export async function changePerson(
  ctx: PeopleContext,
  actor: Actor,
  userId: string,
  change: PersonChange,
): Promise<Person> {
  const row = await changeUser(ctx.db, userId, {
    ...(change.role === undefined ? {} : { role: change.role }),
    ...(change.disabled === undefined ? {} : { disabledAt: change.disabled ? ctx.now() : null }),
  });
  if (row === null) throw new NotFoundError("This person is no longer here.");
  if (row === "last_admin") {
    throw new ConflictError("This is the last admin. Make somebody else an admin first.");
  }
  await insertAuditEvent(ctx.db, {
    action: "person.change",
    ...by(actor),
    details: { email: row.email, role: row.role, disabled: row.disabledAt !== null },
  });
  return viewPerson(row);
}

/** Ends every session of this person, the one that asks too: they sign in with the new password. */
export async function changePassword(
  ctx: PeopleContext,
  user: Actor,
  input: ChangePasswordInput,
): Promise<void> {
  const row = await findUserById(ctx.db, user.id);
  if (!row?.passwordHash) {
    throw new ConflictError("You sign in through your team's identity provider; change it there.");
  }
  await enforceRateLimit(ctx, signInPerAddress, user.email);
  if (!(await verifyPassword(row.passwordHash, input.currentPassword))) {
    throw new InvalidInputError({ currentPassword: "That is not your current password." });
  }
  await setPasswordHash(ctx.db, user.id, await hashPassword(input.newPassword));
  await insertAuditEvent(ctx.db, {
    action: "person.change-password",
    ...by(user),
  });
}
