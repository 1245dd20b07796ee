import { insertAuditEvent, type NewAuditEvent } from "../audit-event";
import type { Database, DatabaseTransaction } from "../client";
import type { Group, MembershipSource, Role } from "../generated/client";
import * as Prisma from "../generated/internal/prismaNamespace";
import { isUniqueViolation } from "../unique-violation";

export interface GroupColumns {
  name: string;
  description: string;
  claimValue: string | null;
  role: Role | null;
}

/** By name, each with its number of people. */
export function listGroups(db: Database): Promise<(Group & { people: number })[]> {
  return db.$queryRaw<(Group & { people: number })[]>`
    SELECT o.*, o."role"::text AS "role", (
      SELECT count(DISTINCT m."userId")::int FROM "GroupMember" m WHERE m."groupId" = o."id"
    ) AS "people"
    FROM "Group" o ORDER BY o."name"`;
}

export function listGroupNames(db: Database): Promise<{ id: string; name: string }[]> {
  return db.group.findMany({ select: { id: true, name: true }, orderBy: { name: "asc" } });
}

export type GroupWithMembers = Group & {
  members: { source: MembershipSource; user: { id: string; name: string; email: string } }[];
};

export function findGroup(db: Database, id: string): Promise<GroupWithMembers | null> {
  return db.group.findUnique({
    where: { id },
    include: {
      members: {
        select: { source: true, user: { select: { id: true, name: true, email: true } } },
        orderBy: { user: { name: "asc" } },
      },
    },
  });
}

type Saved = Group | "taken" | "person_gone" | null;

/**
 * Sets its members by hand; those by the claim stay.
 * @param id null: a new group
 * @param eventOf what the audit records about it
 */
export async function saveGroup(
  db: Database,
  id: string | null,
  columns: GroupColumns,
  userIds: readonly string[],
  eventOf: (group: Group) => NewAuditEvent,
): Promise<Saved> {
  try {
    return await db.$transaction(async (tx) => {
      const group = id
        ? await tx.group.update({ where: { id }, data: columns })
        : await tx.group.create({ data: columns });
      await tx.groupMember.deleteMany({ where: { groupId: group.id, source: "HAND" } });
      const members = [...new Set(userIds)].map((userId) => ({ groupId: group.id, userId }));
      await tx.groupMember.createMany({ data: members });
      // No one is in a group by a claim value that it no longer has.
      if (columns.claimValue === null) {
        await tx.groupMember.deleteMany({ where: { groupId: group.id, source: "CLAIM" } });
      }
      await insertAuditEvent(db, eventOf(group), tx);
      return group;
    });
  } catch (error) {
    if (isUniqueViolation(error)) return "taken";
    if (!(error instanceof Prisma.PrismaClientKnownRequestError)) throw error;
    if (error.code === "P2003") return "person_gone";
    if (error.code === "P2025") return null;
    throw error;
  }
}

/** @param eventOf what the audit records about it. @returns false: there was none */
export function deleteGroup(
  db: Database,
  id: string,
  eventOf: (group: Group) => NewAuditEvent,
): Promise<boolean> {
  return db.$transaction(async (tx) => {
    const group = await tx.group.findUnique({ where: { id } });
    const { count } = await tx.group.deleteMany({ where: { id } });
    if (!group || count === 0) return false;
    await insertAuditEvent(db, eventOf(group), tx);
    return true;
  });
}

/** Sets the person's groups by the claim. @returns the previous ones, and the current ones */
export async function setClaimedGroups(
  tx: DatabaseTransaction,
  userId: string,
  claimed: readonly string[],
): Promise<{ before: Group[]; now: Group[] }> {
  const before = await tx.group.findMany({
    where: { members: { some: { userId, source: "CLAIM" } } },
  });
  const now = await tx.group.findMany({
    where: { claimValue: { in: [...claimed] } },
  });
  const groupIds = now.map(({ id }) => id);
  await tx.groupMember.deleteMany({
    where: { userId, source: "CLAIM", groupId: { notIn: groupIds } },
  });
  await tx.groupMember.createMany({
    data: groupIds.map((groupId) => ({ groupId, userId, source: "CLAIM" as const })),
    skipDuplicates: true,
  });
  return { before, now };
}
