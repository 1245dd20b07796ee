import { insertAuditEvent, type NewAuditEvent } from "./audit-event";
import type { Database, DatabaseTransaction } from "./client";
import type { PasswordReset, User } from "./generated/client";
import { activeAdmin, holdActiveUser, replacePassword, type UserRow } from "./user";

export type PasswordResetRow = PasswordReset & {
  user: User;
  /** Null: the server's command line, or a mail to the account's own address. */
  createdBy: Pick<User, "role" | "disabledAt"> | null;
};

export function findPasswordReset(
  db: Database,
  tokenHash: string,
): Promise<PasswordResetRow | null> {
  return db.passwordReset.findUnique({
    where: { tokenHash },
    include: { user: true, createdBy: { select: { role: true, disabledAt: true } } },
  });
}

/**
 * Replaces an earlier link. False, with nothing stored, if the person is disabled.
 * @param also runs in the same transaction
 */
export function storePasswordReset(
  db: Database,
  reset: PasswordReset,
  also: (tx: DatabaseTransaction) => Promise<void>,
): Promise<boolean> {
  return db.$transaction(async (tx) => {
    if (!(await holdActiveUser(tx, reset.userId))) return false;
    await tx.passwordReset.upsert({
      where: { userId: reset.userId },
      create: reset,
      update: reset,
    });
    await also(tx);
    return true;
  });
}

/**
 * Sets the password with the link, which works once. Resolves to null, changing nothing, if the link was
 * used, replaced or has ended in the meantime, or if the person or the link's creator lost the right to it.
 * @param eventOf what the audit records about it
 */
export function claimPasswordReset(
  db: Database,
  { tokenHash, passwordHash, now }: { tokenHash: string; passwordHash: string; now: Date },
  eventOf: (user: UserRow) => NewAuditEvent,
): Promise<UserRow | null> {
  return db.$transaction(async (tx) => {
    // No one is disabled or demoted until this transaction ends: `changeUser` locks the table as well.
    await tx.$executeRaw`LOCK TABLE "User" IN ROW EXCLUSIVE MODE`;
    const open = await tx.passwordReset.findUnique({
      where: {
        tokenHash,
        expiresAt: { gt: now },
        user: { disabledAt: null },
        OR: [{ createdById: null }, { createdBy: activeAdmin }],
      },
    });
    if (!open) return null;
    const { count } = await tx.passwordReset.deleteMany({ where: { tokenHash } });
    if (count === 0) return null;
    const user = await replacePassword(tx, open.userId, passwordHash);
    await insertAuditEvent(db, eventOf(user), tx);
    return user;
  });
}

export async function deletePasswordResetsExpiredBefore(db: Database, before: Date): Promise<void> {
  await db.passwordReset.deleteMany({ where: { expiresAt: { lt: before } } });
}
