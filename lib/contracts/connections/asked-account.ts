import { accountPattern } from "./account";

/** Another account of the requester. */
export const newAccount = "new";
/** The same account here, with a different one at the provider. */
export const otherAccount = "other";

/** A person's accounts at one server. */
export const mostAccounts = 10;

/**
 * What `account` in a request to authorize asks for. Anything else counts as absent.
 * @param value `other`, `new`, or an account (./account.ts)
 */
export function askedAccount(value: string | null): {
  account: string | null;
  /** Whether the provider should ask which account, as the person is probably signed in with the connected one. */
  otherAccount: boolean;
} {
  if (value === newAccount) return { account: newAccount, otherAccount: true };
  if (value === otherAccount) return { account: null, otherAccount: true };
  const isAccount = value !== null && accountPattern.test(value);
  return { account: isAccount ? value : null, otherAccount: false };
}
