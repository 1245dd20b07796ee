import * as z from "zod";
import { timeCursor } from "./time-cursor";

/** An audit event. Times are ISO 8601. */
export const auditEventView = z.object({
  id: z.string(),
  at: z.string(),
  /** Such as `server.create`. */
  action: z.string(),
  actorId: z.string().nullable(),
  actorEmail: z.string().nullable(),
  serverId: z.string().nullable(),
  serverName: z.string().nullable(),
  /** Whose account it was about: `shared`, or a person's id. */
  ownerKey: z.string().nullable(),
  ipAddress: z.string().nullable(),
  details: z.record(z.string(), z.unknown()),
});
export type AuditEventView = z.infer<typeof auditEventView>;

const text = z.string().trim().max(254).optional();
const moment = z.iso.datetime({ offset: true, error: "Enter a date." }).optional();

export const auditOutcomes = ["succeeded", "failed"] as const;

/** Every given filter has to match. */
export const auditFilters = z.object({
  /** Part of the server's name, or its id. */
  server: text,
  /** Part of the person's email address. */
  person: text,
  /** An action, or a prefix: `server` for everything done to servers. */
  action: text,
  /** A group's id: actions of its current members. */
  group: text,
  /** The account at the provider: its name, or part of the name of one that is connected. */
  account: text,
  /** `failed`: a call or a revocation that failed, or a sign-in that was refused. */
  outcome: z.enum(auditOutcomes, { error: "Choose succeeded or failed." }).optional(),
  /** Inclusive. */
  from: moment,
  /** Exclusive. */
  to: moment,
});
export type AuditFilters = z.infer<typeof auditFilters>;

export const auditQuery = auditFilters.extend({
  after: timeCursor.optional(),
});
export const auditExportQuery = auditFilters.extend({ format: z.enum(["csv", "jsonl"]) });

/** By name. */
export const auditGroups = z.object({
  groups: z.array(z.object({ id: z.string(), name: z.string() })),
});
export type AuditGroups = z.infer<typeof auditGroups>;

/** Newest first. */
export const auditPage = z.object({
  events: z.array(auditEventView),
  /** For `after`; null at the end. */
  next: z.string().nullable(),
});
export type AuditPage = z.infer<typeof auditPage>;
