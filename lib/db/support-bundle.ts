import type { Database } from "./client";
import type { Prisma } from "./generated/client";

/** Of a server's stored tokens, what is no secret: no sealed column is read. */
const facts = {
  ownerKey: true,
  scope: true,
  requestedScope: true,
  challengedScope: true,
  expiresAt: true,
  obtainedAt: true,
  rejectedAt: true,
  lastRefreshedAt: true,
  lastRefreshError: true,
  lastRefreshErrorAt: true,
  refreshFailures: true,
  nextRefreshAt: true,
} satisfies Prisma.StoredTokenSetSelect;

export type TokenSetFacts = Prisma.StoredTokenSetGetPayload<{ select: typeof facts }>;

/** Those that failed last come first. */
export function listTokenSetFacts(
  db: Database,
  serverId: string,
  limit: number,
): Promise<TokenSetFacts[]> {
  return db.storedTokenSet.findMany({
    where: { serverId },
    select: facts,
    orderBy: [{ lastRefreshErrorAt: { sort: "desc", nulls: "last" } }, { obtainedAt: "desc" }],
    take: limit,
  });
}

export function countTokenSets(db: Database, serverId: string): Promise<number> {
  return db.storedTokenSet.count({ where: { serverId } });
}
