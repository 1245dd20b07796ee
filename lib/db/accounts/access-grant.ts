import type { AccessMode } from "@/lib/contracts/access";
import { insertAuditEvent, type NewAuditEvent } from "../audit-event";
import type { Database, DatabaseTransaction } from "../client";
import * as Prisma from "../generated/internal/prismaNamespace";

export type AccessSubject = { assistantId: string } | { serverId: string };

export interface StoredGrants {
  name: string;
  access: AccessMode;
  accessGrants: {
    user: { id: string; name: string; email: string } | null;
    group: { id: string; name: string } | null;
  }[];
}

const withGrants = {
  name: true,
  access: true,
  accessGrants: {
    select: {
      user: { select: { id: true, name: true, email: true } },
      group: { select: { id: true, name: true } },
    },
  },
} as const;

export function findGrants(
  db: Database | DatabaseTransaction,
  subject: AccessSubject,
): Promise<StoredGrants | null> {
  return "assistantId" in subject
    ? db.assistant.findUnique({ where: { id: subject.assistantId }, select: withGrants })
    : db.mcpServer.findUnique({ where: { id: subject.serverId }, select: withGrants });
}

export interface ChosenAccess {
  access: AccessMode;
  userIds: string[];
  groupIds: string[];
}

/** For the creation of a server or an assistant: at no moment is it open to others. */
export function newGrants({ access, userIds, groupIds }: ChosenAccess) {
  return {
    access,
    accessGrants: {
      create: [
        ...userIds.map((userId) => ({ userId })),
        ...groupIds.map((groupId) => ({ groupId })),
      ],
    },
  };
}

/** By ids, as chosen. Null: it is gone. */
export async function findChosen(
  db: Database,
  subject: AccessSubject,
): Promise<ChosenAccess | null> {
  const found = await findGrants(db, subject);
  return (
    found && {
      access: found.access,
      userIds: found.accessGrants.flatMap(({ user }) => user?.id ?? []),
      groupIds: found.accessGrants.flatMap(({ group }) => group?.id ?? []),
    }
  );
}

/** Of every server and assistant, by names. */
export async function listAllGrants(
  db: Database,
): Promise<{ id: string; access: AccessMode; groups: string[]; people: string[] }[]> {
  const select = { id: true, ...withGrants } as const;
  const rows = [
    ...(await db.mcpServer.findMany({ select })),
    ...(await db.assistant.findMany({ select })),
  ];
  return rows.map(({ id, access, accessGrants }) => ({
    ...{ id, access },
    groups: accessGrants.flatMap(({ group }) => group?.name ?? []).sort(),
    people: accessGrants.flatMap(({ user }) => user?.email ?? []).sort(),
  }));
}

/**
 * Replaces them. `EVERYONE` keeps the chosen ones, in case that is undone.
 * @param eventOf what the audit records about it
 */
export async function saveGrants(
  db: Database,
  subject: AccessSubject,
  { access, userIds, groupIds }: ChosenAccess,
  eventOf: (grants: StoredGrants) => NewAuditEvent,
): Promise<StoredGrants | "gone" | "choice_gone"> {
  try {
    return await db.$transaction(async (tx) => {
      const data = { access };
      const { count } =
        "assistantId" in subject
          ? await tx.assistant.updateMany({ where: { id: subject.assistantId }, data })
          : await tx.mcpServer.updateMany({ where: { id: subject.serverId }, data });
      if (count === 0) return "gone";
      await tx.accessGrant.deleteMany({ where: subject });
      await tx.accessGrant.createMany({
        data: [
          ...[...new Set(userIds)].map((userId) => ({ ...subject, userId })),
          ...[...new Set(groupIds)].map((groupId) => ({ ...subject, groupId })),
        ],
      });
      const saved = await findGrants(tx, subject);
      if (!saved) return "gone";
      await insertAuditEvent(db, eventOf(saved), tx);
      return saved;
    });
  } catch (error) {
    const known = error instanceof Prisma.PrismaClientKnownRequestError;
    if (known && error.code === "P2003") return "choice_gone";
    throw error;
  }
}
