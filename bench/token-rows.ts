import { randomUUID } from "node:crypto";
import { sql } from "./databases";

/** As long as a sealed token of usual size. */
const sealed = `v1.${"k".repeat(12)}.${"s".repeat(24)}.${"n".repeat(16)}.${"c".repeat(340)}`;
const ownersAServer = 10_000;

/**
 * Fills a database with stored tokens, each a person's own, of which none is due before a day has
 * passed; of every three one has nothing to refresh at all.
 *
 * @returns the servers' ids
 */
export async function fillWithTokens(url: string, count: number): Promise<string[]> {
  const people = Math.min(count, ownersAServer);
  const servers = Array.from({ length: Math.ceil(count / people) }, () => randomUUID());
  await sql(
    url,
    `INSERT INTO "User" ("id", "email", "name", "updatedAt")
     SELECT 'owner-' || n, 'owner-' || n || '@example.com', 'Owner', now()
     FROM generate_series(1, $1::int) n`,
    [people],
  );
  await sql(
    url,
    `INSERT INTO "McpServer" ("id", "name", "transport", "url", "authentication", "updatedAt")
     SELECT id, 'Filling ' || id, 'STREAMABLE_HTTP', 'https://mcp.example/' || id, 'OAUTH', now()
     FROM unnest($1::text[]) id`,
    [servers],
  );
  await sql(
    url,
    `INSERT INTO "StoredTokenSet" ("id", "serverId", "ownerKey", "userId", "accessTokenSealed",
       "refreshTokenSealed", "expiresAt", "obtainedAt", "nextRefreshAt", "updatedAt")
     SELECT gen_random_uuid(), server, 'owner-' || n, 'owner-' || n, $2::text, $2::text,
       now() + make_interval(days => 1, secs => n), now(),
       CASE WHEN n % 3 = 0 THEN NULL ELSE now() + make_interval(days => 1, secs => n) END, now()
     FROM unnest($1::text[]) server, generate_series(1, $3::int) n`,
    [servers, sealed, people],
  );
  return servers;
}

/** Makes so many of these rows due now, whatever they hold. */
export async function makeDue(url: string, count: number): Promise<void> {
  await sql(
    url,
    `UPDATE "StoredTokenSet" SET "nextRefreshAt" = now() - make_interval(mins => 1)
     WHERE "id" IN (SELECT "id" FROM "StoredTokenSet" WHERE "nextRefreshAt" IS NOT NULL
                    ORDER BY "id" LIMIT $1)`,
    [count],
  );
  await sql(url, `VACUUM ANALYZE "StoredTokenSet"`);
}
