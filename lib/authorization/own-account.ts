import { type AccessUser, mayUseServer } from "@/lib/access/read-access";
import {
  ownerKeyOfAccount,
  personOfOwnerKey,
  sharedOwnerKey,
  teamAccount,
} from "@/lib/contracts/connections/account";
import type { AccountChange } from "@/lib/contracts/connections/own-account";
import { countAccountsOf, labelAccount, setDefaultAccount } from "@/lib/db/accounts/own-accounts";
import { findPersonalKey } from "@/lib/db/accounts/personal-key";
import { by, insertAuditEvent } from "@/lib/db/audit-event";
import type { Database } from "@/lib/db/client";
import { findMcpServer } from "@/lib/db/mcp-server";
import { listAccountsToUse } from "@/lib/db/servers/server-to-call";
import type { Owner } from "@/lib/db/stored-token-set";
import { InvalidInputError, NotFoundError } from "@/lib/errors";
import { ownerOfAccount } from "@/lib/servers/choose-account";
import type { ForgetServer } from "@/lib/servers/open-endpoint";
import type { Actor } from "@/lib/session/session-user";

/**
 * Finds the tokens that disconnecting one's own account deletes. A person who lost access to a server can still
 * disconnect there. For everyone else without access, that server does not exist.
 * @param account null: the one that their calls use
 * @throws NotFoundError | InvalidInputError
 */
export async function ownedBy(
  db: Database,
  user: AccessUser,
  serverId: string,
  account: string | null,
): Promise<Owner> {
  const [may, accounts, key] = await Promise.all([
    mayUseServer(db, user, serverId),
    countAccountsOf(db, serverId, user.id),
    findPersonalKey(db, { serverId, userId: user.id }),
  ]);
  const server = may || accounts > 0 || key !== null ? await findMcpServer(db, serverId) : null;
  if (!server) throw new NotFoundError("This MCP server was deleted, and its tokens with it.");
  if (account === teamAccount) {
    throw new InvalidInputError({
      account:
        "The team’s account is not your own. Ask an admin to disconnect it on the server’s page.",
    });
  }
  if (account !== null) return { serverId, ownerKey: ownerKeyOfAccount(account, user.id) };
  const usual = await ownerOfAccount({ db }, server, user.id, null);
  const isOwn = personOfOwnerKey(usual.ownerKey) === user.id;
  return isOwn ? usual : { serverId, ownerKey: user.id };
}

interface ChangeContext {
  db: Database;
  forget: ForgetServer;
}

/**
 * Names an account of the person's, or makes it the one that their calls use.
 * @throws NotFoundError it is not theirs, or no longer connected
 */
export async function changeOwnAccount(
  { db, forget }: ChangeContext,
  user: Actor,
  serverId: string,
  { account, label, isDefault }: AccountChange & { account: string },
): Promise<void> {
  const server = await findMcpServer(db, serverId);
  if (!server || !(await mayUseServer(db, user, serverId))) {
    throw new NotFoundError("This MCP server was deleted.");
  }
  const owner = { serverId, ownerKey: ownerKeyOfAccount(account, user.id), userId: user.id };
  await db.$transaction(async (tx) => {
    const isThere =
      account !== teamAccount &&
      (label === undefined || (await labelAccount(tx, owner, label === "" ? null : label))) &&
      (isDefault === undefined || (await setDefaultAccount(tx, owner, isDefault)));
    if (!isThere)
      throw new NotFoundError("You have no such account at this server. Reload to see yours.");
    const event = {
      action: "connection.change-account",
      ...by(user),
      ...{ serverId, serverName: server.name, ownerKey: owner.ownerKey },
      details: {
        ...(label === undefined ? {} : { renamed: true }),
        ...(isDefault === undefined ? {} : { isDefault }),
      },
    };
    await insertAuditEvent(db, event, tx);
  });
  if (isDefault !== undefined) {
    // Whichever was the default before: its cached state says so.
    const stored = await listAccountsToUse(db, serverId, user.id);
    const own = stored.filter(({ ownerKey }) => ownerKey !== sharedOwnerKey);
    for (const { ownerKey } of own) forget(serverId, ownerKey);
  }
}
