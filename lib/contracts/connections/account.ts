/** The team's account. */
export const teamAccount = "team";
/** A person's first account, stored or not. */
export const firstAccount = "first";

/**
 * How a request names an account: `team`, `first`, or the id of another account. It is resolved among the
 * requester's own accounts, so that no one can name another person's.
 */
export const accountPattern = /^(team|first|[0-9a-f]{12})$/;

/** The owner of the team's tokens. */
export const sharedOwnerKey = "shared";

const separator = ":";

export function ownerKeyOfAccount(account: string, userId: string): string {
  if (account === teamAccount) return sharedOwnerKey;
  return account === firstAccount ? userId : `${userId}${separator}${account}`;
}

/** Its owner's name for it. */
export function accountOfOwnerKey(ownerKey: string): string {
  if (ownerKey === sharedOwnerKey) return teamAccount;
  const at = ownerKey.indexOf(separator);
  return at === -1 ? firstAccount : ownerKey.slice(at + 1);
}

/** The id of the person whose account it is. Null: the team's. */
export function personOfOwnerKey(ownerKey: string): string | null {
  if (ownerKey === sharedOwnerKey) return null;
  const at = ownerKey.indexOf(separator);
  return at === -1 ? ownerKey : ownerKey.slice(0, at);
}

/** What determines the account of a person's call, at a server where people have their own. */
export interface AccountFacts {
  /** People without their own account may use the team's. */
  offersTeamAccount: boolean;
  /** The person says before each call which account it uses, if there is a choice. */
  asksEachTime: boolean;
  /** Stored accounts of the person, whether they work or not. */
  own: readonly { account: string; isDefault: boolean }[];
  isTeamStored: boolean;
}

export type AccountDecision =
  | { use: string; because: "chosen" | "default" | "team" | "first" }
  /** The person has to choose among `options`. */
  | {
      use: null;
      because: "each_time" | "no_default" | "gone" | "not_offered";
      options: AccountOptions;
    };

/** There is always one: a person's first account, connected or not. */
export type AccountOptions = [string, ...string[]];

/**
 * Which account a call uses. It is never one other than the person chose or set: if that one is gone, the
 * person is asked.
 * @param chosen for this call; null: no choice
 */
export function decideAccount(facts: AccountFacts, chosen: string | null): AccountDecision {
  const { own } = facts;
  const options = accountOptions(facts);
  if (chosen !== null) {
    if (chosen === teamAccount) {
      return facts.offersTeamAccount
        ? { use: chosen, because: "chosen" }
        : { use: null, because: "not_offered", options };
    }
    const exists = chosen === firstAccount || own.some(({ account }) => account === chosen);
    return exists ? { use: chosen, because: "chosen" } : { use: null, because: "gone", options };
  }
  if (facts.asksEachTime && options.length > 1) return { use: null, because: "each_time", options };
  // Two concurrent consents can leave two defaults.
  const defaults = own.filter(({ isDefault }) => isDefault);
  const byDefault = defaults.find(({ account }) => account === firstAccount) ?? defaults[0];
  if (byDefault) return { use: byDefault.account, because: "default" };
  if (own.length > 0) return { use: null, because: "no_default", options };
  return facts.offersTeamAccount && facts.isTeamStored
    ? { use: teamAccount, because: "team" }
    : { use: firstAccount, because: "first" };
}

/** Own accounts first; an own one that is not connected yet is listed beside the team's. */
export function accountOptions({
  own,
  offersTeamAccount,
  isTeamStored,
}: AccountFacts): AccountOptions {
  const [oldest = firstAccount, ...others] = own.map(({ account }) => account);
  const mayUseTeam = offersTeamAccount && isTeamStored;
  return [oldest, ...others, ...(mayUseTeam ? [teamAccount] : [])];
}
