import { eventAccount } from "../audit-event";
import type { Database } from "../client";
import type { Prisma } from "../generated/client";

/** For one statement, in ms. Only an erasure searches the details of the whole audit. */
const patienceMs = 15_000;

/** An event that may name a person. */
export interface NamingEvent {
  id: string;
  actorId: string | null;
  actorEmail: string | null;
  ownerKey: string | null;
  details: Record<string, unknown>;
}

/** Addresses under which a person acted, including earlier ones. */
export async function listAddressesOf(db: Database, userId: string): Promise<string[]> {
  const rows = await db.$queryRaw<{ address: string }[]>`
    SELECT DISTINCT address FROM "AuditEvent",
      LATERAL (VALUES ("actorEmail"), ("details"->>'before')) AS known (address)
    WHERE "actorId" = ${userId} AND address IS NOT NULL`;
  return rows.map(({ address }) => address);
}

/** The time span of the events. Null: there are none. */
export async function findAuditSpan(db: Database): Promise<{ from: Date; to: Date } | null> {
  const [span] = await db.$queryRaw<{ from: Date | null; to: Date | null }[]>`
    SELECT min("at") AS "from", max("at") AS "to" FROM "AuditEvent"`;
  return span?.from && span.to ? { from: span.from, to: span.to } : null;
}

/** Events in a span that are this person's own, or have this address in their details, by id. */
export function listNamingEvents(
  db: Database,
  person: { id: string; email: string; actingAs: string | null },
  span: { from: Date; before: Date },
  { after, most }: { after: string; most: number },
): Promise<NamingEvent[]> {
  const quoted = JSON.stringify(person.email).replaceAll(/[\\%_]/g, "\\$&");
  return db.$within(
    patienceMs,
    () => db.$queryRaw<NamingEvent[]>`
      SELECT "id", "actorId", "actorEmail", "ownerKey", "details" FROM "AuditEvent"
      WHERE "at" >= ${span.from} AND "at" < ${span.before} AND "id" > ${after} AND (
        "actorId" = ${person.id} OR "ownerKey" = ${person.id}
        OR "ownerKey" LIKE ${`${person.id}:%`}
        OR ("actorId" IS NULL AND "actorEmail" = ${person.email})
        OR "details"::text LIKE ${`%${quoted}%`} OR "details"->>'actingAs' = ${person.actingAs}::text)
      ORDER BY "id" LIMIT ${most}`,
  );
}

/** The only change of an event that the database accepts (see the migration `erase_people`). */
export interface ErasedEvent {
  id: string;
  actorEmail: string | null;
  keepsIpAddress: boolean;
  details: Record<string, unknown>;
}

export async function saveErasedEvents(
  db: Database,
  events: readonly ErasedEvent[],
): Promise<void> {
  await db.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT set_config('usher.erases_person', 'on', true)`;
    const ids = events.map(({ id }) => id);
    const before = await listAccountsIn(tx, ids);
    await tx.$executeRaw`
      UPDATE "AuditEvent" a SET "actorEmail" = e."actorEmail", "details" = e."details",
        "ipAddress" = CASE WHEN e."keepsIpAddress" THEN a."ipAddress" END
      FROM jsonb_to_recordset(${JSON.stringify(events)}::jsonb) AS e ("id" text, "actorEmail" text,
        "keepsIpAddress" boolean, "details" jsonb)
      WHERE a."id" = e."id"`;
    const after = await listAccountsIn(tx, ids);
    await tx.$executeRaw`LOCK TABLE "AuditName" IN SHARE ROW EXCLUSIVE MODE`;
    await tx.$executeRaw`
      DELETE FROM "AuditName" n WHERE n."field" = 'account' AND n."value" = ANY (${before}::text[])
        AND NOT EXISTS (SELECT 1 FROM "AuditEvent" e WHERE ${eventAccount} = n."value")`;
    const data = after.map((value) => ({ field: "account", value }));
    await tx.auditName.createMany({ data, skipDuplicates: true });
  });
}

async function listAccountsIn(
  tx: Pick<Database, "$queryRaw">,
  ids: readonly string[],
): Promise<string[]> {
  const rows = await tx.$queryRaw<{ value: string }[]>`
    SELECT DISTINCT ${eventAccount} AS "value" FROM "AuditEvent" e
    WHERE e."id" = ANY (${ids}::text[]) AND ${eventAccount} IS NOT NULL`;
  return rows.map(({ value }) => value);
}

/** The names by which the audit and the receipts are searched. */
export async function replaceNames(
  db: Database,
  userId: string,
  addresses: readonly string[],
  name: string,
): Promise<void> {
  await db.tokenRevocation.updateMany({
    where: { userId },
    data: { userName: name, userEmail: name, accountName: null },
  });
  await db.$transaction(async (tx) => {
    await tx.$executeRaw`LOCK TABLE "AuditName" IN SHARE ROW EXCLUSIVE MODE`;
    const gone: Prisma.AuditNameWhereInput[] = [];
    for (const value of addresses) {
      const named = await tx.auditEvent.findFirst({
        where: { actorEmail: value },
        select: { id: true },
      });
      if (!named) gone.push({ field: "person", value });
    }
    if (gone.length > 0) await tx.auditName.deleteMany({ where: { OR: gone } });
    await tx.auditName.createMany({ data: { field: "person", value: name }, skipDuplicates: true });
  });
}
