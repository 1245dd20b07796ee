import * as z from "zod";
import { accountPattern, firstAccount, teamAccount } from "./account";
import { connectionStatus } from "./connection";

export const accountName = z.string().regex(accountPattern);

/** An account that a person can choose: one of their own, or the team's. */
export const accountView = z.object({
  /** `first`, `team`, or the id of another account. */
  account: accountName,
  /** Its owner's label; null: none. */
  label: z.string().nullable(),
  /** The provider's name for it; null: not provided. */
  accountName: z.string().nullable(),
  /** The person's calls use it unless they choose another one. */
  isDefault: z.boolean(),
  status: connectionStatus,
  /** What is wrong with it, in plain words; null: nothing. */
  reason: z.string().nullable(),
  /** For the team's: the name of the admin who authorized it. */
  authorizedBy: z.string().nullable(),
  /** When a call made with it was last answered, ISO 8601, to the hour. Null: never. */
  lastUsedAt: z.string().nullable(),
});
export type AccountView = z.infer<typeof accountView>;

export const accountList = z.object({
  accounts: z.array(accountView),
  /** Whether the server asks before each call which one to use. */
  asksEachTime: z.boolean(),
});
export type AccountList = z.infer<typeof accountList>;

export const longestLabel = 60;

/** Omitted fields stay unchanged. An empty label removes it. */
export const accountChange = z.object({
  label: z.string().trim().max(longestLabel, `Use at most ${longestLabel} characters.`).optional(),
  isDefault: z.boolean().optional(),
});
export type AccountChange = z.infer<typeof accountChange>;

/** The label by which people distinguish their accounts. */
export function accountTitle({
  account,
  label,
  accountName,
}: Pick<AccountView, "account" | "label" | "accountName">): string {
  if (account === teamAccount) {
    return accountName === null ? "Team account" : `Team account ${accountName}`;
  }
  if (label !== null) return label;
  if (accountName !== null) return accountName;
  return account === firstAccount ? "Your account" : "Another account";
}

/**
 * Further accounts to which the provider gives the name of an older one: many providers connect whoever is signed in
 * there, without asking. Two accounts may share a name as well, so it is no proof.
 * @param accounts the oldest first
 * @returns each one's `account`
 */
export function accountsOfSameName(
  accounts: readonly Pick<AccountView, "account" | "accountName">[],
): ReadonlySet<string> {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const { account, accountName } of accounts) {
    if (account === teamAccount || accountName === null) continue;
    const name = accountName.trim().toLowerCase();
    if (seen.has(name)) repeated.add(account);
    seen.add(name);
  }
  return repeated;
}
