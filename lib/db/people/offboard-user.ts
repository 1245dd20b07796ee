import { insertAuditEvent, type NewAuditEvent } from "../audit-event";
import type { Database, DatabaseTransaction } from "../client";
import type { Role } from "../generated/client";
import { type TakenTokens, takeTokenSets } from "../revocations/take-tokens";
import { endAccess, holdUsers, leavesNoAdmin, type UserRow } from "../user";

/** What a person had, and what has now ended. */
export interface EndedAccess {
  user: UserRow;
  sessions: number;
  /** Deleted here and kept to be revoked, except what is being refreshed right now. */
  taken: TakenTokens[];
  /** Including what is being refreshed. */
  accounts: number;
  /** Servers at which they had entered a key. */
  keyServerIds: string[];
}

/**
 * Disables a person and ends what is theirs, in one transaction: sessions, pending flows and links, paused calls,
 * keys, tokens and tools that they always allowed. Running turns check `disabledAt` themselves.
 * @param eventOf what the audit records about it
 * @returns `last_admin`, with nothing changed, if no admin would be left; null: there is no such person
 */
export async function disableUser(
  db: Database,
  id: string,
  change: { role?: Role; roleByClaim?: boolean; disabledAt: Date },
  eventOf: (ended: EndedAccess) => NewAuditEvent,
): Promise<EndedAccess | "last_admin" | null> {
  const ended = await db.$transaction(async (tx) => {
    const before = await holdUsers(tx, id);
    if (!before) return null;
    const disabledAt = before.disabledAt ?? change.disabledAt;
    if (await leavesNoAdmin(tx, before, { ...change, disabledAt })) return "last_admin";
    // A consent being saved locks flow, person and tokens in this order.
    await endFlowsOf(tx, id, change.disabledAt);
    await endPausedCallsOf(tx, id);
    const sessions = await endAccess(tx, id);
    const user = await tx.user.update({
      where: { id },
      data: { ...change, disabledAt, sessionVersion: { increment: 1 } },
    });
    const accounts = await tx.storedTokenSet.count({ where: { userId: id } });
    const free = { userId: id, free: true };
    const taken = await takeTokenSets(tx, free, "PERSON_DISABLED", change.disabledAt);
    const keyServerIds = await deleteKeysOf(tx, id);
    await tx.alwaysAllowedTool.deleteMany({ where: { userId: id } });
    const over = { user, sessions, accounts, taken, keyServerIds };
    await insertAuditEvent(db, eventOf(over), tx);
    return over;
  });
  db.$signInEnded();
  return ended;
}

/** Those that they asked for, and those for their account. */
async function endFlowsOf(tx: DatabaseTransaction, id: string, now: Date): Promise<void> {
  await tx.authorizationLink.updateMany({
    where: { OR: [{ userId: id }, { ownerKey: id }], connected: false, cancelledAt: null },
    data: { cancelledAt: now },
  });
  await tx.authorizationRequest.deleteMany({ where: { OR: [{ userId: id }, { ownerKey: id }] } });
}

/** A running one ends with its turn. */
async function endPausedCallsOf(tx: DatabaseTransaction, id: string): Promise<void> {
  await tx.pausedToolCall.updateMany({
    where: { conversation: { userId: id }, state: { notIn: ["RUNNING", "DONE", "SKIPPED"] } },
    data: { state: "SKIPPED", inputContentSealed: null, requestStateSealed: null },
  });
}

async function deleteKeysOf(tx: DatabaseTransaction, userId: string): Promise<string[]> {
  const keys = await tx.$queryRaw<{ serverId: string }[]>`
    DELETE FROM "PersonalKey" WHERE "userId" = ${userId} RETURNING "serverId"`;
  return keys.map(({ serverId }) => serverId);
}
