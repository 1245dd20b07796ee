/**
 * One class for each decision that a caller can make. `userMessage` is shown to people, and says what to do
 * next; `message` is for logs. Neither ever contains a secret.
 */
export abstract class UsherError extends Error {
  /** The class's name, which bundlers do not change. */
  static readonly kind: string = "UsherError";
  abstract readonly code: string;
  readonly userMessage: string;

  constructor(userMessage: string, options?: Cause & { message?: string }) {
    super(options?.message ?? userMessage, { cause: options?.cause });
    this.name = new.target.kind;
    this.userMessage = userMessage;
  }

  /**
   * Next bundles instrumentation, pages and routes separately, each with a copy of these classes, and an
   * error passes from one to the other: what counts is the kind, not the copy.
   */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: the class that is asked about, not this one
    return value instanceof Error && kindsOf(value.constructor).includes(this.kind);
  }
}

function kindsOf(errorClass: object): unknown[] {
  if (!("kind" in errorClass)) return [];
  return [errorClass.kind, ...kindsOf(Object.getPrototypeOf(errorClass))];
}

type Cause = { cause?: unknown }; // For logs only.
type TransportFailure = "dns" | "tls" | "connect" | "timeout" | "too_large" | "reset" | "aborted";
type Account = { serverId: string; ownerKey: string };
type Told = Pick<ProviderError, "status" | "error"> & Partial<ProviderError>;

/** The caller corrects its input and retries. `fields` maps a field to what is wrong and how to fix it. */
export class InvalidInputError extends UsherError {
  static override readonly kind = "InvalidInputError";
  readonly code = "invalid_input";
  readonly fields: Readonly<Record<string, string>>;

  constructor(fields: Record<string, string>, userMessage?: string) {
    super(userMessage ?? Object.values(fields)[0] ?? "Some fields need a correction.");
    this.fields = fields;
  }
}

export class NotFoundError extends UsherError {
  static override readonly kind = "NotFoundError";
  readonly code = "not_found";
}

/** The caller signs in. */
export class NotSignedInError extends UsherError {
  static override readonly kind = "NotSignedInError";
  readonly code = "not_signed_in";
  constructor(userMessage = "Sign in to continue.") {
    super(userMessage);
  }
}

/** The caller asks a person with the right. */
export class ForbiddenError extends UsherError {
  static override readonly kind: string = "ForbiddenError";
  readonly code: string = "forbidden";
}

/** The caller reloads and decides again. */
export class ConflictError extends UsherError {
  static override readonly kind = "ConflictError";
  readonly code = "conflict";
}

/** The caller starts over: its page belongs to a different person than the session. */
export class OtherPersonError extends UsherError {
  static override readonly kind = "OtherPersonError";
  readonly code = "other_person";
}

/** The caller asks the right person for consent: nothing stored can be used or refreshed. */
export class AuthorizationRequiredError extends UsherError {
  static override readonly kind: string = "AuthorizationRequiredError";
  readonly code = "authorization_required";
  readonly serverId: string;
  readonly ownerKey: string;

  constructor(where: Account, userMessage: string, options?: Cause) {
    super(userMessage, options);
    this.serverId = where.serverId;
    this.ownerKey = where.ownerKey;
  }
}

/** The caller asks the person which of their accounts to use. */
export class AccountChoiceRequiredError extends UsherError {
  static override readonly kind = "AccountChoiceRequiredError";
  readonly code = "account_choice_required";
}

/** The caller asks the right person for consent to more: the token is good, but not for this call. */
export class StepUpRequiredError extends AuthorizationRequiredError {
  static override readonly kind = "StepUpRequiredError";
  /** Every scope the new authorization requests, separated by spaces. */
  readonly scope: string;
  /** The scopes that are new. */
  readonly added: string;

  constructor(
    where: Account & { scope: string; added: string },
    userMessage: string,
    options?: Cause,
  ) {
    super(where, userMessage, options);
    this.scope = where.scope;
    this.added = where.added;
  }
}

/** The caller asks the person for the server's input, and makes the same call again. */
export class InputRequiredError extends UsherError {
  static override readonly kind = "InputRequiredError";
  readonly code = "input_required";
  /** `INPUT_REQUIRED`: again with the answers and `requestState`. `URL_REQUIRED`: again unchanged. */
  readonly flow: "INPUT_REQUIRED" | "URL_REQUIRED";
  /** The questions by the server's keys; see lib/mcp/elicitation.ts. Untrusted. */
  readonly requests: Readonly<Record<string, unknown>>;
  readonly requestState: string | null;

  constructor(
    required: Pick<InputRequiredError, "flow" | "requests" | "requestState">,
    serverName: string,
  ) {
    super(
      `${serverName} asks a person for more in the middle of this call. Call it from the chat.`,
    );
    this.flow = required.flow;
    this.requests = required.requests;
    this.requestState = required.requestState;
  }
}

/** The caller waits `retryAfterMs` and tries again; nothing was lost. */
export class TryLaterError extends UsherError {
  static override readonly kind: string = "TryLaterError";
  readonly code: string = "try_later";
  readonly retryAfterMs: number;

  constructor(userMessage: string, options: Cause & { retryAfterMs: number; message?: string }) {
    super(userMessage, options);
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The caller slows down. */
export class RateLimitedError extends TryLaterError {
  static override readonly kind = "RateLimitedError";
  override readonly code = "rate_limited";
}

/** The caller changes the URL: Usher does not connect there. */
export class OutboundRefusedError extends UsherError {
  static override readonly kind = "OutboundRefusedError";
  readonly code = "outbound_refused";
}

/** No usable response: refused, reset, DNS, TLS, timed out, too large. `reason` says which. */
export class UnreachableError extends UsherError {
  static override readonly kind = "UnreachableError";
  readonly code = "unreachable";
  /** `proxy`: the outbound proxy failed, and nothing beyond it was called. */
  readonly reason: TransportFailure | "proxy";

  constructor(reason: UnreachableError["reason"], userMessage: string, options?: Cause) {
    super(userMessage, options);
    this.reason = reason;
  }
}

/**
 * The authorization server returned an error or something that is not an OAuth response.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2
 */
export class ProviderError extends UsherError {
  static override readonly kind = "ProviderError";
  readonly code = "provider_error";
  readonly status: number;
  /** The OAuth error code, such as `invalid_grant`; null: none. */
  readonly error: string | null;
  /** Its other text, verbatim: for decisions, and never shown. */
  readonly said: string | null;
  readonly isWebPage: boolean;
  readonly retryAfterMs: number | null;

  constructor(told: Told, userMessage: string, options?: Cause) {
    super(userMessage, options);
    this.status = told.status;
    this.error = told.error;
    this.said = told.said ?? null;
    this.isWebPage = told.isWebPage ?? false;
    this.retryAfterMs = told.retryAfterMs ?? null;
  }
}

/** The MCP server responded, but not as an MCP server should, or with its own error. */
export class McpServerError extends UsherError {
  static override readonly kind: string = "McpServerError";
  readonly code = "mcp_server_error";
}

/** The MCP server wants more scopes for this call than its token was granted (RFC 6750 §3.1). */
export class InsufficientScopeError extends McpServerError {
  static override readonly kind = "InsufficientScopeError";
  /** As named by the server, separated by spaces; null: none. */
  readonly challengedScope: string | null;

  constructor(
    challengedScope: string | null,
    userMessage: string,
    options?: Cause & { message?: string },
  ) {
    super(userMessage, options);
    this.challengedScope = challengedScope;
  }
}

/** The caller starts the authorization again: this flow cannot be completed. */
export class AuthorizationFailedError extends UsherError {
  static override readonly kind = "AuthorizationFailedError";
  readonly code = "authorization_failed";
  readonly reason:
    | "denied"
    | "expired"
    | "unknown_state"
    | "no_state" // The answer does not say which authorization it is for.
    | "wrong_user"
    | "wrong_browser"
    | "cancelled"
    | "forbidden" // The person lost the right after starting.
    | "provider_error"
    | "issuer_mismatch"
    | "registration_failed"
    | "not_offered" // The server has no such account.
    | "too_many_accounts"
    | "database_away" // The provider's answer is saved once the database is back.
    | "client_forgotten"; // It does not recognize Usher, which will register again next time.

  constructor(
    reason: AuthorizationFailedError["reason"],
    userMessage: string,
    options?: Cause & { returnTo?: string },
  ) {
    super(userMessage, options);
    this.reason = reason;
    this.returnTo = options?.returnTo ?? null;
  }

  /** Where the person came from; set once the flow was found to be theirs. */
  readonly returnTo: string | null;
}

/** The operator fixes the configuration: a sealed value does not open under any configured key. */
export class SealedBoxError extends UsherError {
  static override readonly kind = "SealedBoxError";
  readonly code = "sealed_box";
}

/** The operator fixes the named variables and starts again. Never contains a value. */
export class ConfigurationError extends UsherError {
  static override readonly kind = "ConfigurationError";
  readonly code = "configuration";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`Usher cannot start:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
    this.problems = problems;
  }
}
