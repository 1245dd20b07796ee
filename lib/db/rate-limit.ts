import type { Database } from "./client";

/**
 * Counts one event in a fixed window and returns how many there were, including this one. One
 * statement, so that any number of replicas count together.
 */
export async function countInWindow(
  db: Database,
  key: string,
  windowMs: number,
  now: Date,
): Promise<{ count: number; windowEndsAt: Date }> {
  const oldest = new Date(now.getTime() - windowMs);
  const [row] = await db.$queryRaw<{ count: number; windowStart: Date }[]>`
    INSERT INTO "RateLimit" ("key", "windowStart", "count") VALUES (${key}, ${now}, 1)
    ON CONFLICT ("key") DO UPDATE SET
      "count" = CASE WHEN "RateLimit"."windowStart" <= ${oldest} THEN 1 ELSE "RateLimit"."count" + 1 END,
      "windowStart" = CASE WHEN "RateLimit"."windowStart" <= ${oldest} THEN ${now} ELSE "RateLimit"."windowStart" END
    RETURNING "count", "windowStart"`;
  const start = row?.windowStart ?? now;
  return { count: row?.count ?? 1, windowEndsAt: new Date(start.getTime() + windowMs) };
}

/** After a success: earlier events no longer count. */
export async function clearWindow(db: Database, key: string): Promise<void> {
  await db.rateLimit.deleteMany({ where: { key } });
}

export async function takeOneBack(db: Database, key: string): Promise<void> {
  await db.$executeRaw`
    UPDATE "RateLimit" SET "count" = "count" - 1 WHERE "key" = ${key} AND "count" > 0`;
}

export async function deleteWindowsBefore(db: Database, before: Date): Promise<number> {
  const { count } = await db.rateLimit.deleteMany({ where: { windowStart: { lt: before } } });
  return count;
}
