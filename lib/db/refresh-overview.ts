import type { Database } from "./client";
import type { StoredTokenSet } from "./generated/client";

export type AccountRow = StoredTokenSet & {
  server: { name: string };
  user: { name: string } | null;
};

const names = { server: { select: { name: true } }, user: { select: { name: true } } } as const;

/** A token that its MCP server refuses waits for a person. */
const refreshedByItself = { nextRefreshAt: { not: null }, rejectedAt: null } as const;

/** What the last refresh did not renew, the newest first. */
export function listRefreshFailures(db: Database, limit: number): Promise<AccountRow[]> {
  return db.storedTokenSet.findMany({
    where: { lastRefreshErrorAt: { not: null } },
    include: names,
    orderBy: { lastRefreshErrorAt: "desc" },
    take: limit,
  });
}

export function listUpcomingRefreshes(db: Database, limit: number): Promise<AccountRow[]> {
  return db.storedTokenSet.findMany({
    where: refreshedByItself,
    include: names,
    orderBy: { nextRefreshAt: "asc" },
    take: limit,
  });
}

export function countRefreshable(db: Database): Promise<number> {
  return db.storedTokenSet.count({ where: refreshedByItself });
}
