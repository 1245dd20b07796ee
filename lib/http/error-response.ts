import type { Problem } from "@/lib/contracts/problem";
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
import type { Log } from "@/lib/log";

/** The one map from errors to statuses. The first class that matches counts. */
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

/** Shown for errors of no class of ours. */
const unexpected =
  "Something went wrong on our side. Try again. If it keeps happening, tell an admin.";

const diskFull =
  "The disk of the database is full, so nothing can be saved. Tell whoever runs this Usher to make room, then try again.";

export function statusOf(error: unknown): number {
  if (isDiskFull(error)) return 503;
  return statuses.find(([errorClass]) => error instanceof errorClass)?.[1] ?? 500;
}

export function userMessageOf(error: unknown): string {
  if (isDiskFull(error)) return diskFull;
  return error instanceof UsherError ? error.userMessage : unexpected;
}

export function errorResponse(
  error: unknown,
  log: Log,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const status = statusOf(error);
  if (status >= 500) log.error({ err: error }, "request failed");
  const retryAfterMs = error instanceof TryLaterError ? error.retryAfterMs : undefined;
  const body: Problem = {
    error: {
      code: error instanceof UsherError ? error.code : "internal",
      message: userMessageOf(error),
      ...(error instanceof InvalidInputError ? { fields: { ...error.fields } } : {}),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
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

/** SQLSTATE 53100, from `pg` or Prisma's adapter. */
function isDiskFull(error: unknown): boolean {
  let at = error;
  for (let depth = 0; depth < 5 && typeof at === "object" && at !== null; depth += 1) {
    const { code, originalCode, meta, cause } = at as Record<string, unknown>;
    if (code === "53100" || originalCode === "53100") return true;
    at = cause ?? (meta as { driverAdapterError?: unknown } | undefined)?.driverAdapterError;
  }
  return false;
}
