import type { NextAuthOptions } from "next-auth";
import CredentialsProvider from "next-auth/providers/credentials";
import { RateLimitedError } from "@/lib/errors";
import { parseUrl } from "@/lib/parse-url";
import type { Client } from "./client";
import { type SessionContext, sessionLongestMs } from "./session-user";
import { endOwnSession, startSession } from "./sessions";
import { CodeRequiredError, signInWithPassword } from "./sign-in";
import { deviceCookie } from "./sign-in-cookies";
import { pendingCookie } from "./two-factor/pending-cookie";

/** What next-auth leaves to its route. */
export interface SignInResult {
  /** Set-Cookie headers to send in addition to next-auth's. */
  cookies: string[];
  /** Why the session could not be ended; next-auth would clear the cookie regardless. */
  signOutFailure: unknown;
}

/** next-auth's part: signing in by password, signing out, and the cookie that names the session. */
export function authOptions(
  ctx: SessionContext,
  client: Client,
  result: SignInResult,
): NextAuthOptions {
  const { env } = ctx;
  return {
    secret: env.nextAuthSecret,
    session: { strategy: "jwt", maxAge: sessionLongestMs / 1000 },
    pages: { signIn: "/sign-in", error: "/sign-in", signOut: "/sign-in" },
    useSecureCookies: env.publicUrl.startsWith("https:"),
    providers: [
      CredentialsProvider({
        name: "Email",
        credentials: { email: { type: "email" }, password: { type: "password" } },
        async authorize(credentials) {
          try {
            const user = await signInWithPassword(ctx, {
              email: credentials?.email ?? "",
              password: (credentials?.password ?? "").slice(0, 200),
              ipAddress: client.ipAddress,
              cookies: client.cookies,
            });
            const sid = user && (await startSession(ctx, user, client, "password"));
            if (!user || !sid) return null;
            result.cookies.push(deviceCookie(env, user.id, ctx.now()));
            return { id: user.id, sid };
          } catch (error) {
            // next-auth puts a thrown message into the sign-in page's URL, so these are codes.
            if (error instanceof CodeRequiredError) {
              result.cookies.push(pendingCookie(env, error.user, ctx.now()));
              throw new Error("CodeRequired");
            }
            if (error instanceof RateLimitedError) throw new Error("RateLimited");
            throw error;
          }
        },
      }),
    ],
    callbacks: {
      jwt: ({ token, user }) => (user ? { sub: user.id, sid: sidOf(user) } : token),
      redirect({ url, baseUrl }) {
        const target = parseUrl(url, baseUrl);
        return target?.origin === new URL(baseUrl).origin ? target.href : baseUrl;
      },
    },
    events: {
      signOut: async () => {
        try {
          await endOwnSession(ctx, client);
        } catch (error) {
          result.signOutFailure = error;
        }
      },
    },
  };
}

function sidOf(user: object): unknown {
  return "sid" in user ? user.sid : undefined;
}
