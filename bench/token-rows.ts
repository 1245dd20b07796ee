import { randomUUID } from "node:crypto";
import { createServer } from "@/lib/servers/save";
import { sealTokens } from "@/lib/tokens/token-store";
import { serverInput } from "@/tests/support/server-input";
import type { Child } from "./child";
import { type BenchInstallation, sql } from "./installation";
import type { LeanProvider } from "./processes/lean-provider";

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

const serverCount = 100;

/** Accounts with sealed tokens that the lean provider issued, of a hundred servers behind it. */
export async function addDueAccounts(
  { app, database }: BenchInstallation,
  provider: Child<LeanProvider>,
  count: number,
): Promise<void> {
  const tokenEndpoint = await provider.run("tokenEndpoint");
  const people = Math.ceil(count / serverCount);
  await sql(
    database.url,
    `INSERT INTO "User" ("id", "email", "name", "updatedAt")
     SELECT 'due-' || n, 'due-' || n || '@example.com', 'Due', now() FROM generate_series(0, $1::int - 1) n`,
    [people],
  );
  const obtainedAt = app.now();
  const expiresAt = new Date(obtainedAt.getTime() + 5 * 60_000);
  let left = count;
  for (let number = 0; left > 0; number++) {
    const input = serverInput({
      name: `Due ${number}`,
      url: `http://127.0.0.1:9/due/${number}`,
      authentication: "OAUTH",
      oauth: {
        clientId: "bench",
        clientSecret: "a secret of the benchmark",
        authorizationEndpoint: "http://127.0.0.1:9/authorize",
        tokenEndpoint,
        tokenSharing: "PER_USER",
      },
    });
    const serverId = await createServer(app, input);
    const owners = Array.from({ length: Math.min(people, left) }, (_, person) => `due-${person}`);
    left -= owners.length;
    const grants = owners.map((ownerKey) => `${serverId}-${ownerKey}`);
    const refreshTokens = await provider.run("issue", grants);
    const data = owners.map((ownerKey, index) => {
      const sealed = sealTokens(
        app.keyring,
        { serverId, ownerKey },
        {
          accessToken: `a.${grants[index]}.0.${"x".repeat(200)}`,
          refreshToken: refreshTokens[index] ?? null,
          ...{ tokenType: "Bearer", scope: null, expiresAt, obtainedAt },
        },
      );
      return { serverId, ownerKey, userId: ownerKey, ...sealed };
    });
    await app.db.storedTokenSet.createMany({ data });
  }
}

/** Makes so many rows of these owners due, as time would. */
export async function makeDue(url: string, owners: "owner" | "due", count: number): Promise<void> {
  await sql(
    url,
    `UPDATE "StoredTokenSet" SET "nextRefreshAt" = now() - interval '1 minute',
       "expiresAt" = now() + interval '5 minutes'
     WHERE "id" IN (SELECT "id" FROM "StoredTokenSet"
                    WHERE "ownerKey" LIKE $1 AND "nextRefreshAt" IS NOT NULL
                    ORDER BY "id" LIMIT $2)`,
    [`${owners}-%`, count],
  );
  await sql(url, 'VACUUM ANALYZE "StoredTokenSet"');
}

/** How many are still due, in whatever state. */
export async function countDue(url: string): Promise<number> {
  const [row] = await sql<{ due: number }>(
    url,
    `SELECT count(*)::int AS due FROM "StoredTokenSet" WHERE "nextRefreshAt" <= now()`,
  );
  return row?.due ?? Number.NaN;
}
