import { type AccessUser, mayUseServer } from "@/lib/access/read-access";
import { accountOfOwnerKey, firstAccount, teamAccount } from "@/lib/contracts/connections/account";
import { standingOf } from "@/lib/contracts/connections/connection-standing";
import type { AccountList, AccountView } from "@/lib/contracts/connections/own-account";
import { listAccountsOf, type OwnAccountRow } from "@/lib/db/accounts/own-accounts";
import type { Database } from "@/lib/db/client";
import { findMcpServer } from "@/lib/db/mcp-server";
import { NotFoundError } from "@/lib/errors";
import { chooseAccount } from "@/lib/servers/choose-account";
import {
  type AccountsOfServer,
  accountSettings,
  hasAccountChoice,
} from "@/lib/servers/open-endpoint";
import { connectionFacts } from "./connection-view";

/**
 * The accounts that this person may choose from: their own, oldest first, and the team's if it is offered and
 * connected. Without one of their own, their first is listed as not connected.
 */
export async function listOwnAccounts(
  ctx: { db: Database; now: () => Date },
  server: AccountsOfServer,
  userId: string,
): Promise<AccountView[]> {
  if (!hasAccountChoice(server)) return [];
  const rows = await listAccountsOf(ctx.db, server.id, userId);
  const usesTeams = chooseAccount(server, rows, null).use === teamAccount;
  const now = ctx.now();
  const own = rows.filter(({ userId: owner }) => owner !== null).map((row) => view(row, now));
  const { offersTeamAccount } = accountSettings(server);
  const teams = rows.filter(({ userId: owner }) => owner === null && offersTeamAccount);
  return [
    ...(own.length > 0 ? own : [notConnected]),
    ...teams.map((row) => ({ ...view(row, now), isDefault: usesTeams })),
  ];
}

/** For their page. @throws NotFoundError there is no such server, or this person has no access to it */
export async function findOwnAccounts(
  ctx: { db: Database; now: () => Date },
  user: AccessUser,
  serverId: string,
): Promise<AccountList> {
  const [server, may] = await Promise.all([
    findMcpServer(ctx.db, serverId),
    user.role === "AUDITOR" || mayUseServer(ctx.db, user, serverId),
  ]);
  if (!server?.oauthClient || !may) {
    throw new NotFoundError("This server was deleted or no longer uses OAuth 2.0.");
  }
  return {
    accounts: await listOwnAccounts(ctx, server, user.id),
    asksEachTime: accountSettings(server).asksEachTime,
  };
}

const notConnected: AccountView = {
  ...{ account: firstAccount, label: null, accountName: null, isDefault: false },
  ...{ status: "not_connected", reason: null, authorizedBy: null, lastUsedAt: null },
};

function view(row: OwnAccountRow, now: Date): AccountView {
  const { status, reason } = standingOf(connectionFacts(row), now);
  const account = accountOfOwnerKey(row.ownerKey);
  return {
    ...{ account, label: row.label, accountName: row.accountName, isDefault: row.isDefault },
    ...{ status, reason },
    authorizedBy: account === teamAccount ? (row.authorizedBy?.name ?? null) : null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  };
}
