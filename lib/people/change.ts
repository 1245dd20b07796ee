import type { ChangePasswordInput, Person, PersonChange } from "@/lib/contracts/people/person";
import { by } from "@/lib/db/audit-event";
import { listOidcIdentitiesOf } from "@/lib/db/people/oidc-identity";
import { changeUser, findUserById, setPasswordHash, type UserRow } from "@/lib/db/user";
import { ConflictError, InvalidInputError } from "@/lib/errors";
import type { Client } from "@/lib/session/client";
import { hashPassword, verifyPassword } from "@/lib/session/password";
import { enforceRateLimit, passwordChangePerSession } from "@/lib/session/rate-limit";
import type { Actor, SessionContext, SessionUser } from "@/lib/session/session-user";
import { startSession } from "@/lib/session/sessions";
import { signInCookies } from "@/lib/session/sign-in-cookies";
import { checkChanged, disablePerson, type OffboardContext } from "./offboard";
import { viewPerson } from "./view";

/** Takes effect at the person's next request, since each request reads the session. */
export async function changePerson(
  ctx: OffboardContext,
  actor: Actor,
  userId: string,
  { role, disabled }: PersonChange,
): Promise<Person> {
  const change = role === undefined ? {} : { role, roleByClaim: false };
  const row = disabled
    ? await disablePerson(ctx, actor, userId, change)
    : await changeAccess(ctx, actor, userId, {
        ...change,
        ...(disabled === undefined ? {} : { disabledAt: null }),
      });
  return viewPerson(row, (await listOidcIdentitiesOf(ctx.db, row.id)).length > 0);
}

async function changeAccess(
  ctx: OffboardContext,
  actor: Actor,
  userId: string,
  change: Parameters<typeof changeUser>[2],
): Promise<UserRow> {
  const changed = await changeUser(ctx.db, userId, change, ({ email, role, disabledAt }) => ({
    action: "person.change",
    ...by(actor),
    details: { email, role, disabled: disabledAt !== null },
  }));
  return checkChanged(changed);
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
  // Limited only for this session: failures of strangers or other sessions do not use up these tries.
  await enforceRateLimit(ctx, passwordChangePerSession, user.sessionId);
  if (!(await verifyPassword(row.passwordHash, input.currentPassword))) {
    throw new InvalidInputError({ currentPassword: "That is not your current password." });
  }
  const event = { action: "person.change-password", ...by(user) };
  const passwordHash = await hashPassword(input.newPassword);
  const changed = await setPasswordHash(ctx.db, user.id, passwordHash, event);
  const sessionId = await startSession(ctx, changed, client, "password");
  return sessionId ? signInCookies(ctx, user.id, sessionId) : [];
}
