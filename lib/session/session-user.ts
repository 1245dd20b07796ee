import { createHash } from "node:crypto";
import type { Role } from "@/lib/contracts/people/person";
import { twoFactorRequiredCode } from "@/lib/contracts/problem";
import type { Database } from "@/lib/db/client";
import { findOpenSession, recordSessionSeen } from "@/lib/db/session";
import type { Env } from "@/lib/env";
import { ForbiddenError } from "@/lib/errors";
import { ShortLived } from "@/lib/short-lived";
import type { Client } from "./client";

export interface SignedInUser {
  id: string;
  email: string;
  name: string;
  role: Role;
}

/** The person who sends a request, and their session. */
export type SessionUser = SignedInUser & {
  sessionId: string;
  signedInAt: Date;
  /** As in lib/get-started.ts. */
  dismissedGetStarted: boolean;
  /** Until then they may do nothing else (REQUIRE_TWO_FACTOR). */
  mustSetUpTwoFactor: boolean;
};

/** The actor, and their network address if known (lib/session/client.ts). */
export type Actor = SignedInUser & { ipAddress: string | null };

export interface SessionContext {
  db: Database;
  env: Pick<Env, "nextAuthSecret" | "publicUrl" | "requireTwoFactor">;
  now: () => Date;
  sessionClaims: SessionClaims;
}

/**
 * The sender of these cookies, by the database's current state: an ended session, a removed role or a disabled
 * person takes effect from the next request on, at every replica.
 */
export async function sessionUser(
  ctx: SessionContext,
  cookies: Readonly<Record<string, string>>,
): Promise<SessionUser | null> {
  return (await openSession(ctx, cookies))?.user ?? null;
}

/** The caller sets up two-factor authentication, and comes back. */
export class TwoFactorRequiredError extends ForbiddenError {
  static override readonly kind = "TwoFactorRequiredError";
  override readonly code = twoFactorRequiredCode;

  constructor() {
    super("Your team requires two-factor authentication. Reload the page to set it up.");
  }
}

/**
 * The same for a request; also records periodically when and where the session was used. Every route and page
 * gets its person here, so required two-factor authentication is enforced here.
 *
 * @param beforeTwoFactor for what sets it up
 * @throws TwoFactorRequiredError
 */
export async function seeSession(
  ctx: SessionContext & { afterResponse: (work: () => Promise<void>) => void },
  client: Client,
  { beforeTwoFactor = false } = {},
): Promise<SessionUser | null> {
  const found = await openSession(ctx, client.cookies);
  if (!found) return null;
  if (found.user.mustSetUpTwoFactor && !beforeTwoFactor) throw new TwoFactorRequiredError();
  const now = ctx.now();
  if (now.getTime() - found.lastSeenAt.getTime() >= sessionSeenEveryMs) {
    const { ipAddress, userAgent } = client;
    const seen = { lastSeenAt: now, ipAddress, userAgent };
    ctx.afterResponse(() => recordSessionSeen(ctx.db, found.user.sessionId, seen));
  }
  return found.user;
}

async function openSession(ctx: SessionContext, cookies: Readonly<Record<string, string>>) {
  const claims = await ctx.sessionClaims.open(ctx.env, cookies);
  if (!claims) return null;
  const session = await findOpenSession(ctx.db, claims.sid);
  if (!session || session.id !== claims.sub || session.disabledAt !== null) return null;
  if (sessionHasEnded(session, ctx.now())) return null;
  const { id, email, name, role, sessionId, lastSeenAt } = session;
  const dismissedGetStarted = session.getStartedDismissedAt !== null;
  const mustSetUpTwoFactor =
    ctx.env.requireTwoFactor && session.method === "password" && session.twoFactorSince === null;
  const person = { id, email, name, role, dismissedGetStarted, mustSetUpTwoFactor };
  return { user: { ...person, sessionId, signedInAt: session.createdAt }, lastSeenAt };
}

const dayMs = 24 * 60 * 60_000;

/** An unused session ends after this long. */
export const sessionIdleMs = 14 * dayMs;
/**
 * However often it is used, a session ends after this long.
 * @see https://pages.nist.gov/800-63-3/sp800-63b.html#sec4 §4.1.3: at most 30 days
 */
export const sessionLongestMs = 30 * dayMs;
/** How precisely the database knows when a session was last used: the maximum frequency of writes. */
export const sessionSeenEveryMs = 5 * 60_000;

/** For queries: sessions not used since `seenAfter` have ended. */
export function sessionTimes(now: Date): { now: Date; seenAfter: Date } {
  return { now, seenAfter: new Date(now.getTime() - sessionIdleMs) };
}

interface SessionTimes {
  lastSeenAt: Date;
  expiresAt: Date;
}

export function sessionHasEnded({ lastSeenAt, expiresAt }: SessionTimes, now: Date): boolean {
  return expiresAt <= now || now.getTime() - lastSeenAt.getTime() >= sessionIdleMs;
}

/** The content of a session cookie. */
export interface Claims {
  sub: string;
  sid: string;
  /** Seconds since 1970. */
  exp: number;
}

const lifetimeMs = 5 * 60_000;
const mostEntries = 1_000;

/**
 * Opens session cookies. next-auth derives its key again for each; so a cookie's content is cached for
 * some minutes, by the cookie's hash. It says which session it is, never whether that session is still valid or
 * what its person may do, and a cookie that next-auth rejects is not cached.
 */
export class SessionClaims {
  readonly #kept: ShortLived<Claims>;
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#kept = new ShortLived({ lifetimeMs, mostEntries, now });
    this.#now = now;
  }

  /** Null without a session cookie, and with one that is forged or expired. */
  async open(
    env: Pick<Env, "nextAuthSecret" | "publicUrl">,
    cookies: Readonly<Record<string, string>>,
  ): Promise<Claims | null> {
    const { decode, getToken } = await import("next-auth/jwt");
    const cookie = await getToken({
      // next-auth reads only these two of a request.
      req: { cookies, headers: {} } as unknown as Parameters<typeof getToken>[0]["req"],
      secret: env.nextAuthSecret,
      secureCookie: env.publicUrl.startsWith("https:"),
      raw: true,
    });
    if (!cookie) return null;
    const key = createHash("sha256").update(cookie).digest("base64url");
    const kept = this.#kept.get(key);
    if (kept && kept.exp * 1000 > this.#now().getTime()) return kept;
    const ticket = this.#kept.ticket();
    const token = await decode({ token: cookie, secret: env.nextAuthSecret }).catch(() => null);
    // Cookies from before sessions were stored have no `sid`.
    if (!token?.sub || typeof token.sid !== "string" || typeof token.exp !== "number") return null;
    const { sub, sid, exp } = token;
    const claims = { sub, sid, exp };
    this.#kept.put(key, claims, ticket);
    return claims;
  }
}
