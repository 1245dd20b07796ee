import { readAccess } from "@/lib/access/read-access";
import { prepareAlwaysAllow } from "@/lib/assistants/always-allow";
import type { ChatContext, ChatUser } from "@/lib/chat/context";
import type { PausedToolCallDecision, PausedToolCallView } from "@/lib/contracts/chat/chat";
import type { DatabaseTransaction } from "@/lib/db/client";
import { movePausedToolCall } from "@/lib/db/paused-tool-call";
import { ConflictError, NotFoundError } from "@/lib/errors";
import {
  findOwnPausedToolCall,
  type PausedToolCallAddress,
  viewOwnPausedToolCall,
} from "./own-paused-tool-call";

/**
 * Stores "Run now" or "Skip" for a call that waits; the next `resume` turn carries it out, with the
 * input that was stored. Deciding the same again changes nothing. "Always allow" is stored with "Run now", or
 * neither is.
 * @throws NotFoundError no such call in a conversation of this person
 * @throws ConflictError it runs or ran already, its connection is still missing, or the tool to always allow changed
 * @throws ForbiddenError the assistant does not let people always allow this tool
 */
export async function decidePausedToolCall(
  ctx: ChatContext,
  user: ChatUser,
  where: PausedToolCallAddress,
  { decision, alwaysAllow }: PausedToolCallDecision,
): Promise<PausedToolCallView> {
  const { conversation, row } = await findOwnPausedToolCall(ctx, user, where);
  if (decision === "skip") await skip(ctx, row.id);
  else if (!(await hasAccess(ctx, user, conversation, row))) throw noAccess();
  else {
    const { serverId, toolName, server } = row;
    if (!(await ctx.isConnected(serverId, user))) throw notConnected(server.name);
    const { assistantId } = conversation;
    const allow =
      alwaysAllow !== undefined && assistantId !== null
        ? await prepareAlwaysAllow(ctx, user, {
            key: { userId: user.id, assistantId, serverId, toolName },
            fingerprint: alwaysAllow,
          })
        : null;
    await confirm(ctx, row.id, allow);
  }
  return viewOwnPausedToolCall(ctx, user, where);
}

async function hasAccess(
  ctx: ChatContext,
  user: ChatUser,
  { assistantId }: { assistantId: string | null },
  { serverId }: { serverId: string },
): Promise<boolean> {
  const access = await readAccess(ctx.db, user, { assistantId, servers: [serverId] });
  return access.mayCall({ assistantId, serverId });
}

async function skip(ctx: ChatContext, id: string): Promise<void> {
  const skipped = await movePausedToolCall(ctx.db, id, {
    from: ["AWAITING_AUTHORIZATION", "AWAITING_CONFIRMATION", "CONFIRMED", "SKIPPED"],
    to: "SKIPPED",
  });
  if (!skipped) throw alreadyRuns();
}

async function confirm(
  ctx: ChatContext,
  id: string,
  allow: ((tx: DatabaseTransaction) => Promise<void>) | null,
): Promise<void> {
  await ctx.db.$transaction(async (tx) => {
    const confirmed = await movePausedToolCall(tx, id, {
      from: ["AWAITING_AUTHORIZATION", "AWAITING_CONFIRMATION", "CONFIRMED"],
      to: "CONFIRMED",
    });
    if (!confirmed) throw alreadyRuns();
    await allow?.(tx);
  });
}

function notConnected(serverName: string): ConflictError {
  return new ConflictError(
    `${serverName} is not connected yet. Authorize it first, then run this.`,
  );
}

function alreadyRuns(): ConflictError {
  return new ConflictError("This call runs, ran or was skipped already. Reload the page to see.");
}

function noAccess(): NotFoundError {
  return new NotFoundError(
    "You no longer have access to this assistant or MCP server. Skip the call, or ask an admin.",
  );
}
