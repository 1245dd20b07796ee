import type { NextAuthOptions } from "next-auth";
import CredentialsProvider from "next-auth/providers/credentials";
import type { Database } from "@/lib/db/client";
import type { Env } from "@/lib/env";
import { RateLimitedError } from "@/lib/errors";
import { parseUrl } from "@/lib/parse-url";
import { signInWithOidc, signInWithPassword } from "./sign-in";

/** Days after which a person signs in again. */
const sessionDays = 14;

interface OidcProfile {
  sub: string;
  email?: string;
  email_verified?: boolean;
  name?: string;
  preferred_username?: string;
}

/** next-auth's part: it checks who signs in and keeps the signed cookie. What they may do is asked of the database at each request. */
export function authOptions(
  ctx: { db: Database; now: () => Date; env: Env },
  ipAddress: string | null,
): NextAuthOptions {
  const { env } = ctx;
  return {
    secret: env.nextAuthSecret,
    session: { strategy: "jwt", maxAge: sessionDays * 24 * 60 * 60 },
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
              ipAddress,
            });
            return user && { id: user.id, email: user.email, sessionVersion: user.sessionVersion };
          } catch (error) {
            // next-auth puts a thrown message into the sign-in page's URL: a code, not a text.
            if (error instanceof RateLimitedError) throw new Error("RateLimited");
            throw error;
          }
        },
      }),
      ...(env.oidc
        ? [
            {
              id: "oidc",
              name: env.oidc.name,
              type: "oauth" as const,
              wellKnown: `${env.oidc.issuer.replace(/\/$/, "")}/.well-known/openid-configuration`,
              clientId: env.oidc.clientId,
              clientSecret: env.oidc.clientSecret,
              authorization: { params: { scope: "openid email profile" } },
              checks: ["pkce" as const, "state" as const, "nonce" as const],
              idToken: true,
              profile: (profile: OidcProfile) => ({
                id: profile.sub,
                email: profile.email ?? null,
              }),
            },
          ]
        : []),
    ],
    callbacks: {
      async signIn({ account, profile, user }) {
        if (account?.provider !== "oidc") return true;
        const claims = profile as OidcProfile | undefined;
        if (!claims?.email) return "/sign-in?error=NoEmail";
        const row = await signInWithOidc(ctx, {
          email: claims.email,
          name: claims.name ?? claims.preferred_username ?? "",
          emailVerified: claims.email_verified,
          ipAddress,
        });
        if (!row) return "/sign-in?error=AccessDenied";
        Object.assign(user, { id: row.id, sessionVersion: row.sessionVersion });
        return true;
      },
      jwt({ token, user }) {
        if (!user) return token;
        const { sessionVersion } = user as { sessionVersion?: number };
        return { sub: user.id, email: user.email, sessionVersion };
      },
      redirect({ url, baseUrl }) {
        const target = parseUrl(url, baseUrl);
        return target?.origin === new URL(baseUrl).origin ? target.href : baseUrl;
      },
    },
  };
}
