import { createHash } from "node:crypto";
import { decode, getToken } from "next-auth/jwt";
import type { Env } from "@/lib/env";
import { ShortLived } from "@/lib/short-lived";

/** What a session cookie says: who signed in, and which session it is. */
export interface Claims {
  sub: string;
  sid: string;
  /** Seconds since 1970. */
  exp: number;
}

const lifetimeMs = 5 * 60_000;
const mostEntries = 1_000;

/**
 * Opens session cookies. next-auth derives its key anew for each; so what a cookie said is kept for
 * some minutes, by the cookie's hash. It says which session asks, never whether that session goes on or
 * what its person may do, and one that next-auth refuses is not kept.
 */
export class SessionClaims {
  readonly #kept: ShortLived<Claims>;
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#kept = new ShortLived({ lifetimeMs, mostEntries, now });
    this.#now = now;
  }

  /** Null without a session cookie, and with one that is forged or out of date. */
  async open(
    env: Pick<Env, "nextAuthSecret" | "publicUrl">,
    cookies: Readonly<Record<string, string>>,
  ): Promise<Claims | null> {
    const cookie = await getToken({
      // next-auth reads these two of a request and no more.
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
    // Cookies from before sessions were stored name none.
    if (!token?.sub || typeof token.sid !== "string" || typeof token.exp !== "number") return null;
    const { sub, sid, exp } = token;
    const claims = { sub, sid, exp };
    this.#kept.put(key, claims, ticket);
    return claims;
  }
}
