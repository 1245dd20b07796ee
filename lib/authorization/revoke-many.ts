import pLimit from "p-limit";
import type { ConsoleRevokeResult } from "@/lib/contracts/connections/connection-console";
import { type ConnectionOwner, findConnectionOwners } from "@/lib/db/accounts/connection-owners";
import { UsherError } from "@/lib/errors";
import type { Actor } from "@/lib/session/session-user";
import { type RevokeContext, revoke } from "./revoke";

type Result = ConsoleRevokeResult["results"][number];

/** In parallel: each waits for its provider, at most some seconds. */
const atOnce = 5;
const gone = "It was disconnected already.";

/** Anyone's connections, for admins. One failure does not keep the others from being revoked. */
export async function revokeMany(
  ctx: RevokeContext,
  actor: Actor,
  connectionIds: readonly string[],
): Promise<ConsoleRevokeResult> {
  const ids = [...new Set(connectionIds)];
  const owners = await findConnectionOwners(ctx.db, ids);
  const results = await pLimit(atOnce).map(ids, (id) => revokeOne(ctx, actor, id, owners.get(id)));
  return { results };
}

async function revokeOne(
  ctx: RevokeContext,
  actor: Actor,
  connectionId: string,
  owner: ConnectionOwner | undefined,
): Promise<Result> {
  const failed = (problem: string): Result => ({ connectionId, revoked: null, problem });
  if (!owner) return failed(gone);
  const { serverId, ownerKey } = owner;
  try {
    const revoked = await revoke(ctx, actor, { serverId, ownerKey });
    return revoked.deleted === 0 ? failed(gone) : { connectionId, revoked, problem: null };
  } catch (error) {
    if (error instanceof UsherError) return failed(error.userMessage);
    ctx.log.error({ err: error, serverId, ownerKey }, "a connection was not revoked");
    return failed("It could not be revoked. Try again.");
  }
}
