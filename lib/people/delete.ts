import { sharedActingAs } from "@/lib/audit/tool-calls";
import { by } from "@/lib/db/audit-event";
import { deleteUser } from "@/lib/db/people/delete-user";
import { countReceiptsOf } from "@/lib/db/people/person-page";
import { findUserById, hasNamesake } from "@/lib/db/user";
import { ConflictError, NotFoundError } from "@/lib/errors";
import type { Actor } from "@/lib/session/session-user";
import { erasePerson } from "./erase";
import { disablePerson, type OffboardContext, tellProviders } from "./offboard";

/** Events from other processes may be written shortly after what they report. In ms. */
const lateEventsMs = 60_000;

/**
 * Ends a person's access as disabling does, and deletes them with their conversations. If the process dies midway,
 * they stay disabled: deleting them again continues.
 * @param erase whether the audit and the receipts no longer name them
 * @returns how many accounts were revoked, as shown on the receipts
 * @throws NotFoundError | ConflictError no admin would be left, it is oneself, or they were enabled in the meantime
 */
export async function deletePerson(
  ctx: OffboardContext,
  actor: Actor,
  userId: string,
  { erase }: { erase: boolean },
): Promise<{ receipts: number }> {
  if (userId === actor.id) {
    throw new ConflictError("You cannot delete your own account. Ask another admin.");
  }
  const startedAt = ctx.now();
  const person = await findUserById(ctx.db, userId);
  if (!person) throw new NotFoundError("This person is no longer here.");
  if (person.disabledAt === null) await disablePerson(ctx, actor, userId, {});
  const erased = erase && {
    ...{ id: userId, email: person.email, name: `Deleted person ${userId.slice(0, 8)}` },
    actingAs: (await hasNamesake(ctx.db, person)) ? null : sharedActingAs(person.name),
  };
  if (erased) await erasePerson(ctx.db, erased);

  const deleted = await deleteUser(ctx.db, userId, ctx.now(), ({ user, conversations }) => ({
    action: "person.delete",
    ...by(actor),
    details: { email: erased ? erased.name : user.email, conversations, erased: erase },
  }));
  if (deleted === null) throw new NotFoundError("This person is no longer here.");
  if (deleted === "enabled") {
    throw new ConflictError("Somebody enabled this person in the meantime. Delete them again.");
  }
  for (const { serverId } of deleted.taken) ctx.forget(serverId, userId);
  if (erased) await erasePerson(ctx.db, erased, new Date(startedAt.getTime() - lateEventsMs));
  await tellProviders(ctx, actor, deleted.taken);
  return { receipts: await countReceiptsOf(ctx.db, userId) };
}
