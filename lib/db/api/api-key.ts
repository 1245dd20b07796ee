import type { Role } from "@/lib/contracts/people/person";
import { insertAuditEvent, type NewAuditEvent } from "../audit-event";
import type { Database } from "../client";
import type { ApiKey } from "../generated/client";
import { keysOf } from "../read-by-key";

export type ApiKeyRow = ApiKey;

/** A key with its owner's current state. */
export interface PresentedKey
  extends Pick<
    ApiKeyRow,
    "id" | "name" | "prefix" | "userId" | "scopes" | "expiresAt" | "lastUsedAt" | "revokedAt"
  > {
  serviceRole: Role | null;
  email: string | null;
  userName: string | null;
  userRole: Role | null;
  disabledAt: Date | null;
}

const keyByHash = `
  SELECT wanted.place, k."id", k."name", k."prefix", k."userId", k."scopes", k."expiresAt", k."lastUsedAt",
    k."revokedAt", k."role" AS "serviceRole", u."email", u."name" AS "userName", u."role" AS "userRole",
    u."disabledAt"
  FROM ${keysOf.onePart} AS wanted (hash, place)
  JOIN "ApiKey" k ON k."keyHash" = wanted.hash
  LEFT JOIN "User" u ON u."id" = k."userId"`;

/** Queried for every request with a key. */
export function findPresentedKey(db: Database, keyHash: string): Promise<PresentedKey | null> {
  return db.$byKey.find<PresentedKey>(keyByHash, [keyHash]);
}

const people = {
  user: { select: { email: true, role: true, disabledAt: true } },
  createdBy: { select: { email: true } },
} as const;

export type ListedApiKey = NonNullable<Awaited<ReturnType<typeof findApiKey>>>;

export function findApiKey(db: Database, id: string) {
  return db.apiKey.findUnique({ where: { id }, include: people });
}

/** Newest first, without revoked ones. @param userId null: everyone's, and those of services */
export function listApiKeys(db: Database, userId: string | null): Promise<ListedApiKey[]> {
  return db.apiKey.findMany({
    where: { revokedAt: null, ...(userId === null ? {} : { userId }) },
    orderBy: [{ createdAt: "desc" }, { id: "asc" }],
    include: people,
  });
}

/** Usable or expired, but not revoked. @param userId null: those of services */
export function countApiKeys(db: Database, userId: string | null): Promise<number> {
  return db.apiKey.count({ where: { userId, revokedAt: null } });
}

/** @param eventOf what the audit records about it */
export function insertApiKey(
  db: Database,
  key: ApiKeyRow,
  eventOf: (key: ListedApiKey) => NewAuditEvent,
): Promise<ListedApiKey> {
  return db.$transaction(async (tx) => {
    const row = await tx.apiKey.create({ data: key, include: people });
    await insertAuditEvent(db, eventOf(row), tx);
    return row;
  });
}

/** False: it is already revoked, or never existed. */
export function revokeApiKey(
  db: Database,
  id: string,
  now: Date,
  event: NewAuditEvent,
): Promise<boolean> {
  return db.$transaction(async (tx) => {
    const { count } = await tx.apiKey.updateMany({
      where: { id, revokedAt: null },
      data: { revokedAt: now },
    });
    if (count > 0) await insertAuditEvent(db, event, tx);
    return count > 0;
  });
}

/** @param unlessSince several processes may see the same use; the first one writes it */
export async function recordApiKeyUsed(
  db: Database,
  id: string,
  { at, unlessSince }: { at: Date; unlessSince: Date },
): Promise<void> {
  await db.apiKey.updateMany({
    where: { id, OR: [{ lastUsedAt: null }, { lastUsedAt: { lte: unlessSince } }] },
    data: { lastUsedAt: at },
  });
}

export async function deleteApiKeysRevokedBefore(db: Database, before: Date): Promise<void> {
  await db.apiKey.deleteMany({ where: { revokedAt: { lt: before } } });
}
