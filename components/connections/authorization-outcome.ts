import { oneLine } from "@/lib/untrusted-text";

/** The outcome of the authorization that brought the person back to this page. */
export type AuthorizationOutcome =
  | { kind: "connected" }
  | { kind: "failed"; reason: FailureReason }
  | null;

type Query = Record<string, string | string[] | undefined>;

export function authorizationOutcome(query: Query): AuthorizationOutcome {
  const reason = failureReason(query.authorization_error);
  if (reason) return { kind: "failed", reason };
  return query.authorized === "1" ? { kind: "connected" } : null;
}

/**
 * @param accounts of the person at this server
 * @param accountName of the default account. Null: not known, or already shown
 */
export function whoseCalls(accounts: number, accountName: string | null): string {
  if (accounts > 1) return `You have ${accounts} accounts there.`;
  return accountName === null
    ? "Tool calls use this account from now on."
    : `Tool calls act as ${oneLine(accountName)} from now on.`;
}

type FailureWords = {
  title: string;
  next: string;
  /** Whether starting again can help. */
  again: boolean;
};

const failures = {
  denied: {
    title: "Access was denied",
    next: "Nothing was connected. The request was declined on the provider’s page, or the provider does not allow this account. Authorize again and allow access. If that does not help, ask an admin to look at the server’s recent flows.",
    again: true,
  },
  expired: {
    title: "The authorization took too long",
    next: "An authorization must be completed within 10 minutes. Nothing was connected. Authorize again.",
    again: true,
  },
  unknown_state: {
    title: "This authorization was already used",
    next: "Each authorization works once. This one was already used or was not started here, so it connects nothing now. If your account is not connected, authorize again.",
    again: true,
  },
  no_state: {
    title: "The provider’s answer came without its state",
    next: "Usher cannot tell which authorization it answers, so nothing was connected. If you declined on the provider’s page, there is nothing else to do. Otherwise, authorize again.",
    again: true,
  },
  wrong_user: {
    title: "Somebody else started this authorization",
    next: "It belongs to another person’s account, so neither your account nor theirs was connected. Start your own from Connections or from your chat.",
    again: false,
  },
  wrong_browser: {
    title: "This authorization was started in another browser",
    next: "It can only be completed in the browser where it was started. Nothing was connected. Go back to that browser, or start again in this one.",
    again: true,
  },
  cancelled: {
    title: "The authorization was cancelled",
    next: "The server’s settings were changed or its access was revoked in the meantime. Nothing was connected. Authorize again.",
    again: true,
  },
  provider_error: {
    title: "The provider rejected the authorization",
    next: "Its response was an error or does not follow OAuth 2.0. Ask an admin to check that the client ID, client secret, Token URL, scopes and callback URL match the registration at the provider.",
    again: true,
  },
  issuer_mismatch: {
    title: "The response came from another provider",
    next: "Its issuer is not the one configured for this server, so the response was not used. Ask an admin to check the issuer in the server’s settings.",
    again: false,
  },
  registration_failed: {
    title: "Usher could not register with the provider",
    next: "Usher registers automatically when somebody authorizes, and that failed. The server’s page shows why. Try again later, or ask an admin to enter a client ID.",
    again: true,
  },
  client_forgotten: {
    title: "The provider no longer recognizes Usher",
    next: "Nothing was connected. Authorize again, and Usher registers again automatically.",
    again: true,
  },
  forbidden: {
    title: "You cannot authorize this account",
    next: "The whole team shares it, so only an admin can authorize it.",
    again: false,
  },
  other_person: {
    title: "That page belonged to another account",
    next: "Somebody else has signed in to Usher in this browser since it was opened, so nothing was connected. Authorize from your own Connections page.",
    again: false,
  },
  not_found: {
    title: "Nothing to authorize",
    next: "This MCP server was deleted, or it no longer uses OAuth 2.0.",
    again: false,
  },
  not_offered: {
    title: "This account is not offered",
    next: "The server’s settings changed: it no longer offers this account. Authorize your own account instead, or ask an admin.",
    again: false,
  },
  too_many_accounts: {
    title: "You have ten accounts at this server",
    next: "That is the limit. Remove one of them, then add another.",
    again: false,
  },
  rate_limited: {
    title: "Too many attempts",
    next: "Wait a few minutes, then authorize again.",
    again: true,
  },
  database_away: {
    title: "The database does not answer right now",
    next: "If the provider has agreed, Usher saves the connection once the database is back. Look again in a minute, and authorize only if it is not there.",
    again: true,
  },
  internal: {
    title: "Something went wrong on our side",
    next: "Nothing was connected. Authorize again. If it keeps failing, tell an admin.",
    again: true,
  },
} as const satisfies Record<string, FailureWords>;

type FailureReason = keyof typeof failures;

/** From a query parameter, which anyone can write: only known reasons pass. */
export function failureReason(value: unknown): FailureReason | null {
  if (typeof value !== "string" || value === "") return null;
  return Object.hasOwn(failures, value) ? (value as FailureReason) : "internal";
}

export function failureWords(reason: FailureReason): FailureWords {
  return failures[reason];
}
