import { createHash, timingSafeEqual } from "node:crypto";
import type { AppContext } from "@/lib/app/context";
import { app, writeRecords } from "@/lib/app/current";
import { personHeader, personParameter } from "@/lib/contracts/problem";
import { ForbiddenError, OtherPersonError, TryLaterError } from "@/lib/errors";
import { decodedPart } from "@/lib/parse-url";
import {
  bearerChallenge,
  bearerToken,
  type Caller,
  checkPermission,
  limitCaller,
  seeCaller,
} from "@/lib/session/caller";
import { clientAddress } from "@/lib/session/client";
import type { Permission, SignedInPermission } from "@/lib/session/permissions";
import type { Actor, SessionUser, SignedInUser } from "@/lib/session/session-user";
import { errorResponse } from "./error-response";
import { checkAddress } from "./read-input";

export interface Handled<Params, User = Actor & Caller> {
  app: AppContext;
  request: Request;
  params: Params;
  user: User;
  ipAddress: string | null;
}

type Respond<Params> = (request: Request, context: RouteContext<Params>) => Promise<Response>;
/** Names the permission it requires, so that the API's document can be compared with it. */
type Route<Params> = Respond<Params> & { readonly permission: Permission };

type RouteContext<Params> = { params: Promise<Params> };

interface PublicRoute {
  /** For platforms, which ask every few seconds: it reports the process's state, and is logged at debug. */
  answersBeforeStart?: boolean;
}

/** What becomes known about a request, for its line in the log. */
interface SeenRequest {
  id: string;
  userId: string | null;
  forAdmin: boolean;
  /** The key it came with, for each event that it leaves in the audit. */
  apiKey: { id: string; label: string } | null;
}

const requestIdHeader = "x-request-id";

/**
 * Gives a request its id, which is on its response and on each line logged for it, and logs it once. An id
 * from a proxy in front is kept if it is well-formed.
 */
export function answering<Params>(
  respond: (
    ctx: AppContext,
    request: Request,
    params: Params,
    seen: SeenRequest,
  ) => Promise<Response>,
  { answersBeforeStart = false }: PublicRoute = {},
) {
  return async (request: Request, context: RouteContext<Params>): Promise<Response> => {
    const ctx = app();
    const params = await context.params;
    const given = request.headers.get(requestIdHeader) ?? "";
    const id = /^[\w.-]{8,64}$/.test(given) ? given : crypto.randomUUID();
    const seen: SeenRequest = { id, userId: null, forAdmin: false, apiKey: null };
    const startedAt = performance.now();
    return ctx.requests.run(seen, async () => {
      const { method } = request;
      const route = routeOf(new URL(request.url).pathname, params);
      const answer = () => respond(ctx, request, params, seen);
      const traced = ctx.telemetry.on;
      const response = await (traced?.continueTrace(request.headers, () =>
        traced.span(`${method} ${route}`, { requestId: id }, answer),
      ) ?? answer());
      response.headers.set(requestIdHeader, id);
      const { userId } = seen;
      const apiKey = seen.apiKey ? { apiKeyId: seen.apiKey.id } : {};
      const { status } = response;
      const ms = Math.round(performance.now() - startedAt);
      ctx.log[answersBeforeStart ? "debug" : "info"](
        { method, route, userId, ...apiKey, status, ms },
        "request",
      );
      const labels = { method, route, status: `${status}` };
      ctx.telemetry.on?.count("usher_http_requests_total", labels);
      ctx.telemetry.on?.time("usher_http_request_duration_seconds", ms, { route });
      return response;
    });
  };
}

/** A route's pattern, such as `/api/people/[userId]`: paths contain ids, and queries may contain secrets. */
function routeOf(pathname: string, params: unknown): string {
  const segments = pathname.split("/");
  for (const [name, value] of Object.entries((params ?? {}) as object)) {
    const at = segments.findLastIndex((segment) => (decodedPart(segment) ?? segment) === value);
    if (at >= 0) segments[at] = `[${name}]`;
  }
  return segments.join("/");
}

/**
 * One route handler: origin → caller → limit → permission → `action`, whose result is the answer (a
 * Response unchanged, undefined as 204, anything else as JSON). Errors go through one map. A browser never adds a
 * key to a request automatically, so a request with one needs no origin.
 */
export function handle<Params = Record<string, never>>(
  permission: SignedInPermission,
  action: (input: Handled<Params, Actor & SessionUser>) => Promise<unknown>,
): Route<Params>;
export function handle<Params = Record<string, never>>(
  permission: Permission,
  action: (input: Handled<Params>) => Promise<unknown>,
): Route<Params>;
export function handle<Params>(
  permission: Permission,
  action: (input: Handled<Params, never>) => Promise<unknown>,
): Route<Params> {
  const respond = answering<Params>(async (ctx, request, params, seen) => {
    try {
      checkStarted(ctx);
      if (bearerToken(request) === null) checkOrigin(request, ctx.env.publicUrl);
      const user = await seeCaller(ctx, request, permission);
      seen.userId = user.id;
      seen.forAdmin = user.role === "ADMIN";
      seen.apiKey = user.apiKey;
      checkPerson(request, user);
      await limitCaller(ctx, user, isChange(request));
      checkPermission(user, permission, request.method);
      checkAddress(request, params);
      const ipAddress = clientAddress(request.headers);
      // For a permission that no key has, it is a session's: `checkPermission` refused everything else.
      const actor = { ...user, ipAddress } as never;
      return answer(await action({ app: ctx, request, params, user: actor, ipAddress }));
    } catch (error) {
      return refusal(ctx, error, request, seen);
    } finally {
      writeRecords(ctx);
    }
  });
  return Object.assign(respond, { permission });
}

function refusal(
  { log }: AppContext,
  error: unknown,
  request: Request,
  { id, forAdmin }: SeenRequest,
): Response {
  const challenge = bearerChallenge(error, request);
  const headers = {
    [requestIdHeader]: id,
    ...(challenge === null ? {} : { "www-authenticate": challenge }),
  };
  return errorResponse(error, log, headers, { forAdmin });
}

/** A public route, marked as such: nothing is public by omission. */
export function handlePublic<Params = Record<string, never>>(
  action: (input: Omit<Handled<Params>, "user">) => Promise<unknown>,
  options: PublicRoute = {},
) {
  return answering<Params>(async (ctx, request, params, seen) => {
    try {
      if (!options.answersBeforeStart) checkStarted(ctx);
      checkOrigin(request, ctx.env.publicUrl);
      checkAddress(request, params);
      const ipAddress = clientAddress(request.headers);
      return answer(await action({ app: ctx, request, params, ipAddress }));
    } catch (error) {
      return errorResponse(error, ctx.log, { [requestIdHeader]: seen.id });
    } finally {
      writeRecords(ctx);
    }
  }, options);
}

/** Nothing is read or sealed before the key was compared with the database. */
export function checkStarted({ startup }: Pick<AppContext, "startup">): void {
  if (startup.isDone) return;
  const words = ["Usher is starting.", startup.waitsFor, "Try again in a moment."];
  throw new TryLaterError(words.filter(Boolean).join(" "), { retryAfterMs: 2000 });
}

/** Whether a request has this bearer token. Hashed first, so that not even the length can be measured. */
export function isBearer(request: Request, secret: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  const given = request.headers.get("authorization") ?? "";
  return timingSafeEqual(digest(given), digest(`Bearer ${secret}`));
}

function isChange({ method }: Request): boolean {
  return method !== "GET" && method !== "HEAD";
}

/** Against cross-site request forgery: changes are accepted only from Usher's own pages. */
function checkOrigin(request: Request, publicUrl: string): void {
  if (!isChange(request)) return;
  const origin = request.headers.get("origin");
  if (origin === publicUrl) return;
  const isLost = origin === null && request.headers.get("sec-fetch-site") === "same-origin";
  throw new ForbiddenError(
    isLost
      ? "A proxy in front of Usher removes the Origin header, by which Usher knows its own pages. Ask an admin to have the proxy pass it on."
      : `This request did not come from Usher's own pages. Open Usher at ${publicUrl} and try again.`,
  );
}

function answer(result: unknown): Response {
  if (result instanceof Response) return result;
  const headers = { "cache-control": "no-store" };
  if (result === undefined) return new Response(null, { status: 204, headers });
  return Response.json(result, { headers });
}

/**
 * Two people may use one browser, and it has one session. One person's page does nothing in the other's
 * name: its requests say who it belongs to. A request that does not say is judged only by its session.
 * @throws OtherPersonError
 */
export function checkPerson(request: Request, user: SignedInUser): void {
  const inLink = new URL(request.url).searchParams.get(personParameter);
  for (const person of [request.headers.get(personHeader), inLink]) {
    if (person !== null && person !== user.id) {
      throw new OtherPersonError(`You are signed in as ${user.email}.`);
    }
  }
}
