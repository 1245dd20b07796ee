import type { Role } from "@/lib/contracts/people/person";
import { insertAuditEvent, type NewAuditEvent } from "./audit-event";
import type { Database } from "./client";
import type { Session } from "./generated/client";
import { deleteIdentityTokens, deleteTokensOfSignedOut } from "./people/identity-tokens";
import { keysOf } from "./read-by-key";

export type SessionRow = Session;

export interface OpenSession {
  sessionId: string;
  createdAt: Date;
  lastSeenAt: Date;
  expiresAt: Date;
  id: string;
  email: string;
  name: string;
  role: Role;
  disabledAt: Date | null;
  getStartedDismissedAt: Date | null;
  /** `password` or `oidc`. */
  method: string;
  twoFactorSince: Date | null;
}

const sessionById = `
  SELECT wanted.place, s."id" AS "sessionId", s."createdAt", s."lastSeenAt", s."expiresAt",
    u."id", u."email", u."name", u."role", u."disabledAt", u."getStartedDismissedAt",
    u."secondStepSince" AS "twoFactorSince", s."method"
  FROM ${keysOf.onePart} AS wanted (id, place)
  JOIN "Session" s ON s."id" = wanted.id
  JOIN "User" u ON u."id" = s."userId" AND u."sessionVersion" = s."sessionVersion"`;

/** Queried for every request: who it is, and whether the session is still valid, in one round trip. */
export function findOpenSession(db: Database, id: string): Promise<OpenSession | null> {
  return db.$byKey.find<OpenSession>(sessionById, [id]);
}

/** The most sessions for one person; the least recently used is dropped. */
const mostPerUser = 100;

/**
 * Resolves to null, storing nothing, if the person was disabled or their sessions were ended since
 * `sessionVersion` was read.
 */
export function insertSession(
  db: Database,
  session: Omit<SessionRow, "id">,
): Promise<SessionRow | null> {
  return db.$transaction(async (tx) => {
    const { userId, sessionVersion } = session;
    const found = await tx.$queryRaw<object[]>`
      SELECT 1 FROM "User" WHERE "id" = ${userId} AND "sessionVersion" = ${sessionVersion}
        AND "disabledAt" IS NULL FOR SHARE`;
    if (found.length === 0) return null;
    const row = await tx.session.create({ data: session });
    const beyond = await tx.session.findMany({
      where: { userId },
      orderBy: [{ lastSeenAt: "desc" }, { createdAt: "desc" }],
      skip: mostPerUser,
      select: { id: true },
    });
    await tx.session.deleteMany({ where: { id: { in: beyond.map(({ id }) => id) } } });
    return row;
  });
}

export async function recordSessionSeen(
  db: Database,
  id: string,
  seen: Pick<SessionRow, "lastSeenAt" | "ipAddress" | "userAgent">,
): Promise<void> {
  await db.session.updateMany({ where: { id }, data: seen });
}

/** Most recently used first. @param seenAfter those idle for longer are left out */
export function listSessions(
  db: Database,
  userId: string,
  { now, seenAfter }: { now: Date; seenAfter: Date },
): Promise<SessionRow[]> {
  return db.session.findMany({
    where: { userId, expiresAt: { gt: now }, lastSeenAt: { gt: seenAfter } },
    orderBy: [{ lastSeenAt: "desc" }, { createdAt: "desc" }],
  });
}

/**
 * The tokens of the sign-in go with the last one.
 * @param at `seenAfter`: sessions idle for longer have ended
 * @param event what the audit records about it; null: nothing
 */
export async function deleteSession(
  db: Database,
  { userId, id }: { userId: string; id: string },
  at: { now: Date; seenAfter: Date },
  event: NewAuditEvent | null,
): Promise<boolean> {
  const deleted = await db.$transaction(async (tx) => {
    const { count } = await tx.session.deleteMany({ where: { id, userId } });
    if (count > 0 && event) await insertAuditEvent(db, event, tx);
    return count > 0;
  });
  await deleteTokensOfSignedOut(db, userId, at);
  db.$signInEnded();
  return deleted;
}

/**
 * Ends every session of this person, including ones being created, and the tokens of their sign-ins.
 * @param eventOf what the audit records about so many
 */
export async function deleteSessionsOf(
  db: Database,
  userId: string,
  eventOf: (sessions: number) => NewAuditEvent,
): Promise<void> {
  await db.$transaction(async (tx) => {
    await tx.user.update({ where: { id: userId }, data: { sessionVersion: { increment: 1 } } });
    const { count } = await tx.session.deleteMany({ where: { userId } });
    await deleteIdentityTokens(tx, userId);
    await insertAuditEvent(db, eventOf(count), tx);
  });
  db.$signInEnded();
}

export async function deleteSessionsExpiredBefore(db: Database, before: Date): Promise<void> {
  await db.session.deleteMany({ where: { expiresAt: { lt: before } } });
}
