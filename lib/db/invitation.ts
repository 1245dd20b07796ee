import { insertAuditEvent, type NewAuditEvent } from "./audit-event";
import type { Database, DatabaseTransaction } from "./client";
import type { Invitation, Prisma, Role, User } from "./generated/client";
import { escapedForLike } from "./like";
import { activeAdmin, insertUser, type UserRow } from "./user";

export type InvitationRow = Invitation & { invitedBy: Pick<User, "name" | "role" | "disabledAt"> };
const withInviter = {
  invitedBy: { select: { name: true, role: true, disabledAt: true } },
} as const;

/** Newest first. @param search part of the address, case-insensitive; empty: all */
export function listOpenInvitations(
  db: Database,
  search: string,
  limit: number,
): Promise<InvitationRow[]> {
  return db.invitation.findMany({
    where: openTo(search),
    include: withInviter,
    orderBy: { createdAt: "desc" },
    take: limit,
  });
}

export function countOpenInvitations(db: Database, search: string): Promise<number> {
  return db.invitation.count({ where: openTo(search) });
}

function openTo(search: string): Prisma.InvitationWhereInput {
  const contains = escapedForLike(search);
  const email = { contains, mode: "insensitive" as const };
  return { acceptedAt: null, ...(contains ? { email } : {}) };
}

export function findInvitationByTokenHash(
  db: Database,
  tokenHash: string,
): Promise<InvitationRow | null> {
  return db.invitation.findUnique({ where: { tokenHash }, include: withInviter });
}

/**
 * Replaces an open invitation to the same address; its link stops working.
 * @param also runs in the same transaction
 */
export function insertInvitation(
  db: Database,
  invitation: {
    email: string;
    role: Role;
    tokenHash: string;
    expiresAt: Date;
    invitedById: string;
  },
  also: (tx: DatabaseTransaction) => Promise<void>,
): Promise<InvitationRow> {
  return db.$transaction(async (tx) => {
    await tx.invitation.deleteMany({ where: { email: invitation.email, acceptedAt: null } });
    await also(tx);
    return tx.invitation.create({ data: invitation, include: withInviter });
  });
}

type NewInvitation = Parameters<typeof insertInvitation>[1];

/** All or none, each like `insertInvitation`, with its audit event. @param also runs in the same transaction */
export async function insertInvitations(
  db: Database,
  invitations: readonly NewInvitation[],
  eventOf: (invitation: NewInvitation) => NewAuditEvent,
  also: (tx: DatabaseTransaction) => Promise<void>,
): Promise<void> {
  const emails = invitations.map(({ email }) => email);
  await db.$transaction(async (tx) => {
    await tx.invitation.deleteMany({ where: { email: { in: emails }, acceptedAt: null } });
    await tx.invitation.createMany({ data: [...invitations] });
    for (const invitation of invitations) await insertAuditEvent(db, eventOf(invitation), tx);
    await also(tx);
  });
}

export function deleteInvitation(db: Database, id: string, event: NewAuditEvent): Promise<boolean> {
  return db.$transaction(async (tx) => {
    const { count } = await tx.invitation.deleteMany({ where: { id, acceptedAt: null } });
    if (count > 0) await insertAuditEvent(db, event, tx);
    return count > 0;
  });
}

/** @param eventOf what the audit records about it */
export function acceptInvitation(
  db: Database,
  invitationId: string,
  person: { name: string; passwordHash: string | null; now: Date },
  eventOf: (user: UserRow) => NewAuditEvent,
): Promise<UserRow | null> {
  const { now, ...columns } = person;
  return db.$transaction(async (tx) => {
    const user = await claimInvitation(tx, invitationId, columns, now);
    if (user) await insertAuditEvent(db, eventOf(user), tx);
    return user;
  });
}

/** Null: the link was used, expired or was withdrawn. It works once. */
export async function claimInvitation(
  tx: DatabaseTransaction,
  invitationId: string,
  person: { name: string; passwordHash: string | null },
  now: Date,
): Promise<UserRow | null> {
  const [claimed] = await tx.invitation.updateManyAndReturn({
    where: { id: invitationId, acceptedAt: null, expiresAt: { gt: now }, invitedBy: activeAdmin },
    data: { acceptedAt: now },
  });
  if (!claimed) return null;
  return insertUser(tx, { email: claimed.email, role: claimed.role, ...person });
}

/** The open invitation for an address, for sign-in by OIDC. */
export function findOpenInvitation(
  db: Database,
  email: string,
  now: Date,
): Promise<Invitation | null> {
  return db.invitation.findFirst({
    where: { email, acceptedAt: null, expiresAt: { gt: now }, invitedBy: activeAdmin },
  });
}
