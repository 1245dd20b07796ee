import { insertAuditEvent, type NewAuditEvent } from "./audit-event";
import type { Database, DatabaseTransaction } from "./client";
import type { Role, User } from "./generated/client";
import { isUniqueViolation } from "./unique-violation";

export type UserRow = User;

/** Whose links count: their rights are checked when a link is used, not when it was created. */
export const activeAdmin = { role: "ADMIN", disabledAt: null } as const;

export function findUserById(
  db: Database | DatabaseTransaction,
  id: string,
): Promise<UserRow | null> {
  return db.user.findUnique({ where: { id } });
}

/** Null if the person is disabled. Until the transaction ends no one changes their role or access. */
export async function holdActiveUser(
  tx: DatabaseTransaction,
  id: string,
): Promise<Pick<UserRow, "role"> | null> {
  const rows = await tx.$queryRaw<Pick<UserRow, "role">[]>`
    SELECT "role" FROM "User" WHERE "id" = ${id} AND "disabledAt" IS NULL FOR SHARE`;
  return rows[0] ?? null;
}

/** Whether another person has the same name. */
export async function hasNamesake(db: Database, { id, name }: UserRow): Promise<boolean> {
  const other = await db.user.findFirst({ where: { name, id: { not: id } }, select: { id: true } });
  return other !== null;
}

/** @param email in lower case */
export function findUserByEmail(db: Database, email: string): Promise<UserRow | null> {
  return db.user.findUnique({ where: { email } });
}

/** By address. Unknown ones are left out. @param emails in lower case */
export async function findUserIds(
  db: Database,
  emails: readonly string[],
): Promise<Map<string, string>> {
  const rows = await db.user.findMany({
    where: { email: { in: [...emails] } },
    select: { id: true, email: true },
  });
  return new Map(rows.map(({ id, email }) => [email, id]));
}

export function listAdmins(db: Database): Promise<UserRow[]> {
  return db.user.findMany({ where: { role: "ADMIN" }, orderBy: { email: "asc" } });
}

/** By id. Unknown ids are left out. */
export async function listUserNames(
  db: Database,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const rows = await db.user.findMany({
    where: { id: { in: [...ids] } },
    select: { id: true, name: true },
  });
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** Queried at startup, before Prisma is warm. */
export async function countUsers(db: Database): Promise<number> {
  const { rows } = await db.$statement<{ count: number }>(
    `SELECT count(*)::int AS "count" FROM "User"`,
    [],
  );
  return rows[0]?.count ?? 0;
}

export function insertUser(
  db: Database | DatabaseTransaction,
  user: { email: string; name: string; passwordHash: string | null; role: Role },
): Promise<UserRow> {
  return db.user.create({ data: user });
}

/** Resolves to null if someone else was first: there can be only one first admin. */
export async function insertFirstUser(
  db: Database,
  user: { email: string; name: string; passwordHash: string },
): Promise<UserRow | null> {
  return db.$transaction(async (tx) => {
    // The lock makes two first starts queue; without it both would count zero users.
    await tx.$executeRaw`LOCK TABLE "User" IN SHARE ROW EXCLUSIVE MODE`;
    if ((await tx.user.count()) > 0) return null;
    return tx.user.create({ data: { ...user, role: "ADMIN" } });
  });
}

/** An address that belongs to another person stays unchanged. */
export async function changeProfile(
  db: Database,
  id: string,
  { name, email }: { name?: string; email?: string },
): Promise<UserRow> {
  const named = name === undefined ? {} : { name };
  try {
    const data = { ...named, ...(email === undefined ? {} : { email }) };
    return await db.user.update({ where: { id }, data });
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    return db.user.update({ where: { id }, data: named });
  }
}

/** @param at null: the steps are shown again */
export async function setGetStartedDismissed(
  db: Database,
  id: string,
  at: Date | null,
): Promise<void> {
  await db.user.updateMany({ where: { id }, data: { getStartedDismissedAt: at } });
}

export function recordSignIn(db: Database, id: string, at: Date): Promise<UserRow> {
  return db.user.update({ where: { id }, data: { lastSignInAt: at } });
}

/** Also ends every session of this user and their reset link. @param event what the audit records about it */
export async function setPasswordHash(
  db: Database,
  id: string,
  passwordHash: string,
  event: NewAuditEvent | null,
): Promise<UserRow> {
  const user = await db.$transaction(async (tx) => {
    const changed = await replacePassword(tx, id, passwordHash);
    if (event) await insertAuditEvent(db, event, tx);
    return changed;
  });
  db.$signInEnded();
  return user;
}

/** The same, inside a transaction. */
export async function replacePassword(
  tx: DatabaseTransaction,
  id: string,
  passwordHash: string,
): Promise<UserRow> {
  // The user's row first, as in `changeUser`: in a different order the two could deadlock.
  const user = await tx.user.update({
    where: { id },
    data: { passwordHash, sessionVersion: { increment: 1 } },
  });
  await endAccess(tx, id);
  return user;
}

/** Open sessions, the tokens of their sign-ins, and the reset link. @returns the number of sessions */
export async function endAccess(tx: DatabaseTransaction, id: string): Promise<number> {
  const { count } = await tx.session.deleteMany({ where: { userId: id } });
  // After the sessions: a sign-in that is storing tokens holds its session's lock.
  await tx.identityTokens.deleteMany({ where: { userId: id } });
  await tx.passwordReset.deleteMany({ where: { userId: id } });
  return count;
}

/** This person, with everyone's role and access locked until the transaction ends. */
export async function holdUsers(tx: DatabaseTransaction, id: string): Promise<UserRow | null> {
  await tx.$executeRaw`LOCK TABLE "User" IN SHARE ROW EXCLUSIVE MODE`;
  return tx.user.findUnique({ where: { id } });
}

/** Whether this change would leave no admin. */
export async function leavesNoAdmin(
  tx: DatabaseTransaction,
  before: UserRow,
  change: { role?: Role; disabledAt?: Date | null },
): Promise<boolean> {
  const after = { ...before, ...change };
  if (before.role !== "ADMIN" || before.disabledAt !== null) return false;
  if (after.role === "ADMIN" && after.disabledAt === null) return false;
  const others = await tx.user.count({ where: { ...activeAdmin, id: { not: before.id } } });
  return others === 0;
}

/**
 * Changes a role, or restores access; to remove access see `disableUser`. Resolves to `last_admin`, changing nothing,
 * if no admin would be left, and to null if there is no such user.
 * @param eventOf what the audit records about it; null: the caller records it
 */
export function changeUser(
  db: Database,
  id: string,
  change: { role?: Role; roleByClaim?: boolean; disabledAt?: null },
  eventOf: ((user: UserRow) => NewAuditEvent) | null,
): Promise<UserRow | "last_admin" | null> {
  return db.$transaction(async (tx) => {
    const before = await holdUsers(tx, id);
    if (!before) return null;
    if (await leavesNoAdmin(tx, before, change)) return "last_admin";
    const user = await tx.user.update({ where: { id }, data: change });
    if (eventOf) await insertAuditEvent(db, eventOf(user), tx);
    return user;
  });
}
