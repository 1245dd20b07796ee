import type { SessionList, SessionView } from "@/lib/contracts/people/sign-in";
import { listSessions } from "@/lib/db/session";
import { deviceInWords } from "./device-in-words";
import { sessionIdleMs } from "./session-lifetime";
import type { SessionContext, SessionUser } from "./session-user";

/** The sessions of whoever asks; theirs first, then the one used last. */
export async function viewSessions(
  ctx: Pick<SessionContext, "db" | "now">,
  user: SessionUser,
): Promise<SessionList> {
  const now = ctx.now();
  const seenAfter = new Date(now.getTime() - sessionIdleMs);
  const rows = await listSessions(ctx.db, user.id, { now, seenAfter });
  const sessions = rows.map((row): SessionView => {
    const current = row.id === user.sessionId;
    return {
      id: row.id,
      device: deviceInWords(row.userAgent),
      ipAddress: row.ipAddress,
      method: row.method === "oidc" ? "oidc" : "password",
      createdAt: row.createdAt.toISOString(),
      // The database hears of each use some minutes later; this one is in use now.
      lastSeenAt: (current ? now : row.lastSeenAt).toISOString(),
      current,
    };
  });
  return { sessions: sessions.toSorted((a, b) => Number(b.current) - Number(a.current)) };
}
