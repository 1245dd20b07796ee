import type { Role } from "@/lib/contracts/people/person";
import type { Database } from "@/lib/db/client";
import { findOpenSession, recordSessionSeen } from "@/lib/db/session";
import type { Env } from "@/lib/env";
import type { Client } from "./client";
import type { SessionClaims } from "./session-claims";

export interface SignedInUser {
  id: string;
  email: string;
  name: string;
  role: Role;
}

/** Whoever sends a request, and by which of their sessions. */
export type SessionUser = SignedInUser & { sessionId: string };

/** Who did something, and from where, as far as that is known (lib/session/client.ts). */
export type Actor = SignedInUser & { ipAddress: string | null };

export interface SessionContext {
  db: Database;
  env: Pick<Env, "nextAuthSecret" | "publicUrl">;
  now: () => Date;
  sessionClaims: SessionClaims;
}

/**
 * Who sends these cookies, as the database has them now: a session ended, a role taken away or a person
 * disabled counts from the next request on, at every replica.
 */
export async function sessionUser(
  ctx: SessionContext,
  cookies: Readonly<Record<string, string>>,
): Promise<SessionUser | null> {
  return (await openSession(ctx, cookies))?.user ?? null;
}

/** The same, of a request; notes now and then when and where the session was last used. */
export async function seeSession(
  ctx: SessionContext & { afterResponse: (work: () => Promise<void>) => void },
  client: Client,
): Promise<SessionUser | null> {
  const found = await openSession(ctx, client.cookies);
  if (!found) return null;
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
  return { user: { id, email, name, role, sessionId }, lastSeenAt };
}

const dayMs = 24 * 60 * 60_000;

/** Without a request a session ends after this long. */
export const sessionIdleMs = 14 * dayMs;
/**
 * However often it is used, a session ends after this long.
 * @see https://pages.nist.gov/800-63-3/sp800-63b.html#sec4 §4.1.3: at most 30 days
 */
export const sessionLongestMs = 30 * dayMs;
/** How precisely the database knows when a session was last used: it is written this often at most. */
export const sessionSeenEveryMs = 5 * 60_000;

interface SessionTimes {
  lastSeenAt: Date;
  expiresAt: Date;
}

export function sessionHasEnded({ lastSeenAt, expiresAt }: SessionTimes, now: Date): boolean {
  return expiresAt <= now || now.getTime() - lastSeenAt.getTime() >= sessionIdleMs;
}
