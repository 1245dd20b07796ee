import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GET as consoleRoute } from "@/app/api/connections/everyone/route";
import {
  type ConnectionSort,
  type ConsoleConnection,
  type ConsolePage,
  connectionSort,
  isShown,
  shownConnections,
} from "@/lib/contracts/connections/connection-console";
import { type ConnectionFacts, standingOf } from "@/lib/contracts/connections/connection-standing";
import { isRefreshable } from "@/lib/tokens/token-set";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation } from "@/tests/support/installation";
import type { Visitor } from "@/tests/support/visitor";

const seed = Date.now();
const clock = new Clock();
const now = clock.now();
const day = 24 * 60 * 60_000;
const at = (ms: number) => new Date(now.getTime() + ms);
const box = "v1.key.salt.nonce.box";

let usher: Installation;
let admin: Visitor;
/** When access ends that nothing renews. */
const endings = new Map<string, string>();
/** As the rule decides from the stored values. */
let stored: Pick<ConsoleConnection, "id" | "standing" | "person" | "lastUsedAt" | "since">[];

const past = fc
  .constantFrom(-400, -91, -90, -89, -31, -30, -29, -1, 0)
  .map((days) => at(days * day));
const nearby = fc.constantFrom(...[-day, -1, 0, 1, day - 1, day, day + 1, 3 * day]).map(at);
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null });
const grants = ["AUTHORIZATION_CODE", "AUTHORIZATION_CODE", "CLIENT_CREDENTIALS"] as const;
const anyTokens = fc.record({
  expiresAt: maybe(nearby),
  refreshTokenSealed: maybe(fc.constant(box)),
  grantType: fc.constantFrom(...grants),
  rejectedAt: fc.option(past, { nil: null, freq: 3 }),
  refreshFailures: fc.constantFrom(0, 0, 0, 1, 4),
  nextRefreshAt: maybe(nearby),
  lastRefreshError: maybe(fc.constant("It said no.")),
  lastRefreshErrorAt: maybe(past),
  failsAlone: fc.boolean(),
  lastUsedAt: maybe(past),
  createdAt: past,
});
const expiring = {
  ...{ expiresAt: at(day - 1), refreshTokenSealed: null, grantType: grants[0] },
  ...{ rejectedAt: null, refreshFailures: 0, lastRefreshErrorAt: null },
};
const anyKey = fc.record({
  headerNames: fc.constantFrom<string[]>(["X-API-KEY"], ["x-api-key", "X-Team"], ["X-Other"], []),
  rejectedAt: fc.option(past, { nil: null, freq: 3 }),
  lastUsedAt: maybe(past),
  createdAt: past,
});

beforeAll(async () => {
  usher = await startInstallation({ now: clock.now });
  admin = await usher.join("ADMIN");
  const { db } = usher.app;
  await db.user.createMany({
    data: Array.from({ length: 20 }, (_, n) => ({
      ...{ id: `person-${n}`, name: `Person ${n % 7}`, email: `p${10 + n}@team.example` },
      disabledAt: n % 5 === 0 ? at(-day) : null,
    })),
  });
  const server = (n: number, asks: boolean) => ({
    ...{ id: `server-${n}`, name: `Server ${n}`, url: "https://s.example/mcp" },
    ...{ transport: "STREAMABLE_HTTP" as const, headerSharing: "PER_USER" as const },
    authentication: asks ? ("HEADERS" as const) : ("OAUTH" as const),
    settings: asks ? { personalHeaders: "X-Api-Key" } : {},
  });
  await db.mcpServer.createMany({
    data: Array.from({ length: 24 }, (_, n) => server(n, n >= 20)),
  });
  const owners = ["shared", ...Array.from({ length: 20 }, (_, n) => `person-${n}`)];
  const sampled = fc.sample(anyTokens, { numRuns: 20 * 21, seed });
  // Too rare to appear in every sample.
  Object.assign(sampled[45] ?? {}, expiring);
  const tokens = sampled.map((facts, n) => ({
    ...{
      id: `tokens-${n}`,
      serverId: `server-${n % 20}`,
      ownerKey: owners[Math.floor(n / 20)] ?? "",
    },
    ...facts,
    refreshable: isRefreshable(facts.refreshTokenSealed, facts.grantType),
  }));
  await db.storedTokenSet.createMany({
    data: tokens.map(({ refreshable: _, ...row }) => ({
      ...row,
      userId: row.ownerKey === "shared" ? null : row.ownerKey,
      ...{ accessTokenSealed: box, obtainedAt: now },
    })),
  });
  for (const { id, refreshable, expiresAt } of tokens) {
    if (!refreshable && expiresAt) endings.set(id, expiresAt.toISOString());
  }
  const keys = fc.sample(anyKey, { numRuns: 4 * 20, seed }).map((facts, n) => ({
    ...{
      id: `key-${n}`,
      serverId: `server-${20 + (n % 4)}`,
      userId: `person-${Math.floor(n / 4)}`,
    },
    ...{ valuesSealed: box, savedAt: facts.createdAt },
    ...facts,
  }));
  await db.personalKey.createMany({ data: keys });
  stored = [
    ...tokens.map((row) => decided({ ...row, facts: row })),
    ...keys.map((row) => {
      const lacks = !row.headerNames.some((name) => name.toLowerCase() === "x-api-key");
      const rejectedAt = lacks ? row.savedAt : row.rejectedAt;
      return decided({ ...row, ownerKey: row.userId, facts: { ...fine, rejectedAt } });
    }),
  ];
});
afterAll(() => usher.close());

const fine: ConnectionFacts = {
  ...{ expiresAt: null, refreshable: false, rejectedAt: null, refreshFailures: 0 },
  ...{ nextRefreshAt: null, lastRefreshError: null, lastRefreshErrorAt: null, failsAlone: false },
};

function decided(row: {
  id: string;
  ownerKey: string;
  facts: ConnectionFacts;
  lastUsedAt: Date | null;
  createdAt: Date;
}): (typeof stored)[number] {
  const n = Number(row.ownerKey.replace("person-", ""));
  return {
    id: row.id,
    standing: standingOf(row.facts, now),
    person:
      row.ownerKey === "shared"
        ? null
        : { id: row.ownerKey, name: "", email: "", disabled: n % 5 === 0 },
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    since: row.createdAt.toISOString(),
  };
}

async function all(query: Record<string, string>) {
  const rows: ConsoleConnection[] = [];
  let found: number | undefined;
  for (let after: string | null = ""; after !== null; ) {
    const search = new URLSearchParams({ ...query, after });
    const answer = await admin.visit(consoleRoute, { path: `/api/connections/everyone?${search}` });
    const page: ConsolePage = await answer.json();
    expect(answer.status, JSON.stringify(page)).toBe(200);
    rows.push(...page.connections);
    found ??= page.first?.found;
    after = page.next;
  }
  return { rows, found };
}

describe("the filters of the connections console", () => {
  it.each(shownConnections.options)("%s finds and counts what the rule says", async (show) => {
    const expected = stored.filter((row) => isShown(show, row, now)).map(({ id }) => id);
    const { rows, found } = await all({ show });
    expect(rows.map(({ id }) => id).toSorted(), `seed ${seed}`).toEqual(expected.toSorted());
    expect(found, `seed ${seed}`).toBe(expected.length);
    expect(expected.length).toBeGreaterThan(0);
    for (const row of rows) expect(isShown(show, row, now), JSON.stringify(row)).toBe(true);
  });

  it.each(connectionSort.options)(
    "sorted by %s, each row is listed once, in order",
    async (sort) => {
      const { rows, found } = await all({ sort });
      expectOrder(rows, sort);
      expect(found).toBe(stored.length);
      expect(rows.map(({ id }) => id).toSorted()).toEqual(stored.map(({ id }) => id).toSorted());
    },
  );

  it.each(connectionSort.options)(
    "a search sorted by %s finds each row once, in order, page by page",
    async (sort) => {
      const { rows, found } = await all({ search: "PERSON server", sort });
      const expected = stored.filter(({ person }) => person !== null).map(({ id }) => id);
      expectOrder(rows, sort);
      expect(found).toBe(expected.length);
      expect(rows.map(({ id }) => id).toSorted()).toEqual(expected.toSorted());
    },
  );

  it.each(connectionSort.options)(
    "the team's accounts and all others, by %s, of one server",
    async (sort) => {
      const { rows, found } = await all({ server: "server-3", sort });
      const expected = stored.filter(({ id }) => serverOf(id) === "server-3").map(({ id }) => id);
      expectOrder(rows, sort);
      expect(found).toBe(expected.length);
      expect(rows.map(({ id }) => id).toSorted()).toEqual(expected.toSorted());
    },
  );

  it("a search without matches still says so", async () => {
    const path = "/api/connections/everyone?search=zzz";
    const page: ConsolePage = await (await admin.visit(consoleRoute, { path })).json();
    expect(page.connections).toEqual([]);
    expect(page.first).toMatchObject({ found: 0, foundMore: false });
  });
});

function expectOrder(rows: readonly ConsoleConnection[], sort: ConnectionSort): void {
  const keys = rows.map(keyOf[sort]);
  const ordered = keys.toSorted((one, other) => (one < other ? -1 : one > other ? 1 : 0));
  expect(keys).toEqual(sort === "newest" ? ordered.toReversed() : ordered);
}

/** As `beforeAll` distributes them. */
function serverOf(id: string): string {
  const [kind, n] = id.split("-");
  return `server-${kind === "key" ? 20 + (Number(n) % 4) : Number(n) % 20}`;
}

const keyOf: Record<ConnectionSort, (row: ConsoleConnection) => string> = {
  newest: ({ since }) => since,
  used: ({ lastUsedAt, since }) => lastUsedAt ?? since,
  // For a refused token the answer does not say when it would have expired.
  ends: ({ id }) => endings.get(id) ?? "never",
  person: ({ person }) => (person ? `${person.name} ${person.email}` : ""),
  server: ({ serverName }) => serverName,
};
