import { createServer } from "@/lib/servers/save";
import { sealTokens } from "@/lib/tokens/token-store";
import { serverInput } from "@/tests/support/server-input";
import { sql } from "./databases";
import type { BenchInstallation } from "./installation";
import { refreshTokenOf } from "./processes/lean-provider-tokens";

const serverCount = 100;

/** Accounts with sealed tokens that the lean provider knows, of a hundred servers behind it. */
export async function addDueAccounts(
  { app, database }: BenchInstallation,
  tokenEndpoint: string,
  count: number,
): Promise<void> {
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
    const rows = owners.map((ownerKey) => {
      const grant = `${serverId}-${ownerKey}`;
      const tokens = {
        accessToken: `a.${grant}.0.${"x".repeat(200)}`,
        refreshToken: refreshTokenOf(grant, 0),
        tokenType: "Bearer",
        scope: null,
        expiresAt,
        obtainedAt,
      };
      return { serverId, ownerKey, ...sealTokens(app.keyring, { serverId, ownerKey }, tokens) };
    });
    await app.db.storedTokenSet.createMany({
      data: rows.map((row) => ({ ...row, userId: row.ownerKey })),
    });
  }
}

/** So many of them are due again, as time would make them. */
export async function makeDueAgain(url: string, count: number): Promise<void> {
  await sql(
    url,
    `UPDATE "StoredTokenSet" SET "nextRefreshAt" = now() - interval '1 minute',
       "expiresAt" = now() + interval '5 minutes'
     WHERE "id" IN (SELECT "id" FROM "StoredTokenSet" WHERE "ownerKey" LIKE 'due-%' LIMIT $1)`,
    [count],
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
