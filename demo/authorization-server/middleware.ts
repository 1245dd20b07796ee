import type { IncomingMessage } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type Provider from "oidc-provider";
import {
  answerWithFault,
  type EndpointFaults,
  isSpoiling,
  type SpoilingFault,
  sendSlowly,
} from "@/demo/authorization-server/endpoint-faults";
import { DEFAULT_SCOPE } from "@/demo/authorization-server/provider-configuration";
import { readFormAhead } from "@/demo/authorization-server/read-form";
import { type SeenRequest, seenRequest } from "@/demo/authorization-server/request-log";

type Middleware = Parameters<Provider["use"]>[0];
type Context = Parameters<Middleware>[0];

/** Logs each request. Its form, read here, is passed on unread. */
export function requestLog(onRequest: (request: SeenRequest) => void): Middleware {
  return async (context, next) => {
    let parameters = new URLSearchParams(context.querystring);
    if (context.method === "POST" && !context.path.startsWith("/interaction/")) {
      const ahead = await readFormAhead(context.req as IncomingMessage);
      parameters = ahead.form;
      context.req = context.request.req = context.response.req = ahead.request;
    }
    const seen = seenRequest({
      method: context.method,
      path: context.path,
      authorization: context.get("authorization") || undefined,
      parameters,
    });
    onRequest(seen);
    context.state.seen = seen;
    context.res.once("finish", () => {
      seen.status = context.res.statusCode;
    });
    await next();
  };
}

/**
 * FAULT INJECTION, for tests: see {@link EndpointFaults}.
 * @param grantTypes of the affected requests; all of the endpoint's unless given
 */
export function faultInjection(
  path: string,
  faults: EndpointFaults,
  grantTypes: readonly string[] | null = null,
): Middleware {
  return async (context, next) => {
    if (context.path !== path) return next();
    if (grantTypes && !grantTypes.includes(context.state.seen?.parameters.grant_type))
      return next();
    const fault = faults.take();
    if (faults.latencyMs > 0) await delay(faults.latencyMs);
    if (!fault) return next();
    if (isSpoiling(fault)) {
      await next();
      return spoil(fault, context);
    }
    context.respond = false;
    await answerWithFault(fault, context.res);
  };
}

async function spoil(fault: SpoilingFault, context: Context): Promise<void> {
  const answer = context.body as Record<string, unknown>;
  switch (fault.kind) {
    case "lost-answer":
      context.respond = false;
      context.res.socket?.resetAndDestroy();
      return;
    case "slow-answer":
      context.respond = false;
      context.res.writeHead(context.status, { "Content-Type": "application/json" });
      return sendSlowly(context.res, Buffer.from(JSON.stringify(answer)), fault.everyMs ?? 1);
    case "form-encoded":
      context.body = new URLSearchParams(
        Object.entries(answer).map(([name, value]) => [name, String(value)]),
      ).toString();
      context.type = "application/x-www-form-urlencoded";
      return;
    case "expires-in":
      context.body = { ...answer, expires_in: fault.value };
      return;
    case "changed":
      context.body = fault.change(answer);
  }
}

/** Grants the default scope to a request that names none. */
export const defaultScope: Middleware = (context, next) => {
  if (context.path === "/authorize" && !context.query.scope) {
    context.query = { ...context.query, scope: DEFAULT_SCOPE };
  }
  return next();
};

/**
 * Keeps no one signed in: each consent asks again who it is, so that one browser can consent as Ada
 * for one person and as Grace for another.
 */
export const noSession =
  (cookieName: string): Middleware =>
  async (context, next) => {
    const isSession = (cookie: string) => cookie.trim().startsWith(cookieName);
    const { cookie } = context.req.headers;
    if (cookie) {
      context.req.headers.cookie = cookie
        .split(";")
        .filter((one) => !isSession(one))
        .join(";");
    }
    await next();
    const set = context.response.headers["set-cookie"];
    if (Array.isArray(set)) {
      const kept = set.filter((one) => !isSession(one));
      if (kept.length > 0) context.set("Set-Cookie", kept);
      else context.remove("Set-Cookie");
    }
  };
