import {
  type ConsoleConnection,
  type ConsolePage,
  type ConsoleQuery,
  consoleCursor,
  consolePosition,
  unusedForMs,
} from "@/lib/contracts/connections/connection-console";
import { expiringMs, standingOf } from "@/lib/contracts/connections/connection-standing";
import type { PersonalHeader } from "@/lib/contracts/servers/personal-headers";
import type { Database } from "@/lib/db/client";
import type { ConnectionFilter } from "@/lib/db/lists/connection-conditions";
import {
  countConnectionsOfAll,
  findFilterNames,
  isFoundFirst,
  type ListedConnection,
  listConnectionsOfAll,
  listKeyServers,
} from "@/lib/db/lists/connections";
import { askedHeaders, personalKeyFacts } from "./personal-key";

const pageSize = 50;
/** Of a search: more say nothing more. */
const mostWords = 5;

/** A page of everybody's connections, for admins. */
export async function consolePage(
  ctx: { db: Database; now: () => Date },
  query: ConsoleQuery,
): Promise<ConsolePage> {
  const { db } = ctx;
  const now = ctx.now();
  const { sort, after } = query;
  const filter = filterOf(query, now);
  const headers = new Map(
    (await listKeyServers(db)).map((server) => [server.id, askedHeaders(server)]),
  );
  const asked = [...headers].flatMap(([serverId, names]) =>
    names.map(({ name }) => ({ serverId, name: name.toLowerCase() })),
  );
  const position = after === undefined ? null : consolePosition(sort, after);
  const page = { sort, after: position, limit: pageSize + 1 };
  const rows = await listConnectionsOfAll(db, filter, asked, page);
  const shown = rows.slice(0, pageSize);
  const last = shown.at(-1);
  const connections = shown.map((row) => viewRow(row, headers.get(row.serverId) ?? [], now));
  const next = last && rows.length > pageSize ? consoleCursor(sort, positionOf(query, last)) : null;
  if (after !== undefined) return { connections, next, first: null };

  const isSearch = isFoundFirst(filter);
  const everything = filterOf({ show: "all", sort }, now);
  const [narrowed, of, names] = await Promise.all([
    !isSearch && isNarrowed(query) ? countConnectionsOfAll(db, filter, asked) : null,
    countConnectionsOfAll(db, everything, asked),
    findFilterNames(db, query),
  ]);
  const found = isSearch ? (rows[0]?.found ?? 0) : (narrowed ?? of);
  return { connections, next, first: { found, of, ...names } };
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

function isNarrowed({ show, person, server }: ConsoleQuery): boolean {
  return show !== "all" || person !== undefined || server !== undefined;
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

function viewRow(
  row: ListedConnection,
  headers: readonly PersonalHeader[],
  now: Date,
): ConsoleConnection {
  const facts = row.kind === "tokens" ? row : personalKeyFacts(headers, row);
  const { userId, personName, email } = row;
  return {
    ...{ id: row.id, serverId: row.serverId, serverName: row.serverName },
    person:
      userId === null || personName === null || email === null
        ? null
        : { id: userId, name: personName, email, disabled: row.disabledAt !== null },
    ...{ authorizedBy: row.authorizedBy, accountName: row.accountName },
    isKey: row.kind === "key",
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
