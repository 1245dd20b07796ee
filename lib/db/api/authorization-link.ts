import type { Database } from "../client";
import type { AuthorizationLink } from "../generated/client";

export type AuthorizationLinkRow = AuthorizationLink;

const asker = {
  user: { select: { email: true, role: true, disabledAt: true } },
  apiKey: {
    select: { name: true, prefix: true, role: true, revokedAt: true, expiresAt: true },
  },
} as const;

export type AskedAuthorizationLink = NonNullable<Awaited<ReturnType<typeof findAuthorizationLink>>>;

/** With the requester's current state. */
export function findAuthorizationLink(db: Database, id: string) {
  return db.authorizationLink.findUnique({ where: { id }, include: asker });
}

/** Deletes those that ended before `outlived`. */
export async function insertAuthorizationLink(
  db: Database,
  link: Omit<AuthorizationLinkRow, "requestId" | "connected" | "cancelledAt">,
  outlived: Date,
): Promise<void> {
  await db.authorizationLink.deleteMany({ where: { expiresAt: { lt: outlived } } });
  await db.authorizationLink.create({ data: link });
}

/** The flow that a person starts from it; one started before ends. False: the link has ended. */
export function beginAuthorizationLink(
  db: Database,
  id: string,
  requestId: string,
): Promise<boolean> {
  return endFlow(db, id, { requestId });
}

/** Its flow ends as well. False: it is already connected or cancelled. */
export function cancelAuthorizationLink(db: Database, id: string, now: Date): Promise<boolean> {
  return endFlow(db, id, { cancelledAt: now });
}

function endFlow(
  db: Database,
  id: string,
  change: { requestId: string } | { cancelledAt: Date },
): Promise<boolean> {
  return db.$transaction(async (tx) => {
    const [before] = await tx.$queryRaw<{ requestId: string | null }[]>`
      SELECT "requestId" FROM "AuthorizationLink"
      WHERE "id" = ${id} AND NOT "connected" AND "cancelledAt" IS NULL FOR UPDATE`;
    if (!before) return false;
    await tx.authorizationLink.update({ where: { id }, data: change });
    if (before.requestId !== null) {
      await tx.authorizationRequest.deleteMany({ where: { id: before.requestId } });
    }
    return true;
  });
}
