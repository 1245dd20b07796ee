import { readAccess } from "@/lib/access/read-access";
import { prepareAlwaysAllow } from "@/lib/assistants/always-allow";
import type { ChatContext, ChatUser } from "@/lib/chat/context";
import type { PausedToolCallDecision, PausedToolCallView } from "@/lib/contracts/chat/chat";
import type { DatabaseTransaction } from "@/lib/db/client";
import { type ConversationRow, keepAccount, keptAccount } from "@/lib/db/conversation";
import { movePausedToolCall, type PausedToolCallRow } from "@/lib/db/paused-tool-call";
import { ConflictError, ForbiddenError, InvalidInputError, NotFoundError } from "@/lib/errors";
import {
  findOwnPausedToolCall,
  type PausedToolCallAddress,
  viewOwnPausedToolCall,
} from "./own-paused-tool-call";

/**
 * Stores "Run now", "Skip" or the chosen account for a waiting call; the next `resume` turn carries it out, with
 * the stored input. Repeating the same decision changes nothing. "Always allow" is stored with "Run now", or
 * neither is.
 * @throws NotFoundError no such call in a conversation of this person
 * @throws InvalidInputError no account was named to choose
 * @throws ConflictError it runs or ran already, its connection is still missing, the account is not the person's to
 * choose (any more), or the tool to always allow has changed
 * @throws ForbiddenError the assistant does not let people always allow this tool, or not with that account
 */
export async function decidePausedToolCall(
  ctx: ChatContext,
  user: ChatUser,
  where: PausedToolCallAddress,
  decision: PausedToolCallDecision,
): Promise<PausedToolCallView> {
  const { conversation, row } = await findOwnPausedToolCall(ctx, user, where);
  if (decision.decision === "skip") await skip(ctx, row.id);
  else if (!(await hasAccess(ctx, user, conversation, row))) throw noAccess();
  else {
    await mayUseAccount(ctx, user, row, decision);
    if (decision.decision === "choose") await choose(ctx, row, decision);
    else await run(ctx, user, { conversation, row }, decision);
  }
  return viewOwnPausedToolCall(ctx, user, where);
}

/** An account that is not this person's gets the same answer as one that is gone. */
async function mayUseAccount(
  ctx: ChatContext,
  user: ChatUser,
  { serverId }: PausedToolCallRow,
  { account }: PausedToolCallDecision,
): Promise<void> {
  if (account === undefined) return;
  const accounts = await ctx.listAccounts(serverId, user);
  if (!accounts.some((each) => each.account === account)) throw noSuchAccount();
}

async function choose(
  ctx: ChatContext,
  row: PausedToolCallRow,
  { account, keepAccount: keep }: PausedToolCallDecision,
): Promise<void> {
  if (account === undefined) throw new InvalidInputError({ account: "Choose an account." });
  await ctx.db.$transaction(async (tx) => {
    const change = { from: ["AWAITING_ACCOUNT"], to: "AWAITING_ACCOUNT" } as const;
    if (!(await movePausedToolCall(tx, row.id, change, { account }))) throw alreadyRuns();
    await keepChoice(tx, row, { account, keep });
  });
}

async function run(
  ctx: ChatContext,
  user: ChatUser,
  { conversation, row }: { conversation: ConversationRow; row: PausedToolCallRow },
  { account, keepAccount: keep, alwaysAllow }: PausedToolCallDecision,
): Promise<void> {
  const { serverId, toolName, server } = row;
  const wanted = account ?? row.account ?? keptAccount(conversation.accounts, serverId);
  const using = await ctx.describeAccount(serverId, user, wanted);
  if (using.choose !== null) throw noSuchAccount();
  const isOther = account !== undefined && account !== row.account;
  // The consent to another account comes first; the confirmation given now also covers it.
  const waits = isOther && !using.connected && alwaysAllow === undefined;
  if (!using.connected && !waits) throw notConnected(server.name);
  const { assistantId } = conversation;
  if (alwaysAllow !== undefined && !using.isDefault) throw notForAccount();
  const allow =
    alwaysAllow !== undefined && assistantId !== null
      ? await prepareAlwaysAllow(ctx, user, {
          key: { userId: user.id, assistantId, serverId, toolName },
          fingerprint: alwaysAllow,
        })
      : null;
  await ctx.db.$transaction(async (tx) => {
    const confirmed = await movePausedToolCall(
      tx,
      row.id,
      {
        from: ["AWAITING_AUTHORIZATION", "AWAITING_CONFIRMATION", "CONFIRMED"],
        to: waits ? "AWAITING_AUTHORIZATION" : "CONFIRMED",
      },
      isOther ? { account, confirmed: waits } : {},
    );
    if (!confirmed) throw alreadyRuns();
    await keepChoice(tx, row, { account, keep });
    await allow?.(tx);
  });
}

async function keepChoice(
  tx: DatabaseTransaction,
  { conversationId, serverId }: PausedToolCallRow,
  { account, keep }: { account: string | undefined; keep: boolean | undefined },
): Promise<void> {
  if (account === undefined || keep === undefined) return;
  await keepAccount(tx, conversationId, { serverId, account: keep ? account : null });
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
    from: [
      ...(["AWAITING_AUTHORIZATION", "AWAITING_ACCOUNT"] as const),
      ...(["AWAITING_CONFIRMATION", "CONFIRMED", "SKIPPED"] as const),
    ],
    to: "SKIPPED",
  });
  if (!skipped) throw alreadyRuns();
}

function noSuchAccount(): ConflictError {
  return new ConflictError("That account cannot be used any more. Choose another one.");
}

function notForAccount(): ForbiddenError {
  return new ForbiddenError(
    "You can always allow a tool for your default account only. Run the call once, or choose that account.",
  );
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
