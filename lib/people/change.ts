import type { ChangePasswordInput, Person, PersonChange } from "@/lib/contracts/people/person";
import { by, insertAuditEvent } from "@/lib/db/audit-event";
import type { Database } from "@/lib/db/client";
import { listOidcIdentitiesOf } from "@/lib/db/oidc-identity";
import { changeUser, findUserById, setPasswordHash } from "@/lib/db/user";
import { ConflictError, InvalidInputError, NotFoundError } from "@/lib/errors";
import type { Client } from "@/lib/session/client";
import { hashPassword, verifyPassword } from "@/lib/session/password";
import { enforceRateLimit, passwordChangePerSession } from "@/lib/session/rate-limit";
import type { Actor, SessionContext, SessionUser } from "@/lib/session/session-user";
import { startSession } from "@/lib/session/sessions";
import { signInCookies } from "@/lib/session/sign-in-cookies";
import { viewPerson } from "./view";

interface PeopleContext {
  db: Database;
  now: () => Date;
}

/** Takes effect at the person's next request, since each request reads the session. */
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
  return viewPerson(row, (await listOidcIdentitiesOf(ctx.db, row.id)).length > 0);
}

/** Ends every session of this person and gives this browser a new one. @returns Set-Cookie headers */
export async function changePassword(
  ctx: SessionContext,
  user: Actor & SessionUser,
  input: ChangePasswordInput,
  client: Client,
): Promise<string[]> {
  const row = await findUserById(ctx.db, user.id);
  if (!row?.passwordHash) {
    throw new ConflictError("You sign in through your team's identity provider; change it there.");
  }
  // Limited for this session alone: failures of strangers or other sessions do not use up these tries.
  await enforceRateLimit(ctx, passwordChangePerSession, user.sessionId);
  if (!(await verifyPassword(row.passwordHash, input.currentPassword))) {
    throw new InvalidInputError({ currentPassword: "That is not your current password." });
  }
  const changed = await setPasswordHash(ctx.db, user.id, await hashPassword(input.newPassword));
  await insertAuditEvent(ctx.db, {
    action: "person.change-password",
    ...by(user),
  });
  const sessionId = await startSession(ctx, changed, client, "password");
  return sessionId ? signInCookies(ctx, user.id, sessionId) : [];
}
