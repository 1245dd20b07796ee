import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GET as consoleRoute } from "@/app/api/connections/everyone/route";
import {
  type ConsoleConnection,
  type ConsolePage,
  connectionSort,
} from "@/lib/contracts/connections/connection-console";
import { type Installation, startInstallation } from "@/tests/support/installation";
import type { Visitor } from "@/tests/support/visitor";

const box = "v1.key.salt.nonce.box";
let usher: Installation;
let admin: Visitor;

beforeAll(async () => {
  usher = await startInstallation();
  admin = await usher.join("ADMIN", "Zoe Zebra");
  const server = { transport: "STREAMABLE_HTTP", url: "https://s.example/mcp" } as const;
  await usher.app.db.mcpServer.createMany({
    data: ["files", "wiki"].map((id) => ({ ...server, id, name: `The ${id}` })),
  });
});
afterAll(() => usher.close());

async function page(query: Record<string, string>): Promise<ConsolePage> {
  const path = `/api/connections/everyone?${new URLSearchParams(query)}`;
  const answer = await admin.visit(consoleRoute, { path });
  expect(answer.status).toBe(200);
  return answer.json();
}

async function found(search: string): Promise<string[]> {
  return (await page({ search })).connections.map(({ id }) => id);
}

describe("a search for connections", () => {
  it("finds an account by its present name, in any case, until it is revoked", async () => {
    const { db } = usher.app;
    const { id } = await db.storedTokenSet.create({
      data: {
        ...{ serverId: "files", ownerKey: admin.user.id, userId: admin.user.id },
        ...{ accessTokenSealed: box, obtainedAt: new Date() },
      },
    });
    expect(await found("anger")).toEqual([]);
    expect(await found("zebra")).toEqual([id]);

    await db.storedTokenSet.update({ where: { id }, data: { accountName: "ANGER@files.example" } });
    expect(await found("anger")).toEqual([id]);
    await db.storedTokenSet.update({ where: { id }, data: { accountName: "100%_ada" } });
    expect(await found("anger")).toEqual([]);
    expect(await found("%_A")).toEqual([id]);
    expect(await found("0_ada")).toEqual([]);

    await db.mcpServer.update({ where: { id: "files" }, data: { name: "Documents" } });
    expect(await found("docum ada")).toEqual([id]);
    await db.storedTokenSet.delete({ where: { id } });
    expect(await found("ada")).toEqual([]);
  });

  describe("that more than ten thousand match", () => {
    const people = 5_100;

    beforeAll(async () => {
      const { db } = usher.app;
      await db.$executeRaw`
        INSERT INTO "User" ("id", "email", "name", "updatedAt")
        SELECT 'p-' || n, n || '@team.example', 'Person ' || n % 97, now()
        FROM generate_series(1, ${people}::int) n`;
      await db.$executeRaw`
        INSERT INTO "StoredTokenSet" ("id", "serverId", "ownerKey", "userId", "accessTokenSealed", "accountName",
          "obtainedAt", "expiresAt", "lastUsedAt", "createdAt", "updatedAt")
        SELECT s || '-' || n, s, 'p-' || n, 'p-' || n, ${box}, 'account-' || n, now(),
          now() + n % 89 * interval '1 hour', now() - n % 83 * interval '1 hour', now() - n % 79 * interval '1 hour',
          now()
        FROM generate_series(1, ${people}::int) n, unnest(ARRAY['files', 'wiki']) s`;
    });

    it.each(connectionSort.options)("says so, and lists them by %s, each once", async (sort) => {
      const rows: ConsoleConnection[] = [];
      let after: string | null = "";
      for (let at = 0; at < 4 && after !== null; at++) {
        const read: ConsolePage = await page({ search: "ACCOUNT-", sort, after });
        if (at === 0) expect(read.first).toMatchObject({ found: 10_000, foundMore: true });
        else expect(read.first).toBeNull();
        rows.push(...read.connections);
        after = read.next;
      }
      const everyone = await page({ sort });
      expect(rows.slice(0, 50).map(({ id }) => id)).toEqual(
        everyone.connections.map(({ id }) => id),
      );
      expect(new Set(rows.map(({ id }) => id)).size).toBe(200);
    });

    it("finds and counts those that another filter shows as well", async () => {
      const { first, connections } = await page({ search: "account- wiki", show: "expiring" });
      const hours = Array.from({ length: people }, (_, n) => (n + 1) % 89);
      expect(first?.found).toBe(hours.filter((left) => left > 0 && left <= 24).length);
      for (const { serverName } of connections) expect(serverName).toBe("The wiki");
    });
  });
});
