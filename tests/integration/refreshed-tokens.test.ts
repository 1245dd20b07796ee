import { afterEach, beforeEach, expect, it } from "vitest";
import type { Database } from "@/lib/db/client";
import { createDatabase } from "@/lib/db/client";
import { saveRefreshedTokens } from "@/lib/db/refresh/refreshed-tokens";
import { createServer } from "@/lib/servers/save";
import { openTokens, sealTokens } from "@/lib/tokens/token-store";
import { type Installation, startInstallation } from "@/tests/support/installation";
import { serverInput } from "@/tests/support/server-input";

const leaseId = "held";
const count = 60;

let usher: Installation;
let db: Database;
let serverId: string;
let rows: { id: string; ownerKey: string; version: number }[];

beforeEach(async () => {
  usher = await startInstallation();
  db = usher.app.db;
  serverId = await createServer(usher.app, serverInput({ url: "https://mcp.example.com/mcp" }));
  const owners = Array.from({ length: count }, (_, number) => `person-${number}`);
  await db.user.createMany({
    data: owners.map((id) => ({ id, email: `${id}@example.com`, name: id })),
  });
  await db.storedTokenSet.createMany({
    data: owners.map((ownerKey) => ({
      ...{
        serverId,
        ownerKey,
        userId: ownerKey,
        leaseId,
        leaseUntil: new Date(Date.now() + 60_000),
      },
      ...tokensOf(ownerKey, "old"),
    })),
  });
  rows = await db.storedTokenSet.findMany({ orderBy: { ownerKey: "asc" } });
});
afterEach(() => usher.close());

function tokensOf(ownerKey: string, accessToken: string) {
  const now = new Date();
  const tokens = { accessToken, refreshToken: null, tokenType: "Bearer", scope: null };
  return sealTokens(
    usher.app.keyring,
    { serverId, ownerKey },
    { ...tokens, expiresAt: null, obtainedAt: now },
  );
}

const save = ({ id, ownerKey, version }: (typeof rows)[number], changed = {}) =>
  saveRefreshedTokens(
    db,
    { id, version, leaseId },
    { ...tokensOf(ownerKey, `new of ${ownerKey}`), ...changed },
    new Date(),
  );
const saveAll = () => Promise.all(rows.map((row) => save(row)));
const first = () => rows[40] as (typeof rows)[number];
const kept = async () => (await db.storedTokenSet.findMany({ where: { version: 2 } })).length;

it("saves many at once, each by its own row", async () => {
  expect(await saveAll()).toEqual(rows.map(() => true));
  for (const stored of await db.storedTokenSet.findMany()) {
    expect(stored).toMatchObject({ version: 2, leaseId: null, leaseUntil: null });
    expect(openTokens(usher.app.keyring, stored).accessToken).toBe(`new of ${stored.ownerKey}`);
  }
});

it("keeps concurrent changes: a revocation, a new consent, another process's lease", async () => {
  const [revoked, consented, claimed] = rows;
  if (!revoked || !consented || !claimed) throw new Error("There are no rows.");
  await db.storedTokenSet.delete({ where: { id: revoked.id } });
  await db.storedTokenSet.update({ where: { id: consented.id }, data: { version: 2 } });
  await db.storedTokenSet.update({ where: { id: claimed.id }, data: { leaseId: "another" } });
  const results = await saveAll();
  expect(results.slice(0, 3)).toEqual([false, false, false]);
  expect(results.slice(3).every(Boolean)).toBe(true);
  const stored = await db.storedTokenSet.findUniqueOrThrow({ where: { id: consented.id } });
  expect(openTokens(usher.app.keyring, stored).accessToken).toBe("old");
});

it("waits for a locked row without delaying the others", async () => {
  const other = createDatabase(usher.app.env.databaseUrl, { connections: 1 });
  const saved = new Set<string>();
  let all: Promise<unknown> = Promise.resolve();
  await other.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM "StoredTokenSet" WHERE "id" = ${first().id} FOR UPDATE`;
    all = Promise.all(rows.map((row) => save(row).then(() => saved.add(row.id))));
    await expect.poll(() => saved.size, { timeout: 10_000 }).toBe(count - 1);
    expect(saved.has(first().id)).toBe(false);
  });
  await all;
  expect(await kept()).toBe(count);
  await other.$disconnect();
});

it("saves the others if the database rejects one of them", async () => {
  const outcomes = await Promise.allSettled(
    rows.map((row) => save(row, row === first() ? { scope: "broken \0 text" } : {})),
  );
  expect(outcomes.filter(({ status }) => status === "rejected")).toHaveLength(1);
  expect(await kept()).toBe(count - 1);
});
