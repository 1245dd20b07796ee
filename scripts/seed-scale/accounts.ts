import type pg from "pg";
import type { ScaleSizes } from "./fill";

/**
 * Has the form of a sealed box and the usual length. No key opens it, and no page does: anything that
 * calls a server or refreshes a token fails.
 */
export const placeholderBox = `v1.${"k".repeat(12)}.${"s".repeat(24)}.${"n".repeat(16)}.${"c".repeat(340)}`;

/** Five of every ten servers have people's own accounts. */
export function personalServers(servers: number): number {
  return Array.from({ length: servers }, (_, at) => at + 1).filter(isPersonal).length;
}

function isPersonal(n: number): boolean {
  return n % 10 < 8 && n % 3 !== 0;
}

/** The first people first, each with all servers. Nothing is due before a day has passed. */
export async function fillTokenSets(client: pg.Client, sizes: ScaleSizes): Promise<void> {
  const personal = Array.from({ length: sizes.servers }, (_, at) => at + 1).filter(isPersonal);
  const columns = `INSERT INTO "StoredTokenSet" ("id", "serverId", "ownerKey", "userId", "accessTokenSealed",
       "refreshTokenSealed", "scope", "requestedScope", "accountName", "expiresAt", "obtainedAt", "nextRefreshAt",
       "lastRefreshedAt", "lastRefreshError", "lastRefreshErrorAt", "refreshFailures", "createdAt", "lastUsedAt",
       "authorizedById", "updatedAt")`;
  const rest = (
    n: string,
  ) => `$1, CASE WHEN ${n} % 7 > 0 THEN $1 END, 'read write', 'read write offline_access',
       'account-' || ${n} || '@provider.example', now() + make_interval(days => 2, secs => ${n}),
       now() - interval '20 days', CASE WHEN ${n} % 7 > 0 THEN now() + make_interval(days => 1, secs => ${n}) END,
       now() - make_interval(mins => ${n} % 600),
       CASE WHEN ${n} % 50 = 0 THEN 'The provider did not answer in time.' END,
       CASE WHEN ${n} % 50 = 0 THEN now() - make_interval(secs => ${n}) END,
       CASE WHEN ${n} % 50 = 0 THEN 1 ELSE 0 END, now() - make_interval(mins => 37 * ${n} % 400000),
       CASE WHEN ${n} % 9 > 0 THEN now() - make_interval(mins => 11 * ${n} % 200000) END`;
  await client.query(
    `${columns} SELECT gen_random_uuid(), 'server-' || ($3::int[])[1 + k % $4::int],
       'person-' || 1 + k / $4::int, 'person-' || 1 + k / $4::int, ${rest("k")}, 'person-' || 1 + k / $4::int, now()
     FROM generate_series(0, $2::int - 1) k`,
    [placeholderBox, sizes.tokenSets, personal, Math.max(personal.length, 1)],
  );
  await client.query(
    `${columns} SELECT gen_random_uuid(), 'server-' || n, 'shared', NULL, ${rest("n")}, 'person-1', now()
     FROM generate_series(1, $2::int) n WHERE n % 10 < 8 AND n % 3 = 0`,
    [placeholderBox, sizes.servers],
  );
}

/** For every tenth person, at each server that asks for one; every fifth was refused. */
export async function fillPersonalKeys(client: pg.Client): Promise<void> {
  await client.query(
    `INSERT INTO "PersonalKey" ("id", "serverId", "userId", "headerNames", "valuesSealed", "savedAt", "rejectedAt",
       "createdAt", "updatedAt")
     SELECT gen_random_uuid(), s."id", u."id", ARRAY['X-Api-Key'], $1, now() - interval '50 days',
       CASE WHEN u.n % 50 = 0 THEN now() - interval '1 hour' END, now() - interval '50 days', now()
     FROM "McpServer" s, (SELECT "id", row_number() OVER (ORDER BY "id") AS n FROM "User") u
     WHERE s."headerSharing" = 'PER_USER' AND u.n % 10 = 0`,
    [placeholderBox],
  );
}
