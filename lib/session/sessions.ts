import bowser from "bowser";
import type { SessionList, SessionView } from "@/lib/contracts/people/sign-in";
import { by } from "@/lib/db/audit-event";
import { deleteSession, deleteSessionsOf, insertSession, listSessions } from "@/lib/db/session";
import type { UserRow } from "@/lib/db/user";
import { NotFoundError } from "@/lib/errors";
import type { Client } from "./client";
import {
  type Actor,
  type SessionContext,
  type SessionUser,
  sessionLongestMs,
  sessionTimes,
  sessionUser,
} from "./session-user";

export type SignInMethod = "password" | "oidc";

/**
 * Signs this browser in, ending its earlier session. Returns the session's id; null if the person was
 * disabled, or all their sessions were ended, since `user` was read.
 */
export async function startSession(
  ctx: SessionContext,
  user: Pick<UserRow, "id" | "sessionVersion">,
  client: Client,
  method: SignInMethod,
): Promise<string | null> {
  const now = ctx.now();
  const before = await sessionUser(ctx, client.cookies);
  const row = await insertSession(ctx.db, {
    userId: user.id,
    sessionVersion: user.sessionVersion,
    method,
    ipAddress: client.ipAddress,
    userAgent: client.userAgent,
    lastSeenAt: now,
    expiresAt: new Date(now.getTime() + sessionLongestMs),
    createdAt: now,
  });
  if (row && before) {
    const replaced = { userId: before.id, id: before.sessionId };
    await deleteSession(ctx.db, replaced, sessionTimes(now), null);
  }
  return row?.id ?? null;
}

/** The requester's sessions; the current one first, then by last use. */
export async function viewSessions(
  ctx: Pick<SessionContext, "db" | "now">,
  user: SessionUser,
): Promise<SessionList> {
  const now = ctx.now();
  const rows = await listSessions(ctx.db, user.id, sessionTimes(now));
  const sessions = rows.map((row): SessionView => {
    const current = row.id === user.sessionId;
    return {
      id: row.id,
      device: deviceInWords(row.userAgent),
      ipAddress: row.ipAddress,
      method: row.method === "oidc" ? "oidc" : "password",
      createdAt: row.createdAt.toISOString(),
      // The database is updated some minutes later; this session is in use now.
      lastSeenAt: (current ? now : row.lastSeenAt).toISOString(),
      current,
    };
  });
  return { sessions: sessions.toSorted((a, b) => Number(b.current) - Number(a.current)) };
}

/** A browser's description of itself, such as `Firefox on Windows`. It may be forged. */
export function deviceInWords(userAgent: string): string {
  if (userAgent === "") return "Unknown device";
  const { browser, os, platform } = bowser.parse(userAgent);
  const name = browser.name || "Unknown browser";
  const system = systemName(os.name, platform.model);
  return (system === null ? name : `${name} on ${system}`).slice(0, 80);
}

function systemName(name: string | undefined, model: string | undefined): string | null {
  if (name === "iOS") return model ?? "iPhone";
  return name || null;
}

/** Signs this browser out on every replica. Does nothing if it is not signed in. */
export async function endOwnSession(ctx: SessionContext, client: Client): Promise<void> {
  const user = await sessionUser(ctx, client.cookies);
  if (!user) return;
  const { ipAddress } = client;
  const event = { action: "sign-out", ...by({ ...user, ipAddress }) };
  const own = { userId: user.id, id: user.sessionId };
  await deleteSession(ctx.db, own, sessionTimes(ctx.now()), event);
}

/** @throws NotFoundError it has already ended, or is another person's */
export async function endSession(
  ctx: Pick<SessionContext, "db" | "now">,
  user: Actor,
  sessionId: string,
): Promise<void> {
  const event = { action: "session.end", ...by(user), details: { sessions: 1 } };
  const ended = { userId: user.id, id: sessionId };
  if (!(await deleteSession(ctx.db, ended, sessionTimes(ctx.now()), event))) {
    throw new NotFoundError("This session has already ended.");
  }
}

/** Including the current one. */
export async function endAllSessions(ctx: Pick<SessionContext, "db">, user: Actor): Promise<void> {
  await deleteSessionsOf(ctx.db, user.id, (sessions) => ({
    ...{ action: "session.end", details: { sessions } },
    ...by(user),
  }));
}
