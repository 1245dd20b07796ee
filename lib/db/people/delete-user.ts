import { insertAuditEvent, type NewAuditEvent } from "../audit-event";
import type { Database } from "../client";
import { type TakenTokens, takeTokenSets } from "../revocations/take-tokens";
import { holdUsers, type UserRow } from "../user";

/** What went with a person. */
export interface DeletedUser {
  user: UserRow;
  conversations: number;
  /** Kept to be revoked: tokens issued, or being refreshed, since the person was disabled. */
  taken: TakenTokens[];
}

/**
 * Deletes a disabled person, with everything that belongs only to them. The audit and the receipts stay.
 * @param eventOf what the audit records about it
 * @returns `enabled`, with nothing changed, if someone restored access in the meantime; null: there is no such person
 */
export function deleteUser(
  db: Database,
  id: string,
  now: Date,
  eventOf: (deleted: DeletedUser) => NewAuditEvent,
): Promise<DeletedUser | "enabled" | null> {
  return db.$transaction(async (tx) => {
    const user = await holdUsers(tx, id);
    if (!user) return null;
    if (user.disabledAt === null) return "enabled";
    // The relation would delete them too, and nothing would be left to revoke them.
    const taken = await takeTokenSets(tx, { userId: id }, "PERSON_DELETED", now);
    const conversations = await tx.conversation.count({ where: { userId: id } });
    await tx.invitation.deleteMany({ where: { email: user.email } });
    await tx.flowRecord.deleteMany({
      where: { OR: [{ ownerKey: id }, { ownerKey: { startsWith: `${id}:` } }] },
    });
    await tx.user.delete({ where: { id } });
    const deleted = { user, conversations, taken };
    await insertAuditEvent(db, eventOf(deleted), tx);
    return deleted;
  });
}
