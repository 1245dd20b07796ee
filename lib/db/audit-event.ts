import type { AuditFilters } from "@/lib/contracts/audit";
import type { Database } from "./client";
import type { AuditEvent, Prisma } from "./generated/client";

export type AuditEventRow = AuditEvent;

export interface NewAuditEvent {
  action: string;
  actorId: string | null;
  actorEmail: string | null;
  serverId?: string | null;
  serverName?: string | null;
  ownerKey?: string | null;
  ipAddress?: string | null;
  /** Never a secret. */
  details?: Record<string, string | number | boolean | null | string[]>;
}

export function by(actor: { id: string; email: string; ipAddress: string | null }) {
  return { actorId: actor.id, actorEmail: actor.email, ipAddress: actor.ipAddress };
}

export async function insertAuditEvent(db: Database, event: NewAuditEvent): Promise<void> {
  await db.auditEvent.create({ data: event });
}

/** Many at once. Events whose id exists already are left as they are. */
export async function insertAuditEvents(
  db: Database,
  events: readonly (NewAuditEvent & { id: string; at: Date })[],
): Promise<void> {
  await db.$executeRaw`
    INSERT INTO "AuditEvent" ("id", "at", "action", "actorId", "actorEmail", "serverId",
      "serverName", "ownerKey", "ipAddress", "details")
    SELECT e."id", e."at", e."action", e."actorId", e."actorEmail", e."serverId", e."serverName",
      e."ownerKey", e."ipAddress", e."details"
    FROM jsonb_to_recordset(${JSON.stringify(events)}::jsonb) AS e ("id" text, "at" timestamptz,
      "action" text, "actorId" text, "actorEmail" text, "serverId" text, "serverName" text,
      "ownerKey" text, "ipAddress" text, "details" jsonb)
    ON CONFLICT ("id") DO NOTHING`;
}

export interface AuditPosition {
  at: Date;
  id: string;
}

/** The newest first. @param after the last event of the page before; null begins */
export function listAuditEvents(
  db: Database,
  filters: AuditFilters,
  after: AuditPosition | null,
  limit: number,
): Promise<AuditEventRow[]> {
  return db.auditEvent.findMany({
    where: { AND: [...conditions(filters), ...(after ? [beyond(after)] : [])] },
    orderBy: [{ at: "desc" }, { id: "desc" }],
    take: limit,
  });
}

function conditions(filters: AuditFilters): Prisma.AuditEventWhereInput[] {
  const { server, person, action, from, to } = filters;
  const found: Prisma.AuditEventWhereInput[] = [];
  if (server) {
    const serverName = { contains: server, mode: "insensitive" as const };
    found.push({ OR: [{ serverId: server }, { serverName }] });
  }
  if (person) found.push({ actorEmail: { contains: person, mode: "insensitive" } });
  if (action) found.push({ OR: [{ action }, { action: { startsWith: `${action}.` } }] });
  if (from) found.push({ at: { gte: new Date(from) } });
  if (to) found.push({ at: { lt: new Date(to) } });
  return found;
}

function beyond({ at, id }: AuditPosition): Prisma.AuditEventWhereInput {
  // The first condition alone lets Postgres begin at the right place of the index.
  return { at: { lte: at }, OR: [{ at: { lt: at } }, { id: { lt: id } }] };
}
