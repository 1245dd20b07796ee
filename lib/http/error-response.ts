import type { Problem } from "@/lib/contracts/problem";
import { wordsForAdmin } from "@/lib/contracts/words-for-admin";
import {
  AuthorizationFailedError,
  AuthorizationRequiredError,
  ConflictError,
  ForbiddenError,
  InvalidInputError,
  McpServerError,
  NotFoundError,
  NotSignedInError,
  OtherPersonError,
  OutboundRefusedError,
  ProviderError,
  RateLimitedError,
  TryLaterError,
  UnreachableError,
  UsherError,
} from "@/lib/errors";
import { busyRetryMs, type DatabaseTrouble, databaseTrouble } from "@/lib/http/database-trouble";
import type { Log } from "@/lib/log";

/** The one map from errors to statuses. The first matching class counts. */
const statuses: readonly [new (...args: never[]) => UsherError, number][] = [
  [InvalidInputError, 400],
  [NotSignedInError, 401],
  [ForbiddenError, 403],
  [AuthorizationFailedError, 403],
  [NotFoundError, 404],
  [ConflictError, 409],
  [OtherPersonError, 409],
  [AuthorizationRequiredError, 409],
  [OutboundRefusedError, 422],
  [RateLimitedError, 429],
  [TryLaterError, 503],
  [ProviderError, 502],
  [McpServerError, 502],
  [UnreachableError, 502],
];

/** Shown for errors that are not of our classes. */
const unexpected =
  "Something went wrong on our side. Try again. If it keeps happening, tell an admin.";

const troubleWords: Record<DatabaseTrouble, string> = {
  disk_full:
    "The disk of the database is full, so nothing can be saved. Tell whoever runs this Usher to make room, then try again.",
  refused: "The database refuses Usher. Tell whoever runs this Usher: Doctor and the log say why.",
  read_only:
    "The database is read-only right now, so nothing was saved. Try again in a moment. If this continues, tell whoever runs this Usher.",
  away: "The database does not answer right now. Try again in a moment.",
  busy: "The database is busy, so this did not go through. Try again in a moment.",
};

export function statusOf(error: unknown): number {
  if (databaseTrouble(error)) return 503;
  return statuses.find(([errorClass]) => error instanceof errorClass)?.[1] ?? 500;
}

export function userMessageOf(error: unknown): string {
  const trouble = databaseTrouble(error);
  if (trouble) return troubleWords[trouble];
  return error instanceof UsherError ? error.userMessage : unexpected;
}

/** @param forAdmin an admin reads it */
export function errorResponse(
  error: unknown,
  log: Log,
  headers: Readonly<Record<string, string>> = {},
  { forAdmin = false } = {},
): Response {
  const status = statusOf(error);
  if (status >= 500) log.error({ err: error }, "request failed");
  const retryAfterMs = retryAfter(error);
  const words = forAdmin ? wordsForAdmin : (text: string) => text;
  const body: Problem = {
    error: {
      code: error instanceof UsherError ? error.code : "internal",
      message: words(userMessageOf(error)),
      ...(error instanceof InvalidInputError ? { fields: mapped(error.fields, words) } : {}),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(headers["x-request-id"] ? { requestId: headers["x-request-id"] } : {}),
    },
  };
  return Response.json(body, {
    status,
    headers: {
      ...headers,
      "cache-control": "no-store",
      ...(retryAfterMs === undefined ? {} : { "retry-after": `${Math.ceil(retryAfterMs / 1000)}` }),
    },
  });
}

function mapped(fields: Readonly<Record<string, string>>, words: (text: string) => string) {
  return Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, words(text)]));
}

function retryAfter(error: unknown): number | undefined {
  if (error instanceof TryLaterError) return error.retryAfterMs;
  const trouble = databaseTrouble(error);
  if (trouble === null || trouble === "disk_full" || trouble === "refused") return undefined;
  return busyRetryMs;
}
