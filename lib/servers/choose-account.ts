import {
  type AccountDecision,
  type AccountFacts,
  accountOfOwnerKey,
  decideAccount,
  ownerKeyOfAccount,
  teamAccount,
} from "@/lib/contracts/connections/account";
import type { Database } from "@/lib/db/client";
import { type AccountToUse, listAccountsToUse } from "@/lib/db/servers/server-to-call";
import type { Owner } from "@/lib/db/stored-token-set";
import {
  type AccountsOfServer,
  accountSettings,
  hasAccountChoice,
  ownerKeyOf,
} from "./open-endpoint";

/**
 * Which account a person's call uses, where they may have a choice.
 * @param stored of the person, and the team's
 * @param chosen by the person, for this call; null: nobody chose
 */
export function chooseAccount(
  server: AccountsOfServer,
  stored: readonly AccountToUse[],
  chosen: string | null,
): AccountDecision {
  return decideAccount(accountFacts(server, stored), chosen);
}

/**
 * Whose tokens something is about that is no call: a consent, a test, a reading of the tools. Where the person has no
 * default, it is their oldest account.
 * @param account named by the person; null: none
 */
export async function ownerOfAccount(
  ctx: { db: Database },
  server: AccountsOfServer,
  userId: string,
  account: string | null,
): Promise<Owner> {
  const serverId = server.id;
  if (!hasAccountChoice(server)) return { serverId, ownerKey: ownerKeyOf(server, userId) };
  if (account !== null) return { serverId, ownerKey: ownerKeyOfAccount(account, userId) };
  const stored = await listAccountsToUse(ctx.db, serverId, userId);
  const decision = chooseAccount(server, stored, null);
  const usual = decision.use ?? decision.options[0] ?? teamAccount;
  return { serverId, ownerKey: ownerKeyOfAccount(usual, userId) };
}

function accountFacts(server: AccountsOfServer, stored: readonly AccountToUse[]): AccountFacts {
  const accounts = stored.map(({ ownerKey, isDefault }) => ({
    ...{ account: accountOfOwnerKey(ownerKey), isDefault },
  }));
  return {
    ...accountSettings(server),
    own: accounts.filter(({ account }) => account !== teamAccount),
    isTeamStored: accounts.some(({ account }) => account === teamAccount),
  };
}
