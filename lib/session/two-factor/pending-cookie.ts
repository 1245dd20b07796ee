import { createHmac, timingSafeEqual } from "node:crypto";
import type { UserRow } from "@/lib/db/user";
import type { Env } from "@/lib/env";

type CookieEnv = Pick<Env, "nextAuthSecret" | "publicUrl">;

/** In s: how long the code may take after the password was right. */
const lifetimeSeconds = 5 * 60;

/** Whose password was right in this browser, and the version of their sessions at that time. */
export interface PendingSignIn {
  userId: string;
  sessionVersion: number;
}

/**
 * As a Set-Cookie header. It is not a session: it only opens the step that asks for the code. The version ends it
 * when the person is disabled, signs out everywhere, or gets another password.
 */
export function pendingCookie(
  env: CookieEnv,
  { id, sessionVersion }: Pick<UserRow, "id" | "sessionVersion">,
  now: Date,
): string {
  const content = `${id}.${sessionVersion}.${Math.floor(now.getTime() / 1000) + lifetimeSeconds}`;
  return setCookie(env, `${content}.${signature(env, content)}`, lifetimeSeconds);
}

export function clearPendingCookie(env: CookieEnv): string {
  return setCookie(env, "", 0);
}

/** Null: missing, forged or too old. */
export function readPendingCookie(
  env: CookieEnv,
  cookies: Readonly<Record<string, string>>,
  now: Date,
): PendingSignIn | null {
  const parts = (cookies[cookieName(env)] ?? "").split(".");
  const [userId = "", version = "", expiresAt = "", given = ""] = parts;
  if (parts.length !== 4) return null;
  const expected = Buffer.from(signature(env, `${userId}.${version}.${expiresAt}`));
  const actual = Buffer.from(given);
  if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) return null;
  if (Number(expiresAt) * 1000 <= now.getTime()) return null;
  return { userId, sessionVersion: Number(version) };
}

function setCookie(env: CookieEnv, value: string, maxAge: number): string {
  const secure = env.publicUrl.startsWith("https:") ? "; Secure" : "";
  return `${cookieName(env)}=${value}; Path=/api/auth; Max-Age=${maxAge}; HttpOnly; SameSite=Strict${secure}`;
}

function cookieName({ publicUrl }: CookieEnv): string {
  return `${publicUrl.startsWith("https:") ? "__Secure-" : ""}usher.two-factor`;
}

function signature(env: CookieEnv, content: string): string {
  const key = createHmac("sha256", env.nextAuthSecret).update("usher/two-factor").digest();
  return createHmac("sha256", key).update(content).digest("base64url");
}
