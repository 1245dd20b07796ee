import type { AuditFilters } from "@/lib/contracts/audit";
import { eventAccount } from "../audit-event";
import type { Database } from "../client";
import type { AuditEvent } from "../generated/client";
import * as Prisma from "../generated/internal/prismaNamespace";
import { containsText } from "../like";
import { recordedActions } from "./renamed-actions";

export type AuditEventRow = AuditEvent;

export interface AuditPosition {
  at: Date;
  id: string;
}

/** What a text filter matches. */
interface Match {
  /** True of a matching event `e`. */
  condition: Prisma.Sql;
  /** The column and each of its matching values. Null: there are too many to check one by one. */
  each: { column: Prisma.Sql; values: string[] } | null;
}

/** With more values than this, one is soon found by scanning the events from the newest on. */
const mostValues = 200;

/**
 * Newest first.
 *
 * Part of a name is searched among the names that the audit knows, not among its events; an index then
 * returns the newest events of each. So a rare or unknown name costs no more than others.
 *
 * @param after the last event of the previous page; null starts
 */
export async function listAuditEvents(
  db: Database,
  filters: AuditFilters,
  after: AuditPosition | null,
  limit: number,
): Promise<AuditEventRow[]> {
  const matches = await matchesOf(db, filters);
  if (matches.some(({ each }) => each?.values.length === 0)) return [];
  const [rarest] = matches
    .flatMap((match) => (match.each ? [{ ...match.each, match }] : []))
    .sort((one, other) => one.values.length - other.values.length);
  const conditions = [
    // The rarest is left out: each of its values gets its own lookup below, and naming all of them there as well
    // takes longer than the lookups themselves.
    ...matches.filter((match) => match !== rarest?.match).map(({ condition }) => condition),
    ...(filters.from ? [Prisma.sql`e."at" >= ${new Date(filters.from)}`] : []),
    ...(filters.to ? [Prisma.sql`e."at" < ${new Date(filters.to)}`] : []),
    ...(after ? [beyond(after)] : []),
  ];
  const newest = Prisma.sql`ORDER BY e."at" DESC, e."id" DESC LIMIT ${limit}`;
  if (!rarest) {
    return db.$queryRaw`SELECT e.* FROM "AuditEvent" e ${where(conditions)} ${newest}`;
  }
  const { column, values } = rarest;
  const ofOne = where([Prisma.sql`${column} = wanted.value`, ...conditions]);
  return db.$queryRaw`
    SELECT e.* FROM unnest(${values}::text[]) AS wanted (value)
    CROSS JOIN LATERAL (SELECT e.* FROM "AuditEvent" e ${ofOne} ${newest}) e ${newest}`;
}

function where(conditions: readonly Prisma.Sql[]): Prisma.Sql {
  if (conditions.length === 0) return Prisma.empty;
  return Prisma.sql`WHERE ${Prisma.join([...conditions], " AND ")}`;
}

function beyond({ at, id }: AuditPosition): Prisma.Sql {
  return Prisma.sql`(e."at", e."id") < (${at}, ${id})`;
}

/** The wording matches the index `AuditEvent_failed_idx`. */
const failed = Prisma.sql`(
  coalesce(e."details"->>'outcome', '') <> ALL ('{"",answered,REVOKED,NO_ENDPOINT,AUTHORIZED_AGAIN}'::text[])
  OR e."action" = 'sign-in.refused')`;

function matchesOf(db: Database, filters: AuditFilters): Promise<Match[]> {
  const { server, person, action, group, outcome } = filters;
  return Promise.all([
    ...(group ? [matchGroup(db, group)] : []),
    ...(filters.account ? [matchPart(db, "account", eventAccount, filters.account)] : []),
    ...(outcome ? [matchOutcome(outcome)] : []),
    ...(server ? [matchServer(db, server)] : []),
    ...(person ? [matchPart(db, "person", Prisma.sql`e."actorEmail"`, person)] : []),
    ...(action ? [matchAction(db, action)] : []),
  ]);
}

/** Contains the text, case-insensitively. */
async function matchPart(
  db: Database,
  field: "person" | "server" | "account",
  column: Prisma.Sql,
  text: string,
): Promise<Match> {
  const found = await db.$queryRaw<{ value: string }[]>`
    SELECT "value" FROM "AuditName"
    WHERE "field" = ${field} AND ${containsText(Prisma.sql`"value"`, text)}
    LIMIT ${mostValues + 1}`;
  if (found.length > mostValues) {
    return { condition: containsText(column, text), each: null };
  }
  return anyOf(
    column,
    found.map(({ value }) => value),
  );
}

/** Part of the server's name, or its id. */
async function matchServer(db: Database, text: string): Promise<Match> {
  const named = await matchPart(db, "server", Prisma.sql`e."serverName"`, text);
  const [known] = await db.$queryRaw<unknown[]>`
    SELECT 1 FROM "AuditEvent" WHERE "serverId" = ${text} LIMIT 1`;
  if (!known) return named;
  const byId = anyOf(Prisma.sql`e."serverId"`, [text]);
  if (named.each?.values.length === 0) return byId;
  return { condition: Prisma.sql`(${byId.condition} OR ${named.condition})`, each: null };
}

/** Itself, or anything below it: `server` matches `server.create`. */
async function matchAction(db: Database, text: string): Promise<Match> {
  const found = await db.$queryRaw<{ value: string }[]>`
    SELECT "value" FROM "AuditName", unnest(${recordedActions(text)}::text[]) AS recorded (name)
    WHERE "field" = 'action' AND ("value" = name OR starts_with("value", name || '.'))`;
  return anyOf(
    Prisma.sql`e."action"`,
    found.map(({ value }) => value),
  );
}

async function matchGroup(db: Database, groupId: string): Promise<Match> {
  const members = await db.groupMember.findMany({
    where: { groupId },
    select: { userId: true },
    // By hand and by the claim at the same time.
    distinct: ["userId"],
    take: mostValues + 1,
  });
  const column = Prisma.sql`e."actorId"`;
  if (members.length <= mostValues) {
    return anyOf(
      column,
      members.map(({ userId }) => userId),
    );
  }
  return {
    condition: Prisma.sql`${column} IN (
      SELECT "userId" FROM "GroupMember" WHERE "groupId" = ${groupId})`,
    each: null,
  };
}

function matchOutcome(outcome: "succeeded" | "failed"): Match {
  return { condition: outcome === "failed" ? failed : Prisma.sql`NOT ${failed}`, each: null };
}

function anyOf(column: Prisma.Sql, values: string[]): Match {
  return { condition: Prisma.sql`${column} = ANY (${values}::text[])`, each: { column, values } };
}
