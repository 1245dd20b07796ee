import { type AppContext, app, flushRecords } from "@/lib/app";
import { type Permission, permits } from "@/lib/authorization/permissions";
import { ForbiddenError, NotSignedInError } from "@/lib/errors";
import { clientOf } from "@/lib/session/client";
import { changesPerUser, enforceRateLimit } from "@/lib/session/rate-limit";
import { type Actor, type SessionUser, seeSession } from "@/lib/session/session-user";
import { checkPerson } from "./check-person";
import { clientAddress } from "./client-address";
import { errorResponse } from "./error-response";
import { checkAddress } from "./storable";

export interface Handled<Params> {
  app: AppContext;
  request: Request;
  params: Params;
  user: Actor & SessionUser;
  ipAddress: string | null;
}

type RouteContext<Params> = { params: Promise<Params> };

/**
 * One route handler: origin → session → permission → limit → `action`, whose result is the answer (a
 * Response as it is, undefined as 204, anything else as JSON). Errors go through one map.
 */
export function handle<Params = Record<string, never>>(
  permission: Permission,
  action: (input: Handled<Params>) => Promise<unknown>,
) {
  return async (request: Request, context: RouteContext<Params>): Promise<Response> => {
    const ctx = app();
    try {
      checkOrigin(request, ctx.env.publicUrl);
      const user = await seeSession(ctx, clientOf(request));
      if (!user) throw new NotSignedInError();
      checkPerson(request, user);
      if (!permits(user.role, permission)) {
        throw new ForbiddenError("Your role does not allow this. Ask an admin.");
      }
      if (isChange(request)) await enforceRateLimit(ctx, changesPerUser, user.id);
      const params = await context.params;
      checkAddress(request, params);
      const ipAddress = clientAddress(request.headers);
      const actor = { ...user, ipAddress };
      return answer(await action({ app: ctx, request, params, user: actor, ipAddress }));
    } catch (error) {
      return errorResponse(error, ctx.log);
    } finally {
      writeRecords(ctx);
    }
  };
}

/** A route for people who are not signed in. It says so itself; nothing is public by omission. */
export function handlePublic<Params = Record<string, never>>(
  action: (input: Omit<Handled<Params>, "user">) => Promise<unknown>,
) {
  return async (request: Request, context: RouteContext<Params>): Promise<Response> => {
    const ctx = app();
    try {
      checkOrigin(request, ctx.env.publicUrl);
      const params = await context.params;
      checkAddress(request, params);
      const ipAddress = clientAddress(request.headers);
      return answer(await action({ app: ctx, request, params, ipAddress }));
    } catch (error) {
      return errorResponse(error, ctx.log);
    } finally {
      writeRecords(ctx);
    }
  };
}

/** What was recorded of this request is written once it is answered; where that platform then rests, at once. */
export function writeRecords(ctx: AppContext): void {
  if (!ctx.flows.isEmpty() || !ctx.toolCalls.isEmpty()) {
    ctx.afterResponse(() => flushRecords(ctx));
  }
}

function isChange({ method }: Request): boolean {
  return method !== "GET" && method !== "HEAD";
}

/** Cross-site request forgery: a change is accepted from our own pages only. */
function checkOrigin(request: Request, publicUrl: string): void {
  if (!isChange(request)) return;
  if (request.headers.get("origin") === publicUrl) return;
  throw new ForbiddenError(
    "This request did not come from Usher's own pages. Open Usher at its public URL and try again.",
  );
}

function answer(result: unknown): Response {
  if (result instanceof Response) return result;
  const headers = { "cache-control": "no-store" };
  if (result === undefined) return new Response(null, { status: 204, headers });
  return Response.json(result, { headers });
}
