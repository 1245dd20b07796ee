import {
  AuthorizationFailedError,
  ForbiddenError,
  NotFoundError,
  OtherPersonError,
  RateLimitedError,
} from "@/lib/errors";

/** Why an authorization did not come about, as the pages know it. A code, as it travels in a URL. */
export type AuthorizationFailure =
  | AuthorizationFailedError["reason"]
  | "forbidden"
  | "other_person"
  | "not_found"
  | "rate_limited"
  | "internal";

export function authorizationFailure(error: unknown): AuthorizationFailure {
  if (error instanceof AuthorizationFailedError) return error.reason;
  if (error instanceof ForbiddenError) return "forbidden";
  if (error instanceof OtherPersonError) return "other_person";
  if (error instanceof NotFoundError) return "not_found";
  if (error instanceof RateLimitedError) return "rate_limited";
  return "internal";
}

/** Adds the outcome to a path of ours, which may have a query already. */
export function withOutcome(path: string, name: string, value: string): string {
  const url = new URL(path, "http://usher.invalid");
  url.searchParams.set(name, value);
  return url.pathname + url.search + url.hash;
}
