import type { Sealed } from "@/lib/vault/sealed-box";
import type { Database, DatabaseTransaction } from "../client";
import type { PersonalKey } from "../generated/client";
import { keysOf } from "../read-by-key";

export type PersonalKeyRow = PersonalKey;

export interface PersonalKeyOwner {
  serverId: string;
  userId: string;
}

const keyByOwner = `
  SELECT wanted.place, k.*, s."version" AS "serverVersion"
  FROM ${keysOf.twoParts} AS wanted ("serverId", "userId", place)
  JOIN "PersonalKey" k ON k."serverId" = wanted."serverId" AND k."userId" = wanted."userId"
  JOIN "McpServer" s ON s."id" = k."serverId"`;

/** With the version of the server's configuration for which it was entered. */
export async function findPersonalKey(
  db: Database,
  { serverId, userId }: PersonalKeyOwner,
): Promise<(PersonalKeyRow & { serverVersion: number }) | null> {
  return db.$byKey.find<PersonalKeyRow & { serverVersion: number }>(keyByOwner, [serverId, userId]);
}

/**
 * Stores a key for the configuration that the person saw. `changed`: the server or the key has changed
 * since, and nothing is stored.
 *
 * @param replaces version of the key that was read; null: there was none
 */
export async function savePersonalKey(
  tx: DatabaseTransaction,
  owner: PersonalKeyOwner & { serverVersion: number; replaces: number | null },
  columns: { headerNames: string[]; valuesSealed: Sealed; savedAt: Date },
): Promise<"saved" | "changed"> {
  const { serverId, userId, serverVersion, replaces } = owner;
  // Held until the end: an edit that moves the server drops this key as well, or is detected here.
  const server = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM "McpServer" WHERE "id" = ${serverId} AND "version" = ${serverVersion} FOR SHARE`;
  if (server.length === 0) return "changed";
  const data = { ...columns, rejectedAt: null, rejectedReason: null, accountName: null };
  if (replaces !== null) {
    const { count } = await tx.personalKey.updateMany({
      where: { serverId, userId, version: replaces },
      data: { ...data, version: { increment: 1 } },
    });
    return count > 0 ? "saved" : "changed";
  }
  const { count } = await tx.personalKey.createMany({
    data: [{ serverId, userId, ...data }],
    skipDuplicates: true,
  });
  return count > 0 ? "saved" : "changed";
}

/** The MCP server refuses this very key. A newer one is not affected. */
export async function saveKeyRejected(
  db: Database,
  { id, version }: Pick<PersonalKeyRow, "id" | "version">,
  rejectedReason: string,
  now: Date,
): Promise<void> {
  await db.personalKey.updateMany({
    where: { id, version },
    data: { rejectedAt: now, rejectedReason },
  });
}

/** The MCP server accepted a key that it had refused. */
export async function clearKeyRejected(db: Database, owner: PersonalKeyOwner): Promise<void> {
  await db.personalKey.updateMany({
    where: { ...owner, rejectedAt: { not: null } },
    data: { rejectedAt: null, rejectedReason: null },
  });
}

/** The server's account tool's name for the owner of this very key. */
export async function saveKeyAccount(
  db: Database,
  { id, version }: Pick<PersonalKeyRow, "id" | "version">,
  accountName: string,
): Promise<boolean> {
  const { count } = await db.personalKey.updateMany({
    where: { id, version },
    data: { accountName },
  });
  return count > 0;
}

/** @returns how many there were */
export async function deletePersonalKeys(
  db: Database,
  which: { serverId: string; userId?: string },
): Promise<number> {
  const { count } = await db.personalKey.deleteMany({ where: which });
  return count;
}

const factsOfKeys = {
  userId: true,
  headerNames: true,
  savedAt: true,
  rejectedAt: true,
  rejectedReason: true,
  accountName: true,
  user: { select: { name: true } },
} as const;

export type PersonalKeyFacts = Pick<
  PersonalKeyRow,
  "userId" | "headerNames" | "savedAt" | "rejectedAt" | "rejectedReason" | "accountName"
> & { user: { name: string } };

/** Newest first. Nothing is unsealed. */
export function listPersonalKeys(db: Database, serverId: string): Promise<PersonalKeyFacts[]> {
  return db.personalKey.findMany({
    where: { serverId },
    select: factsOfKeys,
    orderBy: { savedAt: "desc" },
  });
}

/** From a server's keys, newest first, with their boxes. */
export function listSealedKeys(
  db: Database,
  serverId: string,
  limit: number,
): Promise<(PersonalKeyOwner & { valuesSealed: string })[]> {
  return db.personalKey.findMany({
    where: { serverId },
    select: { serverId: true, userId: true, valuesSealed: true },
    orderBy: { savedAt: "desc" },
    take: limit,
  });
}

export async function findKeyOwners(
  db: Database,
  ids: readonly string[],
): Promise<Map<string, PersonalKeyOwner>> {
  const rows = await db.personalKey.findMany({
    where: { id: { in: [...ids] } },
    select: { id: true, serverId: true, userId: true },
  });
  return new Map(rows.map(({ id, serverId, userId }) => [id, { serverId, userId }]));
}
