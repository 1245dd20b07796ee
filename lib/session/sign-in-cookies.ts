import { deviceCookie } from "./device-cookie";
import { sessionCookie } from "./session-cookie";
import type { SessionContext } from "./session-user";

/** What a browser gets with a new session: its cookie, and that of a known device. As Set-Cookie headers. */
export async function signInCookies(
  ctx: Pick<SessionContext, "env" | "now">,
  userId: string,
  sessionId: string,
): Promise<string[]> {
  return [
    await sessionCookie(ctx.env, userId, sessionId),
    deviceCookie(ctx.env, userId, ctx.now()),
  ];
}
