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
import { AccountChoiceRequiredError } from "@/lib/errors";
import {
  type AccountsOfServer,
  accountSettings,
  hasAccountChoice,
  ownerKeyOf,
} from "./open-endpoint";

/**
 * Which account a person's call uses, if they may have a choice.
 * @param stored the person's, and the team's
 * @param chosen by the person, for this call; null: no choice
 */
export function chooseAccount(
  server: AccountsOfServer,
  stored: readonly AccountToUse[],
  chosen: string | null,
): AccountDecision {
  return decideAccount(accountFacts(server, stored), chosen);
}

/**
 * Whose tokens are used by something other than a call: a consent, a test, a reading of the tools. If the person has no
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
  return ownerToUse(server, stored, { userId, account, orAny: true });
}

/**
 * Whose tokens a call uses.
 * @param call.orAny use any account of the person's, if they would have to choose
 * @throws AccountChoiceRequiredError the person has to say which account
 */
export function ownerToUse(
  server: AccountsOfServer,
  stored: readonly AccountToUse[],
  { userId, account, orAny }: { userId: string; account: string | null; orAny: boolean },
): Owner {
  const decision = chooseAccount(server, stored, account);
  if (decision.use === null && !orAny) {
    throw new AccountChoiceRequiredError(wordsToChoose(server.name, decision.because));
  }
  const use = decision.use ?? decision.options[0];
  return { serverId: server.id, ownerKey: ownerKeyOfAccount(use, userId) };
}

/** Why the person has to choose, and what to do. */
export function wordsToChoose(
  serverName: string,
  because: Extract<AccountDecision, { use: null }>["because"],
): string {
  switch (because) {
    case "each_time":
      return `${serverName} asks which account to use before each call.`;
    case "no_default":
      return `None of your accounts at ${serverName} is the default. Choose one.`;
    case "gone":
      return `The account that was chosen for ${serverName} is no longer connected. Choose another one.`;
    case "not_offered":
      return `${serverName} no longer offers the team’s account. Choose another one.`;
    default:
      return because satisfies never;
  }
}

export function accountFacts(
  server: AccountsOfServer,
  stored: readonly AccountToUse[],
): AccountFacts {
  const accounts = stored.map(({ ownerKey, isDefault }) => ({
    ...{ account: accountOfOwnerKey(ownerKey), isDefault },
  }));
  return {
    ...accountSettings(server),
    own: accounts.filter(({ account }) => account !== teamAccount),
    isTeamStored: accounts.some(({ account }) => account === teamAccount),
  };
}
