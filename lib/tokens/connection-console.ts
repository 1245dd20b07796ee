import {
  type ConsoleConnection,
  type ConsolePage,
  type ConsoleQuery,
  consoleCursor,
  consolePosition,
  unusedForMs,
} from "@/lib/contracts/connections/connection-console";
import { expiringMs, standingOf } from "@/lib/contracts/connections/connection-standing";
import type { Database } from "@/lib/db/client";
import type { AskedHeader, ConnectionFilter } from "@/lib/db/lists/connection-conditions";
import {
  findFilterNames,
  type ListedConnection,
  listConnectionsOfAll,
  listKeyServers,
} from "@/lib/db/lists/connections";
import { askedHeaders, personalKeyFacts } from "./personal-key";

const pageSize = 50;
/** For a search: more words add nothing. */
const mostWords = 5;

/** A page of everyone's connections, for admins. */
export async function consolePage(
  ctx: { db: Database; now: () => Date },
  query: ConsoleQuery,
): Promise<ConsolePage> {
  const { db } = ctx;
  const now = ctx.now();
  const { sort } = query;
  const filter = filterOf(query, now);
  const after = query.after === undefined ? null : consolePosition(sort, query.after);
  const [page, names] = await Promise.all([
    askedOfEach(db, query).then((asked) =>
      listConnectionsOfAll(db, filter, asked, { sort, after, limit: pageSize + 1 }),
    ),
    after === null ? findFilterNames(db, query) : null,
  ]);
  const { rows, counts } = page;
  const shown = rows.slice(0, pageSize);
  const last = shown.at(-1);
  return {
    connections: shown.map((row) => viewRow(row, now)),
    next: last && rows.length > pageSize ? consoleCursor(sort, positionOf(query, last)) : null,
    first: counts && names && { ...counts, ...names },
  };
}

/** Only that filter needs to know which headers a key lacks. */
async function askedOfEach(db: Database, { show }: ConsoleQuery): Promise<AskedHeader[]> {
  if (show !== "needs_authorization") return [];
  return (await listKeyServers(db)).flatMap((server) =>
    askedHeaders(server).map(({ name }) => ({ serverId: server.id, name: name.toLowerCase() })),
  );
}

function filterOf({ search, show, person, server }: ConsoleQuery, now: Date): ConnectionFilter {
  const unusedFor = unusedForMs(show);
  return {
    ...{ show, person, server, now },
    words: (search ?? "").normalize("NFC").split(/\s+/).filter(Boolean).slice(0, mostWords),
    expiringUntil: new Date(now.getTime() + expiringMs),
    unusedSince: unusedFor === null ? null : new Date(now.getTime() - unusedFor),
  };
}

function positionOf({ sort }: ConsoleQuery, row: ListedConnection): string[] {
  const { id, personName, email, serverName } = row;
  switch (sort) {
    case "newest":
      return [row.createdAt.toISOString(), id];
    case "used":
      return [(row.lastUsedAt ?? row.createdAt).toISOString(), id];
    case "ends": {
      const ends = row.kind === "tokens" && !row.refreshable ? row.expiresAt : null;
      return [ends?.toISOString() ?? "infinity", id];
    }
    case "person":
      return [personName ?? "", email ?? "", serverName, id];
    case "server":
      return [serverName, personName ?? "", email ?? "", id];
  }
}

function viewRow(row: ListedConnection, now: Date): ConsoleConnection {
  const facts = row.kind === "tokens" ? row : personalKeyFacts(askedHeaders(row), row);
  const { userId, personName, email } = row;
  return {
    ...{ id: row.id, serverId: row.serverId, serverName: row.serverName },
    person:
      userId === null || personName === null || email === null
        ? null
        : { id: userId, name: personName, email, disabled: row.disabledAt !== null },
    ...{ authorizedBy: row.authorizedBy, accountName: row.accountName },
    isKey: row.kind === "key",
    managedByOrganization: row.managedByOrganization,
    standing: standingOf(facts, now),
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    lastError:
      facts.lastRefreshError === null
        ? null
        : {
            reason: facts.lastRefreshError,
            at: (facts.lastRefreshErrorAt ?? facts.rejectedAt)?.toISOString() ?? null,
          },
    since: row.createdAt.toISOString(),
  };
}
