import * as z from "zod";
import { auditEventView } from "@/lib/contracts/audit";
import { connectionStanding } from "@/lib/contracts/connections/connection";
import { person } from "./person";

/** The result of revoking an account at its provider. `pending`: Usher tries again. */
export const revocationOutcome = z.enum([
  ...["pending", "revoked", "no_endpoint", "refused", "gave_up", "authorized_again"],
] as const);
export type RevocationOutcome = z.infer<typeof revocationOutcome>;

/** The outcome for one account of a person whose access ended. Times are ISO 8601. */
export const receipt = z.object({
  id: z.string(),
  serverId: z.string(),
  serverName: z.string(),
  /** Host of the provider. */
  provider: z.string(),
  /** The provider's name for the account. Null: unknown. */
  accountName: z.string().nullable(),
  outcome: revocationOutcome,
  /** Of the last attempt, in words. Null: no attempt has ended yet. */
  answer: z.string().nullable(),
  answeredAt: z.string().nullable(),
  /** Until when the access token may work. Null: it has expired, or its expiry is unknown. */
  accessUntil: z.string().nullable(),
  /** Null: it has ended. */
  nextAttemptAt: z.string().nullable(),
  attempts: z.number(),
  createdAt: z.string(),
});
export type Receipt = z.infer<typeof receipt>;

export const personAccount = z.object({
  serverId: z.string(),
  serverName: z.string(),
  kind: z.enum(["oauth", "key"]),
  accountName: z.string().nullable(),
  /** Of a key: null. */
  standing: connectionStanding.nullable(),
  since: z.string(),
});
export type PersonAccount = z.infer<typeof personAccount>;

/** What an admin sees of one person, and what ends with their access. */
export const personPage = z.object({
  /** Null: they were deleted, and only receipts are left. */
  person: person.nullable(),
  accounts: z.array(personAccount),
  sessions: z.array(
    z.object({
      id: z.string(),
      device: z.string(),
      ipAddress: z.string().nullable(),
      lastSeenAt: z.string(),
    }),
  ),
  /** Those that still work. */
  apiKeys: z.array(z.object({ id: z.string(), name: z.string(), prefix: z.string() })),
  /** Shared accounts that this person authorized: they keep working without them. */
  sharedServers: z.array(z.object({ serverId: z.string(), serverName: z.string() })),
  /** Answers being written. */
  runningChats: z.number(),
  /** Tools that they always allow. */
  alwaysAllowedTools: z.number(),
  conversations: z.number(),
  /** Newest first, 200 at most. */
  receipts: z.array(receipt),
  /** The last 10. */
  calls: z.array(auditEventView),
});
export type PersonPage = z.infer<typeof personPage>;

type Impact = Pick<
  PersonPage,
  | ("accounts" | "sessions" | "apiKeys" | "sharedServers")
  | ("runningChats" | "conversations" | "alwaysAllowedTools")
>;

/** What is deleted together with a person. */
export const deletePersonQuery = z.object({
  /** Replace name and addresses of this person in the audit and on receipts. */
  erase: z.stringbool().default(false),
});
export const deletedPerson = z.object({
  /** How many accounts were or are being revoked at their providers. */
  receipts: z.number(),
});
export type DeletedPerson = z.infer<typeof deletedPerson>;

/** What ends and what continues, in sentences for the confirmation dialog. */
export function consequencesOfDisabling(impact: Impact): string[] {
  return [...endedAccess(impact), "Enabling them again does not bring accounts back."];
}

export function consequencesOfDeleting(impact: Impact): string[] {
  return [
    ...endedAccess(impact),
    impact.conversations > 0
      ? `Deleted for good: ${counted(impact.conversations, "conversation")}, and their place in groups.`
      : "They leave all groups.",
    "The audit keeps what they did.",
  ];
}

function endedAccess(impact: Impact) {
  const { accounts, sessions, apiKeys, sharedServers, runningChats, alwaysAllowedTools } = impact;
  const revoked = accounts.filter(({ kind }) => kind === "oauth").map(named);
  const keys = accounts.filter(({ kind }) => kind === "key").map(({ serverName }) => serverName);
  const ended = [
    ...(sessions.length > 0 ? [counted(sessions.length, "session")] : []),
    ...(apiKeys.length > 0
      ? [`${counted(apiKeys.length, "API key")} (${apiKeys.map(({ name }) => name).join(", ")})`]
      : []),
    ...(runningChats > 0
      ? [counted(runningChats, "answer being written", "answers being written")]
      : []),
    ...(alwaysAllowedTools > 0 ? [counted(alwaysAllowedTools, "always allowed tool")] : []),
  ];
  return [
    ended.length > 0 ? `Ended immediately: ${ended.join(", ")}.` : "Not signed in anywhere.",
    revoked.length > 0
      ? `Revoked at the provider and deleted here: ${revoked.join(", ")}.`
      : "No connected accounts to revoke.",
    ...(keys.length > 0
      ? [`Keys deleted here, still valid where they were created: ${keys.join(", ")}.`]
      : []),
    ...(sharedServers.length > 0
      ? [
          `${counted(sharedServers.length, "shared account")} they authorized ${sharedServers.length === 1 ? "keeps" : "keep"} working: ${sharedServers.map(({ serverName }) => serverName).join(", ")}.`,
        ]
      : []),
  ];
}

function named({ serverName, accountName }: PersonAccount): string {
  return accountName === null ? serverName : `${serverName} (${accountName})`;
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
