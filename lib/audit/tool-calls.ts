import { randomUUID } from "node:crypto";
import { createBatchedWriter } from "@/lib/batched-writer";
import { listAccounts, type NamedAccount } from "@/lib/db/accounts/account-name";
import { type AccountUse, saveLastUsed } from "@/lib/db/accounts/last-used";
import { insertAuditEvents } from "@/lib/db/audit-event";
import type { Database } from "@/lib/db/client";
import { type ServerHealthRow, saveServerHealth } from "@/lib/db/servers/server-health";
import type { Log } from "@/lib/log";

/** A call that was made, or that failed. Never its arguments, and never its answer. */
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
  /** Its person always allows this tool and was not asked. */
  alwaysAllowed?: boolean;
  /** What the call shows about a server that needs no account; null: nothing, for example a cancelled call. */
  health: { answers: true } | { answers: false; error: string } | null;
  /** The API key that the turn was requested with, in words. */
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
/** In ms: how often it is recorded that a server still answers. */
const noteAgainAfterMs = 30_000;
/** In ms: how often it is recorded that an account is used. */
const noteUseAfterMs = 60 * 60_000;
/** For a call that the server answered. */
const answers: readonly string[] = ["answered", "tool_error"];

/**
 * The audit of tool calls, and what they show about their servers and accounts: written a fifth of a second after the
 * answer, many at once.
 */
export function createToolCallAudit(ctx: {
  db: Database;
  now: () => Date;
  log: Log;
}): ToolCallAudit {
  const notes = new HealthNotes();
  const writer = createBatchedWriter<Waiting>({
    what: "a tool call of the audit",
    write: async (calls) => {
      const accounts = await accountsOf(ctx.db, calls);
      await write(ctx.db, calls, accounts);
      await saveLastUsed(ctx.db, newUses(calls, accounts)).catch((err) =>
        ctx.log.warn({ err }, "when accounts were last used could not be noted"),
      );
      await saveServerHealth(ctx.db, notes.of(calls)).catch((err) =>
        ctx.log.warn({ err }, "whether servers answer could not be noted"),
      );
    },
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

async function write(
  db: Database,
  calls: readonly Waiting[],
  accounts: Map<string, NamedAccount>,
): Promise<void> {
  await insertAuditEvents(
    db,
    calls.map(({ id, at, toolName, assistantId, conversationId, outcome, durationMs, ...rest }) => {
      const { apiKey, alwaysAllowed, ...who } = rest;
      const account = accounts.get(`${who.serverId}/${who.ownerKey}`);
      const details = {
        tool: toolName.replaceAll("\0", "").slice(0, longestName),
        ...{ outcome, actingAs: actingAs(who.ownerKey, account), durationMs },
        ...{ assistantId, conversationId },
        ...(alwaysAllowed ? { alwaysAllowed } : {}),
        ...(apiKey ? { apiKey } : {}),
      };
      return { id, at, action: "tool.call", ...who, details };
    }),
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

/** The last use of each account that was not recorded within the hour before it. */
function newUses(
  calls: readonly Waiting[],
  accounts: ReadonlyMap<string, NamedAccount>,
): AccountUse[] {
  const uses = new Map<string, AccountUse>();
  for (const { serverId, ownerKey, outcome, at } of calls) {
    if (ownerKey === null || !answers.includes(outcome)) continue;
    const key = `${serverId}/${ownerKey}`;
    const account = accounts.get(key);
    const noted = account?.lastUsedAt?.getTime() ?? Number.NEGATIVE_INFINITY;
    if (account && at.getTime() - noted >= noteUseAfterMs)
      uses.set(key, { serverId, ownerKey, at });
  }
  return [...uses.values()];
}

/** The provider's name for the account, or who gave the consent. */
function actingAs(ownerKey: string | null, account: NamedAccount | undefined): string | null {
  if (ownerKey === null) return null;
  if (account?.accountName) return account.accountName;
  if (ownerKey !== "shared") return account?.isKey ? "their own key" : "their own account";
  return account?.authorizedByName ? sharedActingAs(account.authorizedByName) : "shared account";
}

/** What a call on a shared account says about the person who authorized it. */
export function sharedActingAs(name: string): string {
  return `shared account authorized by ${name}`;
}

/** Which of many calls say something new about a server. */
class HealthNotes {
  readonly #answeredAt = new Map<string, number>();

  of(calls: readonly Waiting[]): ServerHealthRow[] {
    const newest = new Map<string, ServerHealthRow>();
    for (const { serverId, health, at } of calls) {
      if (health === null) continue;
      const seen = newest.get(serverId) ?? {
        serverId,
        answeredAt: null,
        failedAt: null,
        error: null,
      };
      if (health.answers) seen.answeredAt = at;
      else Object.assign(seen, { failedAt: at, error: health.error });
      newest.set(serverId, seen);
    }
    return [...newest.values()].filter((seen) => this.#isNews(seen));
  }

  #isNews({ serverId, answeredAt, failedAt }: ServerHealthRow): boolean {
    if (failedAt !== null || answeredAt === null) {
      this.#answeredAt.delete(serverId);
      return true;
    }
    const last = this.#answeredAt.get(serverId) ?? Number.NEGATIVE_INFINITY;
    if (answeredAt.getTime() - last < noteAgainAfterMs) return false;
    this.#answeredAt.set(serverId, answeredAt.getTime());
    return true;
  }
}
