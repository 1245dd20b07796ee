import { setTimeout as sleep } from "node:timers/promises";
import { by } from "@/lib/db/audit-event";
import { disableUser } from "@/lib/db/people/offboard-user";
import { hasLeasedTokens, type TakenTokens, takeTokenSets } from "@/lib/db/revocations/take-tokens";
import type { UserRow } from "@/lib/db/user";
import { ConflictError, NotFoundError } from "@/lib/errors";
import type { ForgetServer } from "@/lib/servers/open-endpoint";
import type { Actor } from "@/lib/session/session-user";
import {
  type RevocationContext,
  settleRevocations,
} from "@/lib/tokens/revocation/settle-revocations";
import { patiently, type WorkUnderWay } from "@/lib/work-under-way";

export interface OffboardContext extends RevocationContext {
  forget: ForgetServer;
  underWay: WorkUnderWay;
}

/** How long an admin waits for the providers' answers, in ms. Later answers are on the receipts. */
const patienceMs = 3000;
/**
 * How long a refresh in progress is waited for, in ms. The lease holder checks with the database again after 3 s
 * before anything is sent (lib/tokens/lease.ts), and is refused: later than this, nothing is sent any more.
 */
const refreshMs = 5000;
const lookEveryMs = 50;

/**
 * Ends a person's access: nothing of theirs is refreshed or used from here on, and what was granted to Usher for them
 * is revoked at each provider.
 * @throws NotFoundError | ConflictError no admin would be left; nothing is changed
 */
export async function disablePerson(
  ctx: OffboardContext,
  actor: Actor,
  userId: string,
  change: { role?: UserRow["role"]; roleByClaim?: boolean },
): Promise<UserRow> {
  const disabled = { ...change, disabledAt: ctx.now() };
  const ended = checkChanged(
    await disableUser(ctx.db, userId, disabled, ({ user, sessions, ...had }) => ({
      action: "person.change",
      ...by(actor),
      details: {
        ...{ email: user.email, role: user.role, disabled: true, sessions },
        ...{ accounts: had.accounts, keys: had.keyServerIds.length },
      },
    })),
  );
  for (const serverId of ended.keyServerIds) ctx.forget(serverId, userId);
  for (const { serverId } of ended.taken) ctx.forget(serverId, userId);
  const late = await takeLeased(ctx, userId);
  await tellProviders(ctx, actor, [...ended.taken, ...late]);
  return ended.user;
}

/** Waits briefly for the responses. Later ones are handled in the background, or by the sweep. */
export async function tellProviders(
  ctx: OffboardContext,
  actor: Actor,
  taken: readonly TakenTokens[],
): Promise<void> {
  const ids = taken.map(({ id }) => id);
  const settling = settleRevocations(ctx, ids, by(actor)).catch((error: unknown) => {
    ctx.log.warn({ err: error }, "providers could not be told yet; the sweep goes on");
  });
  await patiently(ctx.underWay.keep(settling), patienceMs, () => undefined);
}

/** What was being refreshed at that moment, once it is saved or nothing more is sent. */
async function takeLeased(ctx: OffboardContext, userId: string): Promise<TakenTokens[]> {
  const startedAt = performance.now();
  while (await hasLeasedTokens(ctx.db, userId)) {
    if (performance.now() - startedAt > refreshMs) break;
    await sleep(lookEveryMs);
  }
  const late = await takeTokenSets(ctx.db, { userId }, "PERSON_DISABLED", ctx.now());
  for (const { serverId } of late) ctx.forget(serverId, userId);
  return late;
}

/** @throws NotFoundError | ConflictError */
export function checkChanged<Changed extends object>(
  changed: Changed | "last_admin" | null,
): Changed {
  if (changed === null) throw new NotFoundError("This person is no longer here.");
  if (changed === "last_admin") {
    throw new ConflictError("This is the last admin. Make somebody else an admin first.");
  }
  return changed;
}
