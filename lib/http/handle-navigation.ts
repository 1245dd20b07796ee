import { writeRecords } from "@/lib/app/current";
import { personParameter } from "@/lib/contracts/problem";
import { clickParameter } from "@/lib/contracts/servers/flow-click";
import {
  AuthorizationFailedError,
  ForbiddenError,
  NotFoundError,
  OtherPersonError,
  RateLimitedError,
} from "@/lib/errors";
import { bearerToken, checkPermission } from "@/lib/session/caller";
import { clientAddress, clientOf } from "@/lib/session/client";
import type { Permission } from "@/lib/session/permissions";
import {
  type Actor,
  type SessionUser,
  seeSession,
  TwoFactorRequiredError,
} from "@/lib/session/session-user";
import { databaseTrouble } from "./database-trouble";
import { answering, checkPerson, checkStarted, type Handled } from "./handle";
import { checkAddress } from "./read-input";

/**
 * A route for browser navigation: it always answers with a redirect. Without a session it leads to the
 * sign-in page and back; likewise to required two-factor authentication. A consent is a person's, so no API key works
 * here.
 */
export function handleNavigation<Params = Record<string, never>>(
  permission: Permission,
  action: (input: Handled<Params, Actor & SessionUser>) => Promise<Response>,
  onError: (error: unknown, request: Request, params: Params) => Response,
) {
  return answering<Params>(async (ctx, request, params, seen) => {
    if (isAhead(request)) return notAhead();
    try {
      checkStarted(ctx);
      if (bearerToken(request) !== null) {
        throw new ForbiddenError("No API key can do this. Open this address in a browser.");
      }
      const user = await seeSession(ctx, clientOf(request));
      if (!user) return redirectTo(ctx.env.publicUrl + pathBefore("/sign-in", request));
      seen.userId = user.id;
      checkPerson(request, user);
      checkPermission(user, permission, request.method);
      checkAddress(request, params);
      const ipAddress = clientAddress(request.headers);
      const actor = { ...user, ipAddress };
      return await action({ app: ctx, request, params, user: actor, ipAddress });
    } catch (error) {
      if (error instanceof TwoFactorRequiredError) {
        return redirectTo(ctx.env.publicUrl + pathBefore("/two-factor", request));
      }
      ctx.log.warn({ err: error }, "a navigation ended with an error");
      return onError(error, request, params);
    } finally {
      writeRecords(ctx);
    }
  });
}

/** By which a browser says that nobody has opened the address yet. */
const PURPOSES = ["sec-purpose", "purpose", "x-purpose", "x-moz"];

/** A browser fetches in advance what a person may open next. What works once waits for the person. */
export function isAhead({ headers }: Request): boolean {
  return PURPOSES.some((name) => /\b(prefetch|prerender|preview)\b/i.test(headers.get(name) ?? ""));
}

/** The browser asks again when the person opens the address. */
export function notAhead(): Response {
  return new Response(null, { status: 503, headers: { "cache-control": "no-store" } });
}

/** 303: the browser follows with GET. Never cached, as the target may hold a one-time `state`. */
export function redirectTo(url: string, cookies: readonly string[] = []): Response {
  const headers = new Headers({
    location: url,
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
  });
  for (const cookie of cookies) headers.append("set-cookie", cookie);
  return new Response(null, { status: 303, headers });
}

/** For a page that leads back here. */
function pathBefore(page: "/sign-in" | "/two-factor", request: Request): string {
  const { pathname, searchParams } = new URL(request.url);
  // Another person may sign in: drop the click and the page's person.
  searchParams.delete(clickParameter);
  searchParams.delete(personParameter);
  const search = searchParams.size > 0 ? `?${searchParams}` : "";
  return `${page}?callbackUrl=${encodeURIComponent(pathname + search)}`;
}

/** The code of a failed authorization, as known to the pages. It is part of a URL. */
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
  if (databaseTrouble(error) === "away") return "database_away";
  return "internal";
}

/** Adds the outcome to one of Usher's paths, which may have a query. */
export function withOutcome(path: string, name: string, value: string): string {
  const url = new URL(path, "http://usher.invalid");
  url.searchParams.set(name, value);
  return url.pathname + url.search + url.hash;
}
