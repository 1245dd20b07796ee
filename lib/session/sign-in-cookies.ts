import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { encode } from "next-auth/jwt";
import type { Env } from "@/lib/env";
import { type SessionContext, sessionLongestMs } from "./session-user";

type CookieEnv = Pick<Env, "nextAuthSecret" | "publicUrl">;

/** next-auth's name for it. */
export function sessionCookieName({ publicUrl }: Pick<Env, "publicUrl">): string {
  const name = "next-auth.session-token";
  return publicUrl.startsWith("https:") ? `__Secure-${name}` : name;
}

/** The cookie names the session, and no rights. */
export function sessionToken(env: CookieEnv, userId: string, sessionId: string): Promise<string> {
  const token = { sub: userId, sid: sessionId };
  return encode({ token, secret: env.nextAuthSecret, maxAge: sessionLongestMs / 1000 });
}

/** As a Set-Cookie header, like next-auth's after a password. */
export async function sessionCookie(
  env: CookieEnv,
  userId: string,
  sessionId: string,
): Promise<string> {
  const secure = env.publicUrl.startsWith("https:") ? "; Secure" : "";
  const value = await sessionToken(env, userId, sessionId);
  return `${sessionCookieName(env)}=${value}; Path=/; Max-Age=${sessionLongestMs / 1000}; HttpOnly; SameSite=Lax${secure}`;
}

/** The Set-Cookie headers of a new session: its cookie and the device cookie. */
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

/** Browsers keep a cookie for at most 400 days. */
const lifetimeSeconds = 400 * 24 * 60 * 60;

type DeviceEnv = Pick<Env, "nextAuthSecret" | "publicUrl">;

/**
 * A browser in which this account has signed in before. It grants nothing: it only keeps strangers' failures
 * from counting against its owner, and its own failures are counted by its id.
 * @see https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies
 */
export interface KnownDevice {
  id: string;
}

/** As a Set-Cookie header. Each sign-in creates a new one. */
export function deviceCookie(env: DeviceEnv, userId: string, now: Date): string {
  const content = `${randomBytes(16).toString("base64url")}.${Math.floor(now.getTime() / 1000)}`;
  const value = `${content}.${signature(env, userId, content)}`;
  const secure = env.publicUrl.startsWith("https:") ? "; Secure" : "";
  return `${cookieName(env, userId)}=${value}; Path=/api/auth; Max-Age=${lifetimeSeconds}; HttpOnly; SameSite=Lax${secure}`;
}

/** Null: missing, forged, expired or another account's. */
export function readDeviceCookie(
  env: DeviceEnv,
  cookies: Readonly<Record<string, string>>,
  userId: string,
  now: Date,
): KnownDevice | null {
  const [id = "", issuedAt = "", given = "", ...rest] = (
    cookies[cookieName(env, userId)] ?? ""
  ).split(".");
  if (rest.length > 0 || !/^\d{1,12}$/.test(issuedAt)) return null;
  const expected = Buffer.from(signature(env, userId, `${id}.${issuedAt}`));
  const actual = Buffer.from(given);
  if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) return null;
  const ageSeconds = now.getTime() / 1000 - Number(issuedAt);
  return ageSeconds < lifetimeSeconds ? { id } : null;
}

/** One for each account, so that people who share a browser keep theirs. */
function cookieName({ publicUrl }: DeviceEnv, userId: string): string {
  const account = createHash("sha256").update(userId).digest("hex").slice(0, 12);
  return `${publicUrl.startsWith("https:") ? "__Secure-" : ""}usher.device.${account}`;
}

function signature(env: DeviceEnv, userId: string, content: string): string {
  const key = createHmac("sha256", env.nextAuthSecret).update("usher/device").digest();
  return createHmac("sha256", key).update(`${userId}.${content}`).digest("base64url");
}
