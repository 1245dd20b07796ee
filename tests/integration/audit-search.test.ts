import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AuditFilters, auditFilters } from "@/lib/contracts/audit";
import { insertAuditEvent, insertAuditEvents } from "@/lib/db/audit-event";
import { createDatabase, type Database } from "@/lib/db/client";
import { type AuditEventRow, listAuditEvents } from "@/lib/db/lists/audit-events";
import { type EmbeddedDatabase, serveEmbeddedDatabase } from "@/scripts/embedded-database/serve";
import { applyMigrations } from "@/scripts/migrations/apply-migrations";
import { createTestDatabase, type TestDatabase } from "@/tests/support/postgres";

type Event = Parameters<typeof insertAuditEvents>[1][number];

const hour = 3_600_000;
const start = Date.parse("2026-01-01T00:00:00Z");

/** More people than are checked one by one, and a few whose names are SQL patterns. */
const people = [
  ...Array.from({ length: 240 }, (_, at) => `person-${at}@team.example`),
  ...["50%_off@shop.example", "back\\slash@shop.example", "ÄRGER@shop.example"],
];
const actions = ["tool.call", "server.create", "server", "servers.count", "sign-in.refused"];
const servers = ["Wiki", "Billing of wikis", "Mail_box"];

const outcomes = ["answered", "tool_error", null, "REVOKED", "GAVE_UP", "answered", "answered"];
const accounts: Record<string, string>[] = [
  { actingAs: "ada@crm.example" },
  { account: "bob@crm.example" },
  {},
];
const groups = { few: ["actor-3", "actor-7"], nobody: [] };

const events: Event[] = Array.from({ length: 2_000 }, (_, at) => ({
  id: `event-${`${at}`.padStart(5, "0")}`,
  // Several at the same moment: their ids decide the order.
  at: new Date(start + Math.floor(at / 3) * hour),
  action: actions[at % actions.length] ?? "",
  actorId: at % 13 === 0 ? null : `actor-${at % 13}`,
  actorEmail: at % 11 === 0 ? null : (people[(at * 7) % people.length] ?? null),
  serverId: at % 5 === 0 ? null : `server-${at % 3}`,
  serverName: at % 5 === 0 ? null : (servers[at % 3] ?? null),
  details: {
    at,
    ...(outcomes[at % outcomes.length] ? { outcome: outcomes[at % outcomes.length] } : {}),
    ...accounts[at % accounts.length],
  },
}));

const failures = ["tool_error", "GAVE_UP"];

/** The same decision, event by event. */
function expected(filters: AuditFilters): string[] {
  const has = (text: string | null | undefined, part: string) =>
    text?.toLowerCase().includes(part.toLowerCase()) === true;
  const { server, person, action, from, to, group, account, outcome } = filters;
  const members: readonly (string | null | undefined)[] = group === "few" ? groups.few : [];
  const hasFailed = ({ action: done, details }: Event) =>
    done === "sign-in.refused" || failures.includes(`${details?.outcome}`);
  return events
    .filter((event) => !server || event.serverId === server || has(event.serverName, server))
    .filter((event) => !person || has(event.actorEmail, person))
    .filter((event) => !action || event.action === action || event.action.startsWith(`${action}.`))
    .filter((event) => !group || members.includes(event.actorId))
    .filter(
      ({ details }) => !account || has(`${details?.actingAs ?? details?.account ?? ""}`, account),
    )
    .filter((event) => !outcome || hasFailed(event) === (outcome === "failed"))
    .filter((event) => !from || event.at >= new Date(from))
    .filter((event) => !to || event.at < new Date(to))
    .sort((one, two) => two.at.getTime() - one.at.getTime() || (two.id < one.id ? -1 : 1))
    .map(({ id }) => id);
}

async function all(db: Database, filters: AuditFilters, pageSize: number): Promise<string[]> {
  const found: AuditEventRow[] = [];
  for (;;) {
    const page = await listAuditEvents(db, filters, found.at(-1) ?? null, pageSize);
    found.push(...page);
    if (page.length < pageSize) return found.map(({ id }) => id);
  }
}

const searches: AuditFilters[] = [
  {},
  { person: "person-7@" },
  { person: "PERSON-7" },
  { person: "team.example" },
  { person: "team.example", action: "server" },
  { person: "%" },
  { person: "_" },
  { person: "\\" },
  { person: "nobody" },
  { person: "zq" },
  { server: "wiki" },
  { server: "server-1" },
  { server: "l_b" },
  { server: "server-1", person: "person-2" },
  { server: "wiki", action: "tool", person: "shop" },
  { action: "server" },
  { action: "serve" },
  {
    from: new Date(start + 100 * hour).toISOString(),
    to: new Date(start + 130 * hour).toISOString(),
  },
  { person: "person-1", from: new Date(start + 100 * hour).toISOString() },
  { outcome: "failed" },
  { outcome: "succeeded" },
  { outcome: "failed", action: "tool" },
  { outcome: "failed", person: "person-7", server: "wiki" },
  { account: "ada@crm.example" },
  { account: "bob@crm.example", outcome: "failed" },
  { account: "nobody@crm.example" },
  { account: "CRM" },
  { account: "A@crm", outcome: "failed" },
  { group: "few" },
  { group: "few", outcome: "failed", server: "wiki" },
  { group: "nobody" },
  { server: "mail", to: new Date(start + 100 * hour).toISOString() },
];

describe.each(["Postgres", "the embedded database"])("a search of the audit on %s", (kind) => {
  let database: TestDatabase | EmbeddedDatabase;
  let db: Database;

  beforeAll(async () => {
    if (kind === "Postgres") database = await createTestDatabase();
    else {
      database = await serveEmbeddedDatabase({ port: 0 });
      await applyMigrations(database.url);
    }
    db = createDatabase(database.url, { connections: 1 });
    await insertAuditEvents(db, events);
    for (const [id, members] of Object.entries(groups)) {
      await db.group.create({ data: { id, name: id } });
      for (const userId of members) {
        await db.user.create({ data: { id: userId, email: `${userId}@team.example`, name: id } });
        // In it twice: by hand, and through the identity provider's claim.
        const both = [{ source: "HAND" as const }, { source: "CLAIM" as const }];
        await db.groupMember.createMany({
          data: both.map((each) => ({ ...each, groupId: id, userId })),
        });
      }
    }
  });
  afterAll(async () => {
    await db?.$disconnect();
    await ("drop" in database ? database.drop() : database.stop());
  });

  it.each(searches.map((filters) => [JSON.stringify(filters), filters] as const))(
    "finds each event once, page by page, for %s",
    async (_, filters) => {
      const wanted = expected(auditFilters.parse(filters));
      expect(await all(db, filters, 40)).toEqual(wanted);
      expect(await all(db, filters, 3_000)).toEqual(wanted);
    },
  );

  it("finds an actor who first acted a moment ago", async () => {
    const actorEmail = `${randomUUID()}@new.example`;
    await insertAuditEvent(db, { action: "first.time", actorId: null, actorEmail });
    const [found] = await listAuditEvents(db, { person: "new.example" }, null, 10);
    expect(found).toMatchObject({ actorEmail, action: "first.time", details: {} });
    expect(await listAuditEvents(db, { action: "first" }, null, 10)).toHaveLength(1);
  });

  it("finds the events of every account that matches, however many do", async () => {
    const acted = Array.from({ length: 240 }, (_, at) => ({
      ...{ id: `acted-${`${at}`.padStart(3, "0")}`, at: new Date(start), action: "tool.call" },
      ...{ actorId: null, actorEmail: null },
      details: {
        [at % 2 ? "actingAs" : "account"]: `account-${at}@${at % 2 ? "many" : "MANY"}.example`,
      },
    }));
    await insertAuditEvents(db, acted);
    const ids = acted.map(({ id }) => id).toReversed();
    expect(await all(db, { account: "@many.Example" }, 40)).toEqual(ids);
    expect(await all(db, { account: "account-11@" }, 40)).toEqual(["acted-011"]);
  });
});

describe("a search of the audit", () => {
  const role = `audit_${randomUUID().replaceAll("-", "")}`;
  let database: TestDatabase;
  let client: pg.Client;
  let namesOnly: Database;

  beforeAll(async () => {
    database = await createTestDatabase();
    client = new pg.Client(database.url);
    await client.connect();
    await client.query(`CREATE ROLE ${role} LOGIN; GRANT SELECT ON "AuditName" TO ${role}`);
    const url = new URL(database.url);
    url.username = role;
    namesOnly = createDatabase(url.href, { connections: 1 });
  });
  afterAll(async () => {
    await namesOnly?.$disconnect();
    await client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    await client.end();
    await database.drop();
  });

  it.each([{ person: "nobody" }, { person: "zq" }, { action: "nothing" }])(
    "reads no event for a name that the audit does not contain: %o",
    async (filters) => {
      expect(await listAuditEvents(namesOnly, filters, null, 51)).toEqual([]);
    },
  );

  it("reads events for a name that it contains", async () => {
    await client.query(
      `INSERT INTO "AuditEvent" ("id", "action", "actorEmail") VALUES ('a', 'x', 'ada@example.com')`,
    );
    await expect(listAuditEvents(namesOnly, { person: "ada" }, null, 51)).rejects.toThrow();
  });

  it("knows the names in events that many processes insert at the same time", async () => {
    const names = Array.from({ length: 60 }, (_, at) => `racer-${at}@example.com`);
    const insert = async (shift: number) => {
      const one = createDatabase(database.url, { connections: 1 });
      const order = [...names.slice(shift), ...names.slice(0, shift)];
      const rows = order.map((actorEmail) => ({
        ...{
          id: randomUUID(),
          at: new Date(),
          action: "race",
          actorId: null,
          actorEmail,
          details: {},
        },
      }));
      for (let from = 0; from < rows.length; from += 20) {
        await insertAuditEvents(one, rows.slice(from, from + 20));
      }
      await one.$disconnect();
    };
    await Promise.all([0, 7, 20, 33, 41, 59].map(insert));
    const { rows } = await client.query(
      `SELECT count(*)::int AS names FROM "AuditName" WHERE "value" LIKE 'racer-%'`,
    );
    expect(rows).toEqual([{ names: 60 }]);
  });
});
