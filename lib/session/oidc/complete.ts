import type { OidcStart, SignInFailure } from "@/lib/contracts/people/sign-in";
import type { Env } from "@/lib/env";
import type { Log } from "@/lib/log";
import type { Client } from "@/lib/session/client";
import type { SessionContext } from "@/lib/session/session-user";
import { startSession } from "@/lib/session/sessions";
import { signInCookies } from "@/lib/session/sign-in-cookies";
import { OidcFailure } from "./failure";
import { clearFlowCookie, flowCookie, type OidcFlow, readFlow } from "./flow";
import type { GroupsContext } from "./groups";
import { type KeepContext, keepTokens } from "./kept-tokens";
import type { IdentityProvider } from "./late-provider";
import { linkOidcIdentity } from "./link";
import { signInWithOidc } from "./sign-in";

/** The next page, at the provider or with a failure, and the flow's cookie. */
export async function beginOidc(
  ctx: OidcContext,
  flow: Pick<OidcFlow, "returnTo" | "link">,
): Promise<OidcStart & { cookies: string[] }> {
  try {
    if (!ctx.oidc) throw new OidcFailure("OidcOff");
    const begun = await ctx.oidc.begin(flow);
    return { url: begun.url, cookies: [await flowCookie(ctx.env, begun.flow)] };
  } catch (error) {
    if (!(error instanceof OidcFailure)) throw error;
    return { url: failurePath(logged(ctx.log, error), flow), cookies: [] };
  }
}

export interface OidcContext extends SessionContext {
  env: SessionContext["env"] & Pick<Env, "oidc">;
  log: Log;
  oidc: IdentityProvider | null;
}

/** A page of Usher and its Set-Cookie headers. */
interface Destination {
  path: string;
  cookies: string[];
}

/** Handles any response from the identity provider; the page says what happened. */
export async function completeOidc(
  ctx: OidcContext & GroupsContext & KeepContext,
  client: Client,
  callback: URLSearchParams,
): Promise<Destination> {
  const state = callback.get("state") ?? "";
  const flow = await readFlow(ctx.env, client.cookies, state);
  if (!flow) return { path: failurePath("OidcExpired", null), cookies: [] };
  const cleared = clearFlowCookie(ctx.env, state);
  try {
    const { path, cookies } = await finish(ctx, client, callback, flow);
    return { path, cookies: [...cookies, cleared] };
  } catch (error) {
    if (!(error instanceof OidcFailure)) throw error;
    return { path: failurePath(logged(ctx.log, error), flow), cookies: [cleared] };
  }
}

/** The provider's and network's texts are only for the log. */
export function logged(log: Log, failure: OidcFailure): SignInFailure {
  const { reason, cause } = failure;
  log.warn({ reason, err: cause }, "a sign-in by OpenID Connect came to nothing");
  return reason;
}

/** Where the person reads the reason and may try again. */
export function failurePath(
  reason: SignInFailure,
  flow: Pick<OidcFlow, "returnTo" | "link"> | null,
): string {
  if (flow?.link) return `${flow.returnTo}?${new URLSearchParams({ link_error: reason })}`;
  const query = { error: reason, ...(flow ? { callbackUrl: flow.returnTo } : {}) };
  return `/sign-in?${new URLSearchParams(query)}`;
}

async function finish(
  ctx: OidcContext & GroupsContext & KeepContext,
  client: Client,
  callback: URLSearchParams,
  flow: OidcFlow,
): Promise<Destination> {
  if (!ctx.oidc) throw new OidcFailure("OidcOff");
  const { profile, tokens } = await ctx.oidc.identify(callback, flow);
  if (flow.link) {
    await linkOidcIdentity(ctx, flow.link, profile, client);
    await keepTokens(ctx, flow.link, profile, tokens);
    return { path: `${flow.returnTo}?linked=1`, cookies: [] };
  }
  const user = await signInWithOidc(ctx, profile, client.ipAddress);
  const sessionId = await startSession(ctx, user, client, "oidc");
  if (!sessionId) throw new OidcFailure("AccountDisabled");
  await keepTokens(ctx, { userId: user.id, sessionId }, profile, tokens);
  return { path: flow.returnTo, cookies: await signInCookies(ctx, user.id, sessionId) };
}
