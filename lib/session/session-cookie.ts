import { encode } from "next-auth/jwt";
import type { Env } from "@/lib/env";
import { deviceCookie } from "./device-cookie";
import { type SessionContext, sessionLongestMs } from "./session-user";

type CookieEnv = Pick<Env, "nextAuthSecret" | "publicUrl">;

/** next-auth's own name for it. */
export function sessionCookieName({ publicUrl }: Pick<Env, "publicUrl">): string {
  const name = "next-auth.session-token";
  return publicUrl.startsWith("https:") ? `__Secure-${name}` : name;
}

/** What the cookie holds: which session, and nothing of what its person may do. */
export function sessionToken(env: CookieEnv, userId: string, sessionId: string): Promise<string> {
  const token = { sub: userId, sid: sessionId };
  return encode({ token, secret: env.nextAuthSecret, maxAge: sessionLongestMs / 1000 });
}

/** As a Set-Cookie header, like the one that next-auth sends after a password. */
export async function sessionCookie(
  env: CookieEnv,
  userId: string,
  sessionId: string,
): Promise<string> {
  const secure = env.publicUrl.startsWith("https:") ? "; Secure" : "";
  const value = await sessionToken(env, userId, sessionId);
  return `${sessionCookieName(env)}=${value}; Path=/; Max-Age=${sessionLongestMs / 1000}; HttpOnly; SameSite=Lax${secure}`;
}

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
