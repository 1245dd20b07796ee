import { randomUUID } from "node:crypto";
import { createBatchedWriter } from "@/lib/batched-writer";
import { listAccounts, type NamedAccount } from "@/lib/db/accounts/account-name";
import { insertAuditEvents } from "@/lib/db/audit-event";
import type { Database } from "@/lib/db/client";
import type { Log } from "@/lib/log";

/** A call that was made, or that came to nothing. Never its arguments, and never what it answered. */
export interface ToolCallEvent {
  actorId: string;
  actorEmail: string | null;
  ipAddress: string | null;
  serverId: string;
  serverName: string | null;
  /** Whose tokens: `shared` or a person's id. Null: the server needs none. */
  ownerKey: string | null;
  toolName: string;
  assistantId: string | null;
  conversationId: string | null;
  /** `answered`, `tool_error`, `cancelled`, or an error's code. */
  outcome: string;
  durationMs: number;
  /** The API key that the turn was asked for with, in words. */
  apiKey?: string | null;
}

export interface ToolCallAudit {
  add(event: ToolCallEvent): void;
  isEmpty(): boolean;
  flush(): Promise<void>;
}

type Waiting = ToolCallEvent & { id: string; at: Date };

/** Enough for some seconds of the busiest installation while the database is away. */
const mostWaiting = 20_000;
const longestName = 200;

/** The audit of tool calls: written a fifth of a second after the answer, many at once. */
export function createToolCallAudit(ctx: {
  db: Database;
  now: () => Date;
  log: Log;
}): ToolCallAudit {
  const writer = createBatchedWriter<Waiting>({
    what: "a tool call of the audit",
    write: (calls) => write(ctx.db, calls),
    log: ctx.log,
    factsOf: ({ actorId, serverId, toolName, outcome, at }) => ({
      ...{ actorId, serverId, toolName, outcome, at },
    }),
    mostWaiting,
  });
  return {
    add: (event) => writer.add({ ...event, id: randomUUID(), at: ctx.now() }),
    isEmpty: writer.isEmpty,
    flush: writer.flush,
  };
}

async function write(db: Database, calls: readonly Waiting[]): Promise<void> {
  const accounts = await accountsOf(db, calls);
  await insertAuditEvents(
    db,
    calls.map(
      ({ id, at, toolName, assistantId, conversationId, outcome, durationMs, apiKey, ...who }) => {
        const account = accounts.get(`${who.serverId}/${who.ownerKey}`);
        const details = {
          tool: toolName.replaceAll("\0", "").slice(0, longestName),
          ...{ outcome, actingAs: actingAs(who.ownerKey, account), durationMs },
          ...{ assistantId, conversationId },
          ...(apiKey ? { apiKey } : {}),
        };
        return { id, at, action: "tool.call", ...who, details };
      },
    ),
  );
}

async function accountsOf(
  db: Database,
  calls: readonly Waiting[],
): Promise<Map<string, NamedAccount>> {
  const owners = new Map(
    calls.flatMap(({ serverId, ownerKey }) =>
      ownerKey === null ? [] : [[`${serverId}/${ownerKey}`, { serverId, ownerKey }] as const],
    ),
  );
  if (owners.size === 0) return new Map();
  const rows = await listAccounts(db, [...owners.values()]);
  return new Map(rows.map((row) => [`${row.serverId}/${row.ownerKey}`, row]));
}

/** The provider's name for the account, or who gave the consent. */
function actingAs(ownerKey: string | null, account: NamedAccount | undefined): string | null {
  if (ownerKey === null) return null;
  if (account?.accountName) return account.accountName;
  if (ownerKey !== "shared") return account?.isKey ? "their own key" : "their own account";
  return account?.authorizedByName
    ? `shared account authorized by ${account.authorizedByName}`
    : "shared account";
}
