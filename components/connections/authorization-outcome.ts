/** How the authorization ended that brought the person back to this page. */
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

/** What a person reads about an authorization that did not come about. */
type FailureWords = {
  title: string;
  /** What it means and what to do next. */
  next: string;
  /** Whether starting again, from the same place, can help. */
  again: boolean;
};

const failures = {
  denied: {
    title: "Access was not allowed",
    next: "On the provider’s page the request was declined, so nothing was connected. Authorize again and choose to allow it.",
    again: true,
  },
  expired: {
    title: "The authorization took too long",
    next: "It has to be finished within 10 minutes. Nothing was connected. Authorize again.",
    again: true,
  },
  unknown_state: {
    title: "This authorization was already used",
    next: "Each one works once, and this one was used before or was never begun here. Nothing was connected by it. Authorize again.",
    again: true,
  },
  wrong_user: {
    title: "Somebody else began this authorization",
    next: "It belongs to another person’s account, so nothing was connected to yours or theirs. Begin your own from Connections or from your chat.",
    again: false,
  },
  wrong_browser: {
    title: "This authorization was begun in another browser",
    next: "It can only be finished where it was begun. Nothing was connected. Go back to that browser, or begin it again in this one.",
    again: true,
  },
  cancelled: {
    title: "The authorization was called off",
    next: "Meanwhile the server’s settings were changed or its access was revoked. Nothing was connected. Authorize again.",
    again: true,
  },
  provider_error: {
    title: "The provider did not accept the authorization",
    next: "It answered with an error, or not in the way OAuth 2.0 asks for. An admin should compare client ID, client secret, Token URL, scopes and callback URL with what is registered at the provider.",
    again: true,
  },
  issuer_mismatch: {
    title: "The answer came from another provider",
    next: "Its issuer is not the one that is set for this server, so the answer was not used. An admin should check the issuer in the server’s settings.",
    again: false,
  },
  registration_failed: {
    title: "Usher could not register at the provider",
    next: "It registers there by itself when somebody authorizes, and that did not work. The server’s page says why. Try again later, or an admin enters a client ID by hand.",
    again: true,
  },
  client_forgotten: {
    title: "The provider no longer knew Usher",
    next: "Nothing was connected. Authorize again: Usher registers there anew by itself.",
    again: true,
  },
  forbidden: {
    title: "You may not authorize this account",
    next: "It is shared by the whole team, so an admin authorizes it. Ask an admin.",
    again: false,
  },
  other_person: {
    title: "That page belonged to another account",
    next: "Somebody else has signed in in this browser since it was opened, so nothing was connected. Authorize from your own Connections page.",
    again: false,
  },
  not_found: {
    title: "There is nothing to authorize",
    next: "This MCP server was deleted, or it no longer uses OAuth 2.0.",
    again: false,
  },
  rate_limited: {
    title: "Too many authorizations",
    next: "Wait a few minutes, then authorize again.",
    again: true,
  },
  internal: {
    title: "Something went wrong on our side",
    next: "Nothing was connected. Authorize again; if it stays, tell an admin.",
    again: true,
  },
} as const satisfies Record<string, FailureWords>;

type FailureReason = keyof typeof failures;

/** From a query parameter, which anybody can write: only a reason that is known comes through. */
export function failureReason(value: unknown): FailureReason | null {
  if (typeof value !== "string" || value === "") return null;
  return Object.hasOwn(failures, value) ? (value as FailureReason) : "internal";
}

export function failureWords(reason: FailureReason): FailureWords {
  return failures[reason];
}
